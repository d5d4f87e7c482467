// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::disable_trigger {

static bool enables(const Statement& later, const QualifiedName& table, const Context& context) {
  auto* alter = later.as<AlterTableStmt>();
  if (!alter || context.state().resolve(qualified_name(*alter->relation)) != table) return false;
  for (const AlterTableCmd& command : each<AlterTableCmd>(alter->cmds)) {
    if (command.subtype == AT_EnableTrig || command.subtype == AT_EnableTrigAll ||
        command.subtype == AT_EnableTrigUser || command.subtype == AT_EnableAlwaysTrig) {
      return true;
    }
  }
  return false;
}

static void check(const Statement& statement, Context& context) {
  for (AlterTableType kind : {AT_DisableTrig, AT_DisableTrigAll, AT_DisableTrigUser}) {
    for (const Command& command : commands_on_used_table(statement, context, kind)) {
      const RangeVar& relation = *command.table->relation;
      std::string table = shown_name(context, relation);
      QualifiedName resolved = context.state().resolve(qualified_name(relation));
      bool all = kind == AT_DisableTrigAll;
      bool back =
          any_later(statement, context, [&](const Statement& later) { return enables(later, resolved, context); });
      std::string what = all ? "DISABLE TRIGGER ALL also switches foreign keys off and "
                             : "DISABLE TRIGGER " + lock_clause(context, table);
      if (all) what += lock_clause(context, table);
      auto& finding = context.report(command_span(statement, command), what);
      bool protects_others = is_in_transaction(statement, context) && back;
      if (!all && protects_others) finding.severity = Severity::warning;
      finding.help =
          all ? "Name the one trigger that is in the way: rows that are written now are never checked against " +
                    table + "'s foreign keys, not even after ENABLE."
          : !back ? "Enable it again in the same transaction; until then rows of all sessions pass it by."
          : protects_others
              ? "Keep what happens until ENABLE TRIGGER short: nobody else can write to the table until COMMIT."
              : "Do it in one transaction with ENABLE TRIGGER: here other sessions' rows pass the trigger by too.";
    }
  }
}

Rule rule() {
  RelationImpact locked{.name = "orders", .lock = LockMode::share_row_exclusive};
  return {.info = {.id = "disable-trigger",
                   .title = "ALTER TABLE ... DISABLE TRIGGER",
                   .category = Category::locks,
                   .severity = Severity::error,
                   .why = R"(
A disabled trigger is disabled for everybody: until it is enabled again, rows that other sessions write get no audit entry,
no computed column, no notification. In one transaction with `ENABLE TRIGGER` that cannot happen, since the SHARE ROW
EXCLUSIVE lock keeps other writers out until it ends; there the rule is a warning about that wait.

`DISABLE TRIGGER ALL` includes the triggers that enforce foreign keys. Rows that are written meanwhile are never checked,
and `ENABLE TRIGGER ALL` does not check them later. It is the same on PostgreSQL 12 to 18.)",
                   .instead = R"(
Write the change so that the trigger may fire, or teach the trigger to skip it (a setting that it reads with
`current_setting`). Where it must be off: one named trigger, one transaction, `ENABLE TRIGGER` right after the change.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id bigint);\n"
                            "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\n"
                            "CREATE TRIGGER noted BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION note();",
                   .bad = {{.sql = "ALTER TABLE orders DISABLE TRIGGER noted;", .locks = {{locked}}},
                           {.sql = "ALTER TABLE orders DISABLE TRIGGER ALL;", .locks = {{locked}}},
                           {.sql = "ALTER TABLE orders DISABLE TRIGGER USER;\nUPDATE orders SET id = id;\n"
                                   "ALTER TABLE orders ENABLE TRIGGER USER;",
                            .in_transaction = false}},
                   .good = {{.sql = "ALTER TABLE orders ENABLE TRIGGER noted;"},
                            {.sql = "DROP TRIGGER noted ON orders;"},
                            {.sql = "CREATE TABLE carts (id bigint);\nALTER TABLE carts DISABLE TRIGGER ALL;"}}},
          .nodes = {T_AlterTableStmt},
          .commands = {AT_DisableTrig, AT_DisableTrigAll, AT_DisableTrigUser},
          .check = check};
}

}  // namespace pgrehearse::rules::disable_trigger
