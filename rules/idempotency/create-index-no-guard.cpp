// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/second_run.h"
#include "sql/edit.h"

namespace pgrehearse::rules::create_index_no_guard {

static void check(const Statement& statement, Context& context) {
  auto* index = statement.as<IndexStmt>();
  if (!index || !index->idxname || index->if_not_exists || index->concurrent) return;
  if (index->relation->relpersistence == RELPERSISTENCE_TEMP || !fails_again(context)) return;
  QualifiedName name{std::string(view(index->relation->schemaname)), std::string(view(index->idxname))};
  if (context.state().dropped(name)) return;
  auto& finding = context.report(statement.span, "CREATE INDEX " + quote_identifier(name.name) +
                                                     " without IF NOT EXISTS fails when the file runs again");
  finding.help = "Write CREATE INDEX IF NOT EXISTS.";
  if (auto edit = insert_after(statement, {"index"}, " IF NOT EXISTS")) {
    finding.fix = Fix{"Add IF NOT EXISTS", Fix::Safety::safe, {*edit}};
  }
}

Rule rule() {
  return {.info = {.id = "create-index-no-guard",
                   .title = "CREATE INDEX without IF NOT EXISTS in a file that may run again",
                   .category = Category::idempotency,
                   .severity = Severity::warning,
                   .why = R"(
A second run stops here with SQLSTATE 42P07, and all that stands below in the file is not applied.

This rule looks only at layouts whose files may run twice. Select it by its id to have it everywhere. Concurrent builds are
exempt: there IF NOT EXISTS would also pass over an invalid index that a failed build left behind.)",
                   .instead = R"(
`CREATE INDEX IF NOT EXISTS name ON ...`. It compares nothing but the name, on whatever table the index is. For a
concurrent build put `DROP INDEX CONCURRENTLY IF EXISTS name` before it instead.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id bigint);",
                   .bad = {{.sql = "CREATE INDEX orders_id ON orders (id);"},
                           {.sql = "CREATE UNIQUE INDEX orders_id ON public.orders (id) WHERE id > 0;"}},
                   .good = {{.sql = "CREATE INDEX IF NOT EXISTS orders_id ON orders (id);"},
                            {.sql = "CREATE INDEX IF NOT EXISTS orders_id ON orders (id);\n"
                                    "DROP INDEX IF EXISTS orders_id;\nCREATE INDEX orders_id ON orders (id);"},
                            {.sql = "CREATE INDEX CONCURRENTLY orders_id ON orders (id);", .in_transaction = false},
                            {.sql = "DO $$ BEGIN\n  IF to_regclass('orders_id') IS NULL THEN\n"
                                    "    CREATE INDEX orders_id ON orders (id);\n  END IF;\nEND $$;"}}},
          .nodes = {T_IndexStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::create_index_no_guard
