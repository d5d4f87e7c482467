// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::add_column_inline_unique {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AddColumn)) {
    auto* column = command.column();
    if (!column || adds_nothing(context, command)) continue;
    auto* key = column_constraint(*column, CONSTR_UNIQUE);
    bool primary = !key && (key = column_constraint(*column, CONSTR_PRIMARY));
    if (!key) continue;
    const RangeVar& relation = *command.table->relation;
    std::string table = shown_name(context, relation);
    std::string name = quote_identifier(view(column->colname));
    std::string kind = primary ? "PRIMARY KEY" : "UNIQUE";
    std::string index = key->conname ? quote_identifier(view(key->conname))
                        : primary    ? suggested_name(relation, nullptr, "pkey")
                                     : suggested_name(relation, nullptr, std::string(view(column->colname)) + "_key");
    auto& finding = context.report(
        command_span(statement, command),
        "new column " + name + " with " + kind + ": its index is built while the ALTER " + lock_clause(context, table));
    finding.help = "Add the column alone" + std::string(primary ? ", fill it and make it NOT NULL" : "") +
                   ", build the index with CREATE UNIQUE INDEX CONCURRENTLY " + index + " ON " + table + " (" + name +
                   "), then ALTER TABLE " + table + " ADD CONSTRAINT " + index + " " + kind + " USING INDEX " + index +
                   "." +
                   (is_in_transaction(statement, context) ? " The build needs a migration outside a transaction." : "");
  }
}

Rule rule() {
  RelationImpact scanned{.name = "orders", .lock = LockMode::access_exclusive, .scan = true};
  return {
      .info = {.id = "add-column-inline-unique",
               .title = "ADD COLUMN ... UNIQUE or PRIMARY KEY on an existing table",
               .category = Category::locks,
               .severity = Severity::error,
               .why = R"(
The constraint's index is built on the spot, over all rows, even when the new column is NULL in each of them, and nobody
can read or write the table meanwhile. It is the same on PostgreSQL 12 to 18. With a default the statement fails as soon
as there are two rows, since all get the same value (SQLSTATE 23505); a PRIMARY KEY also wants NOT NULL (23502).)",
               .instead = R"(
1. `ALTER TABLE t ADD COLUMN c ...` alone.
2. Outside a transaction, `CREATE UNIQUE INDEX CONCURRENTLY name ON t (c)`.
3. `ALTER TABLE t ADD CONSTRAINT name UNIQUE USING INDEX name`, which takes its lock for a moment.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint);",
               .bad = {{.sql = "ALTER TABLE orders ADD COLUMN code text UNIQUE;", .locks = {{scanned}}},
                       {.sql =
                            "ALTER TABLE orders ADD COLUMN note text, ADD code text CONSTRAINT one_code UNIQUE NULL;",
                        .locks = {{scanned}}},
                       {.sql = "ALTER TABLE orders ADD COLUMN number bigint PRIMARY KEY;"},
                       {.sql = "ALTER TABLE orders ADD COLUMN IF NOT EXISTS code text UNIQUE DEFERRABLE;",
                        .in_transaction = false}},
               .good = {{.sql = "ALTER TABLE orders ADD COLUMN code text;\n"
                                "CREATE UNIQUE INDEX CONCURRENTLY orders_code_key ON orders (code);\n"
                                "ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE USING INDEX orders_code_key;",
                         .in_transaction = false},
                        {.sql = "ALTER TABLE orders ADD COLUMN IF NOT EXISTS id bigint UNIQUE;"},
                        {.sql = "CREATE TABLE carts (id bigint);\nALTER TABLE carts ADD COLUMN code text UNIQUE;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AddColumn},
      .check = check};
}

}  // namespace pgrehearse::rules::add_column_inline_unique
