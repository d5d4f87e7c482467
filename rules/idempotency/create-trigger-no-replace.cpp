// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/second_run.h"
#include "sql/edit.h"

namespace pgrehearse::rules::create_trigger_no_replace {

static void check(const Statement& statement, Context& context) {
  auto* trigger = statement.as<CreateTrigStmt>();
  if (!trigger || trigger->replace || trigger->isconstraint || !fails_again(context)) return;
  if (trigger->relation->relpersistence == RELPERSISTENCE_TEMP) return;
  auto* table = context.state().find(*trigger->relation);
  if (table && table->persistence == Persistence::temporary) return;
  if (context.dropped_earlier(OBJECT_TRIGGER, view(trigger->trigname), view(trigger->relation->relname)) ||
      context.dropped_earlier(OBJECT_TABLE, view(trigger->relation->relname))) {
    return;
  }
  std::string name = quote_identifier(view(trigger->trigname)), on = display_name(*trigger->relation);
  auto& finding =
      context.report(statement.span, "CREATE TRIGGER " + name + " on " + on + " fails when the file runs again");
  if (context.settings().pg_version >= 14) {
    finding.help = "Write CREATE OR REPLACE TRIGGER.";
    if (auto edit = insert_after(statement, {"create"}, " OR REPLACE")) {
      finding.fix = Fix{"Add OR REPLACE", Fix::Safety::safe, {*edit}};
    }
    return;
  }
  std::string drop = "DROP TRIGGER IF EXISTS " + name + " ON " + on;
  finding.help = "Write " + drop + " before it, in the same transaction: OR REPLACE needs PostgreSQL 14.";
  finding.fix = put_before(statement, Fix::Safety::unsafe, "Drop the trigger first", drop + ";");
}

Rule rule() {
  return {
      .info =
          {.id = "create-trigger-no-replace",
           .title = "CREATE TRIGGER without OR REPLACE in a file that may run again",
           .category = Category::idempotency,
           .severity = Severity::warning,
           .why = R"(
A second run stops here with SQLSTATE 42710, and all that stands below in the file is not applied.

This rule looks only at layouts whose files may run twice. Select it by its id to have it everywhere.)",
           .instead = R"(
`CREATE OR REPLACE TRIGGER` on PostgreSQL 14 and later (not for constraint triggers: 0A000), before that `DROP TRIGGER IF
EXISTS name ON t` in the same transaction. `CREATE TRIGGER IF NOT EXISTS` does not exist.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint);\nCREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS "
                    "'BEGIN RETURN NEW; END';",
           .bad = {{.sql = "CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f();"},
                   {.sql = "DROP TRIGGER IF EXISTS u ON orders;\n"
                           "CREATE TRIGGER t BEFORE INSERT ON orders EXECUTE FUNCTION f();"},
                   {.sql = "DO $$ BEGIN\n  CREATE TRIGGER t BEFORE INSERT ON orders EXECUTE FUNCTION f();\nEND $$;"}},
           .good = {{.sql = "CREATE OR REPLACE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f();"},
                    {.sql = "DROP TRIGGER IF EXISTS t ON orders;\n"
                            "CREATE TRIGGER t BEFORE INSERT ON orders EXECUTE FUNCTION f();"},
                    {.sql = "CREATE TEMP TABLE x (id int);\n"
                            "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW EXECUTE FUNCTION f();"},
                    {.sql = "DO $$ BEGIN\n  CREATE TRIGGER t BEFORE INSERT ON orders EXECUTE FUNCTION f();\n"
                            "EXCEPTION WHEN duplicate_object THEN NULL;\nEND $$;"}}},
      .nodes = {T_CreateTrigStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::create_trigger_no_replace
