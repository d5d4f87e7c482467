// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/second_run.h"

namespace pgrehearse::rules::concurrent_if_not_exists_keeps_invalid {

static void check(const Statement& statement, Context& context) {
  auto* index = statement.as<IndexStmt>();
  if (!index || !index->concurrent || !index->if_not_exists || !index->idxname) return;
  if (!context.existed_before(*index->relation) || context.dropped_earlier(OBJECT_INDEX, view(index->idxname))) return;
  QualifiedName name{std::string(view(index->relation->schemaname)), std::string(view(index->idxname))};
  std::string shown = display_name(name), drop = "DROP INDEX CONCURRENTLY IF EXISTS " + shown;
  auto& finding = context.report(statement.span,
                                 "after a failed build IF NOT EXISTS passes over " + shown + " and leaves it invalid");
  bool own_file = context.part().mode != RunMode::statements;
  finding.help = "Put " + drop + " before it" + (own_file ? ", in a file of its own" : "") +
                 ": a retry then builds the index instead of accepting the broken one.";
  if (!own_file) finding.fix = put_before(statement, Fix::Safety::unsafe, "Drop what a failed build left", drop + ";");
}

Rule rule() {
  return {
      .info =
          {.id = "concurrent-if-not-exists-keeps-invalid",
           .title = "CREATE INDEX CONCURRENTLY IF NOT EXISTS without dropping a failed one first",
           .category = Category::idempotency,
           .severity = Severity::warning,
           .why = R"(
A concurrent build that is cancelled (by a timeout, a deadlock, a duplicate in a unique index, a lost connection) leaves the
index behind, marked invalid: every write keeps it up to date and no query uses it. The migration has failed, so somebody
runs it again, and `IF NOT EXISTS` finds the name and reports success. From then on the migration counts as applied and the
index is never there for a query; a unique one does not even keep duplicates out that were there before. Seen on 14 to 18.)",
           .instead = R"(
```sql
DROP INDEX CONCURRENTLY IF EXISTS orders_code;
CREATE INDEX CONCURRENTLY orders_code ON orders (code);
```

Both run outside a transaction, one statement at a time. Tools that send a whole file as one query need two files. Invalid
indexes are found with `SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid`.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint, code text);",
           .bad = {{.sql = "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_code ON orders (code);",
                    .in_transaction = false},
                   {.sql = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"Code\" ON public.orders (code);",
                    .in_transaction = false},
                   {.sql = "DROP INDEX CONCURRENTLY IF EXISTS other;\n"
                           "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_code ON orders (code);",
                    .in_transaction = false}},
           .good =
               {{.sql = "CREATE INDEX CONCURRENTLY orders_code ON orders (code);", .in_transaction = false},
                {.sql = "DROP INDEX CONCURRENTLY IF EXISTS orders_code;\n"
                        "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_code ON orders (code);",
                 .in_transaction = false},
                {.sql = "CREATE INDEX IF NOT EXISTS orders_code ON orders (code);"},
                {.sql =
                     "CREATE TABLE carts (id bigint);\nCREATE INDEX CONCURRENTLY IF NOT EXISTS carts_id ON carts (id);",
                 .in_transaction = false}}},
      .nodes = {T_IndexStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::concurrent_if_not_exists_keeps_invalid
