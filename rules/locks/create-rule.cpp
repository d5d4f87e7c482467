// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::create_rule {

static void check(const Statement& statement, Context& context) {
  auto* rule = statement.as<RuleStmt>();
  if (rule->event == CMD_SELECT || !context.is_used(*rule->relation)) return;
  auto* known = context.state().find(*rule->relation);
  if (!known || (known->kind != RelationKind::table && known->kind != RelationKind::partitioned_table)) return;
  std::string table = shown_name(context, *rule->relation);
  context
      .report(statement.span, "rule " + quote_identifier(view(rule->rulename)) + " rewrites statements on " + table +
                                  " before they run, and CREATE RULE " + lock_clause(context, table))
      .help = "A trigger does what was meant, once for each row.";
}

Rule rule() {
  return {
      .info = {.id = "create-rule",
               .title = "CREATE RULE on a table",
               .category = Category::locks,
               .severity = Severity::warning,
               .why = R"(
A rule is no trigger: it rewrites the text of each INSERT, UPDATE or DELETE on the table before that runs. An expression of the
statement then stands in two places and is computed twice: `INSERT ... VALUES (nextval('s'))` with a rule that logs NEW.id logs
another number than the one that is stored. `COPY` does not meet rules at all. To create one takes ACCESS EXCLUSIVE
on the table. It is the same on PostgreSQL 12 to 18.

Rules of views, which make them writable, are no finding.)",
               .instead = R"(
`CREATE TRIGGER ... FOR EACH ROW`. To send rows elsewhere: a partitioned table. To make a view writable: a simple view is so by
itself, others with an INSTEAD OF trigger.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint, gone boolean);\n"
                        "CREATE VIEW recent AS SELECT id FROM orders ORDER BY id LIMIT 10;",
               .bad = {{.sql = "CREATE RULE keep AS ON DELETE TO orders DO INSTEAD UPDATE orders SET gone = true WHERE "
                               "id = old.id;",
                        .locks = {{{.name = "orders", .lock = LockMode::access_exclusive}}}},
                       {.sql = "CREATE OR REPLACE RULE keep AS ON DELETE TO orders DO INSTEAD NOTHING;",
                        .locks = {{{.name = "orders", .lock = LockMode::access_exclusive}}}}},
               .good = {{.sql =
                             "CREATE RULE added AS ON INSERT TO recent DO INSTEAD INSERT INTO orders VALUES (new.id);"},
                        {.sql = "CREATE TABLE carts (id bigint);\nCREATE RULE keep AS ON DELETE TO carts DO INSTEAD "
                                "NOTHING;"}}},
      .nodes = {T_RuleStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::create_rule
