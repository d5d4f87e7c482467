// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/locks.h"

namespace pgrehearse::rules::drop_table_locks_referenced {

static void check(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropStmt>();
  if (drop->removeType != OBJECT_TABLE) return;
  const SchemaState& state = context.state();
  std::vector<const RelationState*> going;
  for (const List& list : each<List>(drop->objects)) {
    if (auto* table = state.find(qualified_name(&list))) going.push_back(table);
  }
  for (const RelationState* table : going) {
    if (table->uncertain || !state.existed_before(*table)) continue;
    std::vector<std::string> others;
    std::string first_key;
    for (const ConstraintState& constraint : table->constraints) {
      if (constraint.kind != ConstraintKind::foreign_key) continue;
      auto* referenced = state.relation(constraint.referenced);
      if (!referenced || !state.existed_before(*referenced) || std::ranges::find(going, referenced) != going.end())
        continue;
      std::string other = state.display_name(*referenced);
      auto* effect = context.impact().find(other);
      if (!effect || effect->lock != LockMode::access_exclusive) continue;
      auto* held = held_on(context, referenced->name);
      if ((held && held->mode == LockMode::access_exclusive) || std::ranges::find(others, other) != others.end())
        continue;
      if (others.empty()) first_key = constraint.name;
      others.push_back(std::move(other));
    }
    if (others.empty()) continue;
    std::string name = state.display_name(*table), more;
    for (size_t i = 1; i < others.size(); ++i) more += (i == 1 ? "" : ", ") + others[i];
    auto& finding = context.report(statement.span, "DROP TABLE " + name + " takes its foreign key along and also " +
                                                       lock_clause(context, others.front()) +
                                                       (more.empty() ? "" : "; the same on " + more));
    finding.help = std::string(others.size() > 1 ? "Drop its foreign keys first, such as with ALTER TABLE "
                                                 : "Drop the foreign key first, ALTER TABLE ") +
                   name + " DROP CONSTRAINT " + quote_identifier(first_key) +
                   ", in a migration of its own with a lock_timeout that is tried again when it strikes.";
    return;
  }
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info = {.id = "drop-table-locks-referenced",
               .title = "DROP TABLE of a table with a foreign key to one in use",
               .category = Category::locks,
               .severity = Severity::warning,
               .why = R"(
A foreign key has triggers on both of its tables. To drop the table that has it, PostgreSQL takes ACCESS EXCLUSIVE on the referenced
one too: nobody uses the old table any more, and yet every query on `customers` waits while the statement waits for its turn
there. It is the same on PostgreSQL 12 to 18. A file that drops several such tables in one transaction collects these locks.)",
               .instead = R"(
Drop the foreign keys first, one a migration, with a `lock_timeout` and a deployment that tries again. Then drop the table, which
locks nothing else.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE customers (id bigint PRIMARY KEY);\n"
                        "CREATE TABLE carts (id bigint, customer_id bigint REFERENCES customers);\n"
                        "CREATE TABLE notes (id bigint);",
               .bad = {{.sql = "DROP TABLE carts;",
                        .locks = {{{.name = "carts", .lock = LockMode::access_exclusive},
                                   {.name = "customers", .lock = LockMode::access_exclusive}}}},
                       {.sql = "DROP TABLE IF EXISTS notes, carts CASCADE;"}},
               .good = {{.sql = "DROP TABLE notes;",
                         .locks = {{{.name = "notes", .lock = LockMode::access_exclusive}}}},
                        {.sql = "ALTER TABLE carts DROP CONSTRAINT carts_customer_id_fkey;\nDROP TABLE carts;"},
                        {.sql = "DROP TABLE carts, customers;"},
                        {.sql = "ALTER TABLE customers ADD COLUMN note text;\nDROP TABLE carts;"},
                        {.sql = "CREATE TABLE tried (customer_id bigint REFERENCES customers);\nDROP TABLE tried;"}}},
      .nodes = {T_DropStmt},
      .dropped = {OBJECT_TABLE},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::drop_table_locks_referenced
