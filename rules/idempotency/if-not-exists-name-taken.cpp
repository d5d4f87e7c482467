// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::if_not_exists_name_taken {

static void check(const Statement& statement, Context& context) {
  auto* index = statement.as<IndexStmt>();
  if (!index || !index->if_not_exists || !index->idxname || context.conditional()) return;
  QualifiedName table = context.state().resolve(qualified_name(*index->relation));
  auto taken = context.state().index(QualifiedName{table.schema, std::string(view(index->idxname))});
  if (!taken || taken.table->name == table || taken.table->uncertain) return;
  std::string name = quote_identifier(view(index->idxname)), other = context.state().display_name(*taken.table);
  auto& finding =
      context.report(statement.span, "the name " + name + " belongs to an index of " + other +
                                         ", so IF NOT EXISTS builds nothing on " + context.state().display_name(table));
  finding.help = "Index names are unique in a schema, not on a table. Give it a name of its own.";
}

Rule rule() {
  return {
      .info = {.id = "if-not-exists-name-taken",
               .title = "CREATE INDEX IF NOT EXISTS under a name that another table's index has",
               .category = Category::idempotency,
               .severity = Severity::error,
               .why = R"(
All relations of a schema share one set of names, indexes too. When another table has an index of that name, `IF NOT EXISTS`
passes over it with a NOTICE: the migration succeeds and the index is never built, a unique one keeps no duplicates out. The
same on all versions.)",
               .instead = "A name that holds the table's: `CREATE INDEX IF NOT EXISTS carts_code_idx ON carts (code)`.",
               .since = "0.1.0",
               .setup =
                   "CREATE TABLE orders (id bigint, code text);\nCREATE TABLE carts (id bigint, code text);\n"
                   "CREATE INDEX by_code ON orders (code);\nCREATE SCHEMA shop;\nCREATE TABLE shop.carts (code text);",
               .bad = {{.sql = "CREATE INDEX IF NOT EXISTS by_code ON carts (code);"},
                       {.sql = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS by_code ON public.carts (code);",
                        .in_transaction = false},
                       {.sql = "CREATE TABLE bills (code text);\nCREATE INDEX IF NOT EXISTS by_code ON bills (code);"}},
               .good = {{.sql = "CREATE INDEX IF NOT EXISTS by_code ON orders (code);"},
                        {.sql = "CREATE INDEX IF NOT EXISTS carts_by_code ON carts (code);"},
                        {.sql = "CREATE INDEX IF NOT EXISTS by_code ON shop.carts (code);"},
                        {.sql = "DROP INDEX by_code;\nCREATE INDEX IF NOT EXISTS by_code ON carts (code);"}}},
      .nodes = {T_IndexStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::if_not_exists_name_taken
