// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::rls_gap_window {
/// Whether a later statement of this migration creates a policy on the table.
static bool policy_follows(const QualifiedName& table, const Statement& statement, Context& context) {
  for (const SecurityMention& mention : security_history(context).of(context)) {
    if (mention.kind == SecurityMention::Kind::create_policy && mention.span.begin >= statement.span.end &&
        may_be_same(mention.object, table)) {
      return true;
    }
  }
  return false;
}

static void check(const Statement& statement, Context& context) {
  if (context.in_transaction() || statement.origin != Origin::top_level) return;
  QualifiedName table;
  bool enables = false;
  if (auto* alter = statement.as<AlterTableStmt>()) {
    for (const auto& command : each<AlterTableCmd>(alter->cmds))
      enables = enables || command.subtype == AT_EnableRowSecurity;
    if (!enables || !context.is_used(*alter->relation)) return;
    table = qualified_name(*alter->relation);
    auto* known = context.state().find(table);
    if (known && (!known->policies.empty() || known->row_security)) return;
  } else if (auto* drop = statement.as<DropStmt>(); drop && drop->removeType == OBJECT_POLICY) {
    auto* names = as<List>(first(drop->objects));
    if (length(names) < 2) return;
    auto part = [&](int from_end) {
      return std::string(string_value(static_cast<const Node*>(names->elements[names->length - from_end].ptr_value)));
    };
    table = {length(names) > 2 ? part(3) : std::string(), part(2)};
    if (!context.existed_before(table)) return;
  } else {
    return;
  }
  if (!policy_follows(table, statement, context)) return;
  std::string name = display_name(table);
  context
      .report(statement.span,
              enables ? "until its policies are there, readers see no row of " + name
                      : "until the policy is there again, readers see other rows of " + name + " than they should")
      .help = "Put this statement and CREATE POLICY into one transaction (BEGIN; ... COMMIT;).";
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info = {.id = "rls-gap-window",
               .title = "Row security and its policies in separate transactions",
               .category = Category::privileges,
               .severity = Severity::error,
               .why = R"(
Outside a transaction each statement takes effect at once. Between `ENABLE ROW LEVEL SECURITY` and the first `CREATE POLICY` readers see
no row; between `DROP POLICY` and the `CREATE POLICY` that replaces it they see none either, or, when the dropped one was restrictive,
more than they may. If the file fails in between, it stays so. It is the same on PostgreSQL 12 to 18.)",
               .instead = R"(
Put both into one transaction: `BEGIN; ALTER TABLE ... ENABLE ROW LEVEL SECURITY; CREATE POLICY ...; COMMIT;`)",
               .since = "0.2.0",
               .security_severity = 5.0,
               .setup = "CREATE TABLE notes (id bigint, owner text, is_open boolean);\n"
                        "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"
                        "CREATE POLICY mine ON notes TO app USING (owner = current_user);\n"
                        "CREATE TABLE plain (id bigint);",
               .bad = {{.sql = "ALTER TABLE plain ENABLE ROW LEVEL SECURITY;\n"
                               "CREATE POLICY own ON plain USING (id > 0);",
                        .in_transaction = false},
                       {.sql = "DROP POLICY mine ON notes;\n"
                               "CREATE POLICY mine ON notes USING (owner = session_user);",
                        .in_transaction = false},
                       {.sql = "SET lock_timeout = '2s';\n"
                               "ALTER TABLE plain ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\n"
                               "CREATE POLICY own ON plain USING (id > 0);",
                        .in_transaction = false}},
               .good = {{.sql = "ALTER TABLE plain ENABLE ROW LEVEL SECURITY;\n"
                                "CREATE POLICY own ON plain USING (id > 0);"},
                        {.sql = "BEGIN;\n"
                                "ALTER TABLE plain ENABLE ROW LEVEL SECURITY;\n"
                                "CREATE POLICY own ON plain USING (id > 0);\n"
                                "COMMIT;",
                         .in_transaction = false},
                        {.sql = "CREATE TABLE drafts (id bigint);\n"
                                "ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;\n"
                                "CREATE POLICY own ON drafts USING (id > 0);",
                         .in_transaction = false},
                        {.sql = "CREATE POLICY own ON plain USING (id > 0);\n"
                                "ALTER TABLE plain ENABLE ROW LEVEL SECURITY;",
                         .in_transaction = false},
                        {.sql = "DROP POLICY mine ON notes;", .in_transaction = false}}},
      .nodes = {T_AlterTableStmt, T_DropStmt},
      .commands = {AT_EnableRowSecurity},
      .dropped = {OBJECT_POLICY},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::rls_gap_window
