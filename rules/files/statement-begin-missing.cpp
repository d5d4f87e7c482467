// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::statement_begin_missing {
namespace {

constexpr std::string_view begin_mark = "+goose StatementBegin", end_mark = "+goose StatementEnd";

/// A line inside the statement ends with a semicolon.
bool is_cut(std::string_view text) {
  for (size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
    size_t last = text.find_last_not_of(" \t\r", at ? at - 1 : 0);
    if (last != text.npos && last < at && text[last] == ';') return true;
  }
  return false;
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  if (statement.origin != Origin::top_level || context.part().expansion) return;
  std::string_view text = statement.span.in(statement.source);
  if (!is_cut(text)) return;
  std::string_view before = statement.source.substr(0, statement.span.begin);
  size_t begun = before.rfind(begin_mark), ended = before.rfind(end_mark);
  if (begun != before.npos && (ended == before.npos || ended < begun)) return;
  auto& finding =
      context.report(statement.token_at(-1), "goose cuts this statement at the first line that ends with a semicolon");
  finding.help = "Write -- +goose StatementBegin on a line before it and -- +goose StatementEnd on a line after it.";
  uint32_t end = statement.span.end;
  if (end < statement.source.size() && statement.source[end] == ';') ++end;
  finding.fix = Fix{"Mark the statement",
                    Fix::Safety::safe,
                    {{{statement.span.begin, statement.span.begin}, "-- +goose StatementBegin\n"},
                     {{end, end}, "\n-- +goose StatementEnd"}}};
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info = {.id = "statement-begin-missing",
               .title = "A statement that goose cuts in pieces",
               .category = Category::files,
               .severity = Severity::error,
               .why = R"(
goose ends a statement at each line whose last character is a semicolon, also inside of `$$`. The server gets the first piece of the
function and refuses it (SQLSTATE 42601, unterminated dollar-quoted string); in a file without a transaction what stands above it is
applied by then.)",
               .instead = R"(
```sql
-- +goose StatementBegin
CREATE FUNCTION ... $$
...
$$;
-- +goose StatementEnd
```)",
               .since = "0.1.0",
               .applies_to_down = true,
               .bad = {{.sql = "-- file: 001_f.sql\n-- +goose Up\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS "
                               "$$\nBEGIN\n  RETURN 1;\n"
                               "END $$;\n-- +goose Down\nDROP FUNCTION f();\n"}},
               .good = {{.sql = "-- file: 001_f.sql\n-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() "
                                "RETURNS int LANGUAGE "
                                "plpgsql AS $$\nBEGIN\n  RETURN 1;\nEND $$;\n-- +goose StatementEnd\n-- +goose "
                                "Down\nDROP FUNCTION f();\n"},
                        {.sql = "-- file: 001_f.sql\n-- +goose Up\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS "
                                "$$ BEGIN RETURN 1; "
                                "END $$;\n-- +goose Down\nDROP FUNCTION f();\n"},
                        {.sql =
                             "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1;\nEND $$;"}}},
      .concerns = [](const MigrationSet& set, const Settings&) { return set.layout == "goose"; },
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::statement_begin_missing
