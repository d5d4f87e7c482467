// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::alter_column_type_check_revalidated {

static const ConstraintState* check_on(const RelationState* table, std::string_view column) {
  if (!table) return nullptr;
  auto found = std::ranges::find_if(table->constraints, [&](const ConstraintState& constraint) {
    return constraint.kind == ConstraintKind::check && constraint.enforced &&
           std::ranges::find(constraint.columns, column) != constraint.columns.end();
  });
  return found == table->constraints.end() ? nullptr : &*found;
}

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AlterColumnType)) {
    const RangeVar& relation = *command.table->relation;
    std::string_view column = view(command.node->name);
    auto* constraint = check_on(context.state().find(relation), column);
    if (!constraint) continue;
    std::string table = shown_name(context, relation);
    Impact alone = impact_of(statement, context, command);
    auto* effect = alone.find(table);
    if (!effect || !effect->scan || effect->rewrite || effect->index_rebuild) continue;
    std::string name = quote_identifier(constraint->name);
    auto& finding = context.report(command_span(statement, command),
                                   "changing the type of " + quote_identifier(column) + " tries the CHECK " + name +
                                       " on all rows again and " + lock_clause(context, table));
    finding.help = "Drop " + name + ", change the type, add " + name +
                   " again as NOT VALID in the same transaction, and VALIDATE CONSTRAINT in a later migration.";
  }
}

Rule rule() {
  RelationImpact scanned{.name = "orders", .lock = LockMode::access_exclusive, .scan = true};
  RelationImpact brief{.name = "orders", .lock = LockMode::access_exclusive};
  return {.info = {.id = "alter-column-type-check-revalidated",
                   .title = "ALTER COLUMN ... TYPE of a column with a CHECK",
                   .category = Category::locks,
                   .severity = Severity::warning,
                   .why = R"(
A longer `varchar` or a larger `numeric` changes no stored value, so PostgreSQL only changes its catalog. But when a CHECK
constraint reads the column, the constraint is made anew and tried on every row, while nobody can read or write the table.
It is the same on 12 to 18.)",
                   .instead = R"(
In one transaction: `DROP CONSTRAINT`, `ALTER COLUMN ... TYPE`, `ADD CONSTRAINT ... CHECK (...) NOT VALID`. In a later
migration: `VALIDATE CONSTRAINT`.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id bigint, code varchar(20), note varchar(20), total numeric(8,2),\n"
                            "  CONSTRAINT has_code CHECK (code <> ''), CONSTRAINT positive CHECK (total > 0));",
                   .bad = {{.sql = "ALTER TABLE orders ALTER COLUMN code TYPE varchar(40);", .locks = {{scanned}}},
                           {.sql = "ALTER TABLE orders ALTER COLUMN code SET DATA TYPE text;", .locks = {{scanned}}},
                           {.sql = "ALTER TABLE orders ALTER note TYPE text, ALTER total TYPE numeric(12,2);",
                            .locks = {{scanned}}}},
                   .good = {{.sql = "ALTER TABLE orders ALTER COLUMN note TYPE varchar(40);", .locks = {{brief}}},
                            {.sql = "ALTER TABLE orders DROP CONSTRAINT has_code;\n"
                                    "ALTER TABLE orders ALTER COLUMN code TYPE varchar(40);\n"
                                    "ALTER TABLE orders ADD CONSTRAINT has_code CHECK (code <> '') NOT VALID;"},
                            {.sql = "CREATE TABLE carts (code varchar(20) CHECK (code <> ''));\n"
                                    "ALTER TABLE carts ALTER COLUMN code TYPE varchar(40);"}}},
          .nodes = {T_AlterTableStmt},
          .commands = {AT_AlterColumnType},
          .check = check};
}

}  // namespace pgrehearse::rules::alter_column_type_check_revalidated
