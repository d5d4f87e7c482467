// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::alter_column_type_key_column {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AlterColumnType)) {
    std::string table = shown_name(context, *command.table->relation);
    Impact alone = impact_of(statement, context, command);
    auto* effect = alone.find(table);
    if (!effect || effect->rewrite) continue;  // alter-column-type-rewrite names the other table too
    for (const RelationImpact& other : alone.relations) {
      if (!other.existing || other.name == table || other.lock != LockMode::access_exclusive) continue;
      if (context.state().index(QualifiedName{"", other.name})) continue;
      auto* relation = context.state().find(QualifiedName{"", other.name});
      if (!relation || relation->kind == RelationKind::sequence || relation->is_partition() ||
          !relation->parents.empty())
        continue;
      auto& finding = context.report(command_span(statement, command),
                                     "changing the type of " + quote_identifier(view(command.node->name)) +
                                         " makes its foreign key anew and also " + lock_clause(context, other.name));
      finding.help =
          "Do it under a lock_timeout, in a transaction of its own, and try again when that strikes: the statement "
          "needs " +
          table + " and " + other.name + " at once.";
      break;
    }
  }
}

Rule rule() {
  RelationImpact orders{.name = "orders", .lock = LockMode::access_exclusive};
  RelationImpact customers{.name = "customers", .lock = LockMode::access_exclusive};
  return {
      .info = {.id = "alter-column-type-key-column",
               .title = "ALTER COLUMN ... TYPE on either end of a foreign key",
               .category = Category::locks,
               .severity = Severity::error,
               .why = R"(
When the type of a referenced or referencing column changes, its foreign keys are dropped and made anew. That takes ACCESS
EXCLUSIVE on both tables, even for a longer `varchar` that changes no stored value and reads no row: while the statement waits
for the second table, nobody can read the first. It is the same on PostgreSQL 12 to 18. A change that rewrites the table reads
both, which alter-column-type-rewrite reports.)",
               .instead = R"(
`SET lock_timeout`, the change alone in its transaction, and a deployment that tries again. Or drop the foreign key first, and add
it again as NOT VALID after the change.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE customers (code varchar(10) PRIMARY KEY, note varchar(10));\n"
                        "CREATE TABLE orders (customer varchar(10) REFERENCES customers, note varchar(10));\n"
                        "CREATE TABLE shops (id int PRIMARY KEY);\nCREATE TABLE carts (shop int REFERENCES shops);",
               .bad = {{.sql = "ALTER TABLE customers ALTER COLUMN code TYPE varchar(20);",
                        .locks = {{customers, {.name = "customers_pkey", .lock = LockMode::access_exclusive}, orders}}},
                       {.sql = "ALTER TABLE orders ALTER COLUMN customer TYPE varchar(20);",
                        .locks = {{customers, orders}}},
                       {.sql = "ALTER TABLE orders ALTER note TYPE text, ALTER customer TYPE text;"}},
               .good = {{.sql = "ALTER TABLE orders ALTER COLUMN note TYPE varchar(20);", .locks = {{orders}}},
                        {.sql = "ALTER TABLE customers ALTER COLUMN note TYPE text;", .locks = {{customers}}},
                        {.sql = "ALTER TABLE orders DROP CONSTRAINT orders_customer_fkey;\n"
                                "ALTER TABLE orders ALTER COLUMN customer TYPE text;"},
                        {.sql = "ALTER TABLE carts ALTER COLUMN shop TYPE bigint;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AlterColumnType},
      .check = check};
}

}  // namespace pgrehearse::rules::alter_column_type_key_column
