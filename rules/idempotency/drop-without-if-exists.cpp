// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/created_objects.h"
#include "rules/support/drop_words.h"
#include "rules/support/second_run.h"
#include "sql/edit.h"

namespace pgrehearse::rules::drop_without_if_exists {
namespace {

/// The keywords between DROP and the name, lower case; empty for a DROP that has IF EXISTS, or for another statement.
std::vector<std::string_view> words_of(const Statement& statement) {
  if (auto* role = statement.as<DropRoleStmt>()) {
    if (role->missing_ok) return {};
    for (std::string_view word : {"role", "user", "group"}) {
      if (find_keywords(statement, {"drop", word})) return {word};
    }
    return {};
  }
  if (auto* subscription = statement.as<DropSubscriptionStmt>()) {
    return subscription->missing_ok ? std::vector<std::string_view>{} : std::vector<std::string_view>{"subscription"};
  }
  if (auto* mapping = statement.as<DropUserMappingStmt>()) {
    return mapping->missing_ok ? std::vector<std::string_view>{} : std::vector<std::string_view>{"user", "mapping"};
  }
  auto* drop = statement.as<DropStmt>();
  if (!drop || drop->missing_ok) return {};
  return drop_words(drop->removeType);
}

/// The file itself makes the object, before or after, so a second run finds it again.
bool made_here(const Statement& statement, const DropStmt& drop, const Context& context) {
  for (const Node& object : each<Node>(drop.objects)) {
    auto [name, table] = dropped_name(drop.removeType, object);
    bool before = as<List>(&object) && context.state().created_in_this_migration(qualified_name(as<List>(&object)));
    if (!before && (name.empty() || !created_later(statement, context, drop.removeType, name, table))) return false;
  }
  return true;
}

/// The same ALTER TABLE, or a later statement, adds a constraint of that name.
bool added_again(const Statement& statement, const Context& context, const Command& dropped) {
  for (const Command& command : commands(statement, AT_AddConstraint)) {
    auto* constraint = command.constraint();
    if (constraint && view(constraint->conname) == view(dropped.node->name)) return true;
  }
  return created_later(statement, context, OBJECT_TABCONSTRAINT, view(dropped.node->name),
                       view(dropped.table->relation->relname));
}

void check_alter(const Statement& statement, Context& context) {
  for (const Command& command : commands(statement, AT_DropConstraint)) {
    if (command.node->missing_ok) continue;
    auto* constraint = context.state().constraint(qualified_name(*command.table->relation), view(command.node->name));
    if (constraint && constraint->created_in == context.state().migration()) continue;
    if (added_again(statement, context, command)) continue;
    Span span = command_span(statement, command);
    auto& finding = context.report(span, "DROP CONSTRAINT " + quote_identifier(view(command.node->name)) +
                                             " without IF EXISTS fails when the file runs again");
    finding.help = "Write DROP CONSTRAINT IF EXISTS.";
    auto keyword = find_keywords(statement, {"constraint"}, length(command.table->cmds) == 1 ? 0 : span.begin);
    if (keyword) finding.fix = Fix{"Add IF EXISTS", Fix::Safety::safe, {{{keyword->end, keyword->end}, " IF EXISTS"}}};
  }
}

void check(const Statement& statement, Context& context) {
  if (!fails_again(context)) return;
  if (statement.as<AlterTableStmt>()) return check_alter(statement, context);
  std::vector<std::string_view> words = words_of(statement);
  auto* drop = statement.as<DropStmt>();
  if (words.empty() || (drop && made_here(statement, *drop, context))) return;
  std::string what = "DROP";
  for (std::string_view word : words) {
    what += ' ';
    for (char c : word) what += static_cast<char>(c - 'a' + 'A');
  }
  auto& finding = context.report(statement.span, what + " without IF EXISTS fails when the file runs again");
  finding.help = "Write " + what + (drop && drop->concurrent ? " CONCURRENTLY IF EXISTS." : " IF EXISTS.");
  auto keyword = drop && drop->concurrent ? find_keywords(statement, {"index", "concurrently"})
                 : words.size() == 2      ? find_keywords(statement, {words[0], words[1]})
                                          : find_keywords(statement, {words[0]});
  if (keyword) finding.fix = Fix{"Add IF EXISTS", Fix::Safety::safe, {{{keyword->end, keyword->end}, " IF EXISTS"}}};
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "drop-without-if-exists",
           .title = "DROP without IF EXISTS in a file that may run again",
           .category = Category::idempotency,
           .severity = Severity::warning,
           .why = R"(
The first run takes the object away, so a second one stops here (SQLSTATE 42P01, 42704, 42883 or 3F000) and all that stands
below in the file is not applied. It also stops where the object was dropped by hand before. The same goes for `ALTER TABLE
... DROP CONSTRAINT`, and for rollback files, which are the ones that somebody repeats in a hurry.

This rule looks only at layouts whose files may run twice. Select it by its id to have it everywhere.)",
           .instead =
               "`DROP ... IF EXISTS`: the server says in a NOTICE that nothing was there. A misspelt name passes "
               "as well, so check the name.",
           .since = "0.1.0",
           .applies_to_down = true,
           .setup = "CREATE TABLE orders (id bigint CONSTRAINT positive CHECK (id > 0), code text);\n"
                    "CREATE INDEX orders_code ON orders (code);\nCREATE VIEW codes AS SELECT code FROM orders;",
           .bad = {{.sql = "DROP VIEW codes;"},
                   {.sql = "DROP INDEX CONCURRENTLY orders_code;", .in_transaction = false},
                   {.sql = "DROP MATERIALIZED VIEW totals CASCADE;"},
                   {.sql = "ALTER TABLE orders ADD COLUMN n int, DROP CONSTRAINT positive;"},
                   {.sql = "DROP POLICY mine ON orders;\nDROP USER somebody;"}},
           .good = {{.sql = "DROP VIEW IF EXISTS codes;"},
                    {.sql = "CREATE TABLE tried (id bigint);\nDROP TABLE tried;"},
                    {.sql = "ALTER TABLE orders DROP CONSTRAINT IF EXISTS positive;"},
                    {.sql = "ALTER TABLE orders DROP CONSTRAINT positive, ADD CONSTRAINT positive CHECK (id > 1);\n"
                            "DROP VIEW codes;\nCREATE VIEW codes AS SELECT id FROM orders;"},
                    {.sql = "DO $$ BEGIN\n  IF to_regclass('codes') IS NOT NULL THEN\n    DROP VIEW codes;\n  END IF;\n"
                            "END $$;"}}},
      .nodes = {T_DropStmt, T_DropRoleStmt, T_DropSubscriptionStmt, T_DropUserMappingStmt, T_AlterTableStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::drop_without_if_exists
