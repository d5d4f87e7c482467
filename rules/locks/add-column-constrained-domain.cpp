// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::add_column_constrained_domain {

/// The domain of the column when it, or one that it stands on, has a constraint.
static const TypeState* constrained_domain(const Context& context, const ColumnDef& column) {
  if (!column.typeName || column.typeName->arrayBounds) return nullptr;
  ColumnType type = context.state().resolve_type(*column.typeName);
  const TypeState* first = nullptr;
  for (int depth = 0; depth < 32 && type.kind == ColumnType::Kind::domain; ++depth) {
    const TypeState* domain = context.state().type(type.name);
    if (!domain) return nullptr;
    if (!first) first = domain;
    if (domain->not_null || !domain->constraints.empty()) return first;
    type = domain->base;
  }
  return nullptr;
}

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AddColumn)) {
    auto* column = command.column();
    if (!column || adds_nothing(context, command)) continue;
    auto* domain = constrained_domain(context, *column);
    if (!domain) continue;
    std::string table = shown_name(context, *command.table->relation);
    Impact alone = impact_of(statement, context, command);
    auto* effect = alone.find(table);
    if (!effect || !effect->rewrite) continue;
    std::string name = quote_identifier(view(column->colname));
    std::string type = context.state().display_name(domain->name);
    auto& finding = context.report(command_span(statement, command),
                                   "new column " + name + " of the domain " + type +
                                       ", which has a constraint: the ALTER writes the table anew and " +
                                       lock_clause(context, table));
    finding.help = "Give the column the type " + domain->base.text +
                   " and add what the domain checks as a constraint of " + table +
                   ", NOT VALID first and validated in a later migration.";
  }
}

Rule rule() {
  RelationImpact rewritten{.name = "orders", .lock = LockMode::access_exclusive, .rewrite = true, .scan = true};
  RelationImpact brief{.name = "orders", .lock = LockMode::access_exclusive};
  return {
      .info = {.id = "add-column-constrained-domain",
               .title = "ADD COLUMN whose type is a domain with a constraint",
               .category = Category::locks,
               .severity = Severity::error,
               .why = R"(
For a new column whose type is a domain with CHECK or NOT NULL, PostgreSQL 12 to 18 write the whole table and its indexes
anew, even when the column may be NULL and has no default, and nobody can read or write the table meanwhile. A domain
without constraints, also one with a DEFAULT, costs nothing.)",
               .instead = R"(
Use the domain's base type, and `ADD CONSTRAINT ... CHECK (...) NOT VALID` with the domain's condition; `VALIDATE CONSTRAINT`
in a later migration.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint);\nCREATE DOMAIN price AS numeric CHECK (VALUE > 0);\n"
                        "CREATE DOMAIN net_price AS price;\nCREATE DOMAIN name AS text DEFAULT 'x';\n"
                        "CREATE DOMAIN always AS text NOT NULL;",
               .bad = {{.sql = "ALTER TABLE orders ADD COLUMN total price;", .locks = {{rewritten}}},
                       {.sql = "ALTER TABLE orders ADD COLUMN note text, ADD COLUMN total net_price DEFAULT 1;",
                        .locks = {{rewritten}}},
                       {.sql = "ALTER TABLE orders ADD COLUMN state always DEFAULT 'new';", .locks = {{rewritten}}}},
               .good = {{.sql = "ALTER TABLE orders ADD COLUMN code public.name;", .locks = {{brief}}},
                        {.sql = "ALTER TABLE orders ADD COLUMN total numeric;\n"
                                "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;"},
                        {.sql = "CREATE TABLE carts (id bigint);\nALTER TABLE carts ADD COLUMN total price;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AddColumn},
      .check = check};
}

}  // namespace pgrehearse::rules::add_column_constrained_domain
