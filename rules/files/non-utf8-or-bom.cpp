// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::non_utf8_or_bom {

static void check_problem(const Problem& problem, Context& context) {
  auto& finding = context.report(problem.span, problem.message);
  switch (problem.kind) {
    case Problem::Kind::byte_order_mark:
      finding.help =
          "Save the file as UTF-8 without a byte order mark. The server takes the mark for a part of the first word.";
      finding.fix = Fix{"Remove the byte order mark", Fix::Safety::safe, {{problem.span, ""}}};
      break;
    case Problem::Kind::nul_byte:
      finding.help =
          "Remove the NUL byte: PostgreSQL reads no further than that. If the file is UTF-16, save it as UTF-8.";
      break;
    default:
      finding.help = "Save the file as UTF-8. The server refuses these bytes, or takes them for other characters.";
  }
}

Rule rule() {
  using namespace std::string_view_literals;
  return {
      .info = {.id = "non-utf8-or-bom",
               .title = "A file that is not plain UTF-8",
               .category = Category::files,
               .severity = Severity::error,
               .why = R"(
Three kinds of bytes make a file mean something else than what it shows:

* A byte order mark at the beginning. psql skips it, most other clients send it, and then the first statement fails with a
  syntax error on all versions.
* A NUL byte. The protocol ends a query there, so whatever stands behind it is silently not run.
* Bytes that are no UTF-8, such as Latin-1 text. The server refuses them in a UTF-8 database, or stores other characters
  than those that were meant.)",
               .instead =
                   "Save the file as UTF-8 without a byte order mark. `iconv -f LATIN1 -t UTF-8` converts older files.",
               .since = "0.1.0",
               .applies_to_down = true,
               .bad = {{.sql = "\xEF\xBB\xBF"
                               "SELECT 1;"},
                       {.sql = "SELECT 1;\0DROP TABLE orders;"sv},
                       {.sql = "INSERT INTO cities VALUES ('M\xFCnchen');"}},
               .good = {{.sql = "INSERT INTO cities VALUES ('M\xC3\xBCnchen');"}, {.sql = "SELECT '\xE2\x82\xAC';"}}},
      .check_problem = check_problem};
}

}  // namespace pgrehearse::rules::non_utf8_or_bom
