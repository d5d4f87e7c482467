// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::smart_quotes {
namespace {

constexpr std::string_view lead = "\xE2\x80";  // of U+2018, U+2019, U+201C, U+201D

bool is_quote(std::string_view three) {
  return three == "\xE2\x80\x98" || three == "\xE2\x80\x99" || three == "\xE2\x80\x9C" || three == "\xE2\x80\x9D";
}

/// Begins or ends with one: a value that was meant to be quoted. In the middle it may be an apostrophe of a real name.
bool is_wrapped(std::string_view name) {
  return name.size() > 3 && (is_quote(name.substr(0, 3)) || is_quote(name.substr(name.size() - 3)));
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  if (statement.text.find(lead) == std::string_view::npos) return;
  for (const Node* node : all_nodes(statement.node)) {
    auto* column = as<ColumnRef>(node);
    if (!column || !is_wrapped(last_name(column->fields))) continue;
    Span span = statement.token_at(column->location);
    if (span.in(statement.source).starts_with('"')) continue;
    context.report(span, "typographic quotes are letters to PostgreSQL: this is the name of a column and no string")
        .help = "Write the straight quote ' around a string, and \" around a name.";
    return;
  }
}

Rule rule() {
  return {
      .info =
          {.id = "smart-quotes",
           .title = "Typographic quotes in place of straight ones",
           .category = Category::files,
           .severity = Severity::error,
           .why = R"(
Word processors, chats and wikis turn straight quotes into curved ones. PostgreSQL takes those for letters, so what was meant as a string is
the name of a column that does not exist (SQLSTATE 42703). In a DO block or function the error comes when that line runs.)",
           .instead = R"(Straight quotes. Inside a string typographic ones are text like any other.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .applies_to_function_bodies = true,
           .setup = "CREATE TABLE orders (id bigint, state text);",
           .bad = {{.sql = "UPDATE orders SET state = \xE2\x80\x98new\xE2\x80\x99 WHERE id = 1;", .sqlstate = "42703"},
                   {.sql = "DELETE FROM orders WHERE state = \xE2\x80\x9Cold\xE2\x80\x9D;", .sqlstate = "42703"}},
           .good = {{.sql = "UPDATE orders SET state = '\xE2\x80\x98new\xE2\x80\x99' WHERE id = 1;"},
                    {.sql =
                         "SELECT id AS \"\xE2\x80\x9Cid\xE2\x80\x9D\" FROM orders; -- \xE2\x80\x98yes\xE2\x80\x99"}}},
      .check = check};
}

}  // namespace pgrehearse::rules::smart_quotes
