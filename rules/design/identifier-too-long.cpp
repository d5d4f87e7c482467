// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "core/ascii.h"
#include "linter/rule.h"
#include "rules/support/created_objects.h"
#include "sql/lexer.h"

namespace pgrehearse::rules::identifier_too_long {
namespace {

constexpr size_t longest = NAMEDATALEN - 1;
constexpr size_t shortest_cut = longest - 3;  // a character of four bytes is not cut in two

/// Names that the statement gives to something and that may have been cut.
std::vector<std::string_view> suspects(const Statement& statement) {
  std::vector<std::string_view> names;
  auto add = [&](std::string_view name) {
    if (name.size() >= shortest_cut) names.push_back(name);
  };
  for (const CreatedObject& object : created_objects(statement)) add(object.name);
  auto* create = statement.as<CreateStmt>();
  if (!create) return names;
  for (const Node& element : each<Node>(create->tableElts)) {
    if (auto* constraint = as<Constraint>(&element)) add(view(constraint->conname));
    auto* column = as<ColumnDef>(&element);
    if (!column) continue;
    add(view(column->colname));
    for (const auto& constraint : each<Constraint>(column->constraints)) add(view(constraint.conname));
  }
  return names;
}

/// The name as the server takes it, before it cuts it.
std::string whole_name(const Token& token, std::string_view text) {
  std::string name(token.span.in(text));
  if (token.kind == TokenKind::word) {
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return name;
  }
  if (name.size() < 2 || name.front() != '"') return {};
  std::string inner;
  for (size_t i = 1; i + 1 < name.size(); ++i) {
    inner += name[i];
    if (name[i] == '"') ++i;
  }
  return inner;
}

void check(const Statement& statement, Context& context) {
  auto names = suspects(statement);
  if (names.empty()) return;
  std::set<std::string> told;
  Lexer lexer(statement.text);
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    if (token.kind != TokenKind::word && token.kind != TokenKind::quoted_word) continue;
    if (token.span.size() <= longest) continue;
    std::string whole = whole_name(token, statement.text);
    auto cut = std::ranges::find_if(
        names, [&](std::string_view name) { return name.size() < whole.size() && whole.starts_with(name); });
    if (whole.size() <= longest || cut == names.end() || !told.insert(whole).second) continue;
    uint32_t begin = statement.file_offset(static_cast<int>(token.span.begin));
    auto& finding = context.report({begin, statement.file_offset(static_cast<int>(token.span.end))},
                                   "this name has " + std::to_string(whole.size()) +
                                       " bytes, and PostgreSQL cuts it to " + quote_identifier(*cut));
    finding.help =
        "Choose a name of 63 bytes or less. Look-ups in the catalog by the whole name find nothing, and a second name "
        "that "
        "begins like it is taken for the same.";
  }
}

}  // namespace

Rule rule() {
  std::string_view twice =
      "CREATE TABLE orders (id bigint);\n"
      "CREATE INDEX orders_by_the_customer_who_paid_for_them_and_the_day_they_were_paid ON orders (id);\n"
      "CREATE INDEX orders_by_the_customer_who_paid_for_them_and_the_day_they_were_sent ON orders (id);";
  return {
      .info =
          {.id = "identifier-too-long",
           .title = "A name of more than 63 bytes",
           .category = Category::design,
           .severity = Severity::warning,
           .why = R"(
PostgreSQL keeps 63 bytes of a name (not characters: an umlaut takes two) and drops the rest with no more than a NOTICE. Two long names
that begin alike are then one: the second CREATE fails (SQLSTATE 42P07, 12 to 18), or with `IF NOT EXISTS` is passed over,
and its index is never built. Code that looks for the whole name in the catalog, such as a guard on
`pg_constraint.conname`, finds nothing and runs what it should not.

Names that the server makes up itself are cut by it too, in a way that keeps them apart, and are not meant.)",
           .instead = R"(
A shorter name: leave out what the table's name says already.)",
           .since = "0.1.0",
           .bad = {{.sql = twice, .sqlstate = "42P07"},
                   {.sql = "CREATE TABLE orders (id bigint, "
                           "the_day_on_which_the_customer_who_paid_for_this_order_was_asked_about "
                           "text);"},
                   {.sql = "CREATE TABLE orders (id bigint);\nALTER TABLE orders ADD CONSTRAINT "
                           "\"The ids of orders are numbers that are greater than zero or nothing\" CHECK (id > 0);"},
                   {.sql = "CREATE TABLE \"ääääääääääääääääääääääääääääääää\" (id bigint);"}},
           .good =
               {{.sql = "CREATE TABLE orders_of_customers_who_paid_for_them_on_the_days_they_had_them (id bigint);"},
                {.sql = "CREATE TABLE \"äääääääääääääääääääääääääääääää\" (id bigint);"},
                {.sql =
                     "CREATE TABLE orders_of_all_customers (the_day_on_which_the_customer_paid_for_it date UNIQUE);"},
                {.sql = "CREATE TABLE orders (id bigint);\n"
                        "DROP INDEX IF EXISTS orders_by_the_customer_who_paid_for_them_and_the_day_they_were_paid;"},
                {.sql = "CREATE TABLE orders (note text DEFAULT "
                        "'a string may be as long as it likes and nobody minds that it is longer');"}}},
      .nodes = {T_CreateStmt, T_CreateTableAsStmt, T_CreateForeignTableStmt, T_ViewStmt, T_CreateSeqStmt, T_IndexStmt,
                T_CreateEnumStmt, T_CompositeTypeStmt, T_CreateDomainStmt, T_CreateFunctionStmt, T_CreateSchemaStmt,
                T_CreateRoleStmt, T_CreatePolicyStmt, T_CreateTrigStmt, T_RuleStmt, T_AlterTableStmt, T_RenameStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::identifier_too_long
