// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"

namespace pgrehearse::rules::unresolved_merge_marker {
namespace {

constexpr std::string_view open = "<<<<<<<", close = ">>>>>>>";

/// The first line that is such a mark: in its first column, with a blank, the name of a branch or nothing behind it.
Span first_mark(std::string_view text, std::string_view mark) {
  for (size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) {
    if (at > 0 && text[at - 1] != '\n') continue;
    size_t after = at + mark.size();
    if (after < text.size() && text[after] != ' ' && text[after] != '\n' && text[after] != '\r') continue;
    size_t end = std::min(text.find_first_of("\r\n", after), text.size());
    return {static_cast<uint32_t>(at), static_cast<uint32_t>(end)};
  }
  return {};
}

}  // namespace

static void check_text(const SourceFile& file, Context& context) {
  Span mark = first_mark(file.text(), open);
  if (mark.empty()) mark = first_mark(file.text(), close);
  if (mark.empty()) return;
  context.report(mark, "git left this mark of a merge: two versions of what follows stand in the file").help =
      "Decide what the file shall hold, and remove the marks and what is not wanted.";
}

Rule rule() {
  return {
      .info = {.id = "unresolved-merge-marker",
               .title = "A mark that git left of a merge",
               .category = Category::files,
               .severity = Severity::error,
               .why = R"(
Git could not merge the file and wrote both versions into it, between lines of `<<<<<<<`, `=======` and `>>>>>>>`. PostgreSQL refuses
them mostly (SQLSTATE 42601); in a file without a transaction what stands above is applied by then. Inside of a comment, of a
string or of a function's body between dollars nothing fails: both versions go live as text, or the body fails when it runs.

The rule speaks once a file.)",
               .instead = R"(Decide what the file shall hold. `git diff --check` finds such marks before a commit.)",
               .since = "0.1.0",
               .applies_to_down = true,
               .fails_for_certain = true,
               .bad = {{.sql =
                            "CREATE TABLE orders (\n<<<<<<< HEAD\n  id bigint\n=======\n  id uuid\n>>>>>>> other\n);",
                        .sqlstate = "42601"},
                       {.sql = "COMMENT ON SCHEMA public IS '\n<<<<<<< HEAD\nshop\n=======\nstore\n>>>>>>> other\n';"},
                       {.sql = "SELECT 1;\n>>>>>>> 1f2e3d4 (prices)\nSELECT 2;", .sqlstate = "42601"}},
               .good = {{.sql = "-- <<<<<<< the old prices >>>>>>>\nSELECT 1;\n-- =======\n"},
                        {.sql = "/*\n=======\nPrices\n=======\n*/\nSELECT 1;"},
                        {.sql = "INSERT INTO log (line) VALUES ('\n<<<<<<<< eight\n <<<<<<< indented\n');"}}},
      .check_text = check_text};
}

}  // namespace pgrehearse::rules::unresolved_merge_marker
