// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/generated_name.h"
#include "rules/support/neighbours.h"
#include "sql/edit.h"

namespace pgrehearse::rules::unnamed_index {

static void check(const Statement& statement, Context& context) {
  auto* index = statement.as<IndexStmt>();
  if (!index || index->idxname || index->relation->relpersistence == RELPERSISTENCE_TEMP) return;
  auto* table = context.state().find(*index->relation);
  if (table && table->persistence == Persistence::temporary) return;
  // A second run ends at the CREATE TABLE, before it gets here.
  bool guarded = any_earlier(statement, context, [&](const Statement& earlier) {
    auto* create = earlier.as<CreateStmt>();
    return create && !create->if_not_exists && view(create->relation->relname) == view(index->relation->relname);
  });
  if (guarded) return;
  auto& finding =
      context.report(statement.span, "CREATE INDEX without a name on " + shown_name(context, *index->relation) +
                                         " builds one more index each time it runs");
  auto [name, certain] = generated_index_name(statement, context, *index);
  finding.help = "Give it a name";
  if (!name.empty()) finding.help += ", such as the " + quote_identifier(name) + " that PostgreSQL would choose";
  finding.help += ": a second run then fails instead of building it twice, and a down migration can drop it.";
  if (name.empty()) return;
  auto keyword =
      index->concurrent ? find_keywords(statement, {"index", "concurrently"}) : find_keywords(statement, {"index"});
  if (!keyword) return;
  finding.fix = Fix{"Name the index",
                    certain ? Fix::Safety::safe : Fix::Safety::unsafe,
                    {{{keyword->end, keyword->end}, std::string(" ").append(quote_identifier(name))}}};
}

Rule rule() {
  return {
      .info = {.id = "unnamed-index",
               .title = "CREATE INDEX without a name",
               .category = Category::idempotency,
               .severity = Severity::warning,
               .why = R"(
PostgreSQL makes up a name from the table and its columns and adds a number when it is taken. So a second run does not
fail: it builds the same index again under another name, and every write pays for both. The name also depends on what was
there before, so a down migration cannot rely on it. `IF NOT EXISTS` needs a name (SQLSTATE 42601 without one).)",
               .instead = R"(
`CREATE INDEX name ON ...`, in files that may run again `CREATE INDEX IF NOT EXISTS name ON ...`.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint, code text);",
               .bad = {{.sql = "CREATE INDEX ON orders (id, code);"},
                       {.sql = "CREATE UNIQUE INDEX CONCURRENTLY ON orders (lower(code));", .in_transaction = false},
                       {.sql = "CREATE TABLE IF NOT EXISTS carts (id bigint);\nCREATE INDEX ON carts (id);"},
                       {.sql = "CREATE INDEX ON not_seen_here (id);"}},
               .good = {{.sql = "CREATE INDEX orders_id_code ON orders (id, code);"},
                        {.sql = "CREATE TABLE carts (id bigint);\nCREATE INDEX ON carts (id);"},
                        {.sql = "CREATE TEMP TABLE x (id bigint);\nCREATE INDEX ON x (id);"}}},
      .nodes = {T_IndexStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::unnamed_index
