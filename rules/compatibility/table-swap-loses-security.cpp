// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/cascade.h"
#include "rules/support/lists.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::table_swap_loses_security {
namespace {

enum class Guard : unsigned char { row_security, policies, grants, triggers, references };

bool is_one_of(const RangeVar* relation, std::string_view a, std::string_view b) {
  return relation && (view(relation->relname) == a || view(relation->relname) == b);
}

/// What the statement sets up on one of the two tables.
void note(const Statement& statement, std::string_view old_name, std::string_view new_name, std::set<Guard>& found) {
  auto is_it = [&](const RangeVar* relation) { return is_one_of(relation, old_name, new_name); };
  if (auto* policy = statement.as<CreatePolicyStmt>(); policy && is_it(policy->table)) found.insert(Guard::policies);
  if (auto* trigger = statement.as<CreateTrigStmt>(); trigger && is_it(trigger->relation))
    found.insert(Guard::triggers);
  if (auto* grant = statement.as<GrantStmt>(); grant && grant->is_grant) {
    bool named = any_node<RangeVar>(grant->objects, [&](const RangeVar& relation) { return is_it(&relation); });
    if (named || grant->targtype == ACL_TARGET_ALL_IN_SCHEMA) found.insert(Guard::grants);
  }
  auto* alter = statement.as<AlterTableStmt>();
  if (!alter) return;
  for (const auto& command : each<AlterTableCmd>(alter->cmds)) {
    if (command.subtype == AT_EnableRowSecurity && is_it(alter->relation)) found.insert(Guard::row_security);
    auto* constraint = as<Constraint>(command.def);
    if (constraint && constraint->contype == CONSTR_FOREIGN && is_it(constraint->pktable))
      found.insert(Guard::references);
  }
}

struct Lost {
  std::vector<std::string> parts;
  bool security = false;
};

/// Guards of the old table that neither the new one has nor `made` says.
Lost lost_between(const RelationState& old_table, const RelationState& new_table, const std::set<Guard>& made,
                  const SchemaState& state) {
  Lost lost;
  if (old_table.row_security && !new_table.row_security && !made.contains(Guard::row_security)) {
    lost.parts.emplace_back("row level security");
    lost.security = true;
  }
  if (!old_table.policies.empty() && new_table.policies.empty() && !made.contains(Guard::policies)) {
    std::vector<std::string> names;
    for (const PolicyState& policy : old_table.policies) names.push_back(quote_identifier(policy.name));
    lost.parts.push_back((names.size() > 1 ? "the policies " : "the policy ") + listed(names));
    lost.security = true;
  }
  auto in_force = [](const GrantState& grant) { return grant.in_force; };
  if (std::ranges::any_of(old_table.grants, in_force) && std::ranges::none_of(new_table.grants, in_force) &&
      !made.contains(Guard::grants)) {
    std::vector<std::string> roles;
    for (const GrantState& grant : old_table.grants) {
      std::string role = grant.grantee == "public" ? "PUBLIC" : quote_identifier(grant.grantee);
      if (grant.in_force && std::ranges::find(roles, role) == roles.end()) roles.push_back(role);
    }
    lost.parts.push_back("the grants to " + listed(roles));
    lost.security = true;
  }
  if (!old_table.triggers.empty() && new_table.triggers.empty() && !made.contains(Guard::triggers)) {
    std::vector<std::string> names;
    for (const TriggerState& trigger : old_table.triggers) names.push_back(quote_identifier(trigger.name));
    lost.parts.push_back((names.size() > 1 ? "the triggers " : "the trigger ") + listed(names));
  }
  if (made.contains(Guard::references)) return lost;
  std::vector<std::string> keys;
  for (const auto& [table, constraint] : state.references_to(old_table.id)) {
    if (table != &old_table && !table->is_partition())
      keys.push_back(quote_identifier(constraint->name) + " of " + state.display_name(*table));
  }
  if (!keys.empty()) lost.parts.push_back("the foreign keys that point to it (" + listed(keys) + ")");
  return lost;
}

/// The table that the statement drops, or renames away.
const RelationState* leaving(const Statement& statement, const Context& context) {
  if (auto* rename = statement.as<RenameStmt>()) {
    return rename->renameType == OBJECT_TABLE && rename->relation ? context.state().find(*rename->relation) : nullptr;
  }
  auto* drop = statement.as<DropStmt>();
  if (!drop || drop->removeType != OBJECT_TABLE || length(drop->objects) != 1) return nullptr;
  return context.state().find(qualified_name(as<List>(first(drop->objects))));
}

void check(const Statement& statement, Context& context) {
  auto* old_table = leaving(statement, context);
  bool is_table =
      old_table && (old_table->kind == RelationKind::table || old_table->kind == RelationKind::partitioned_table);
  if (!is_table || !context.state().existed_before(*old_table)) return;
  const RelationState* new_table = nullptr;
  any_later(statement, context, [&](const Statement& later) {
    auto* rename = later.as<RenameStmt>();
    if (!rename || rename->renameType != OBJECT_TABLE || view(rename->newname) != old_table->name.name) return false;
    new_table = context.state().find(*rename->relation);
    return true;
  });
  // A table that was there already may have been made ready by an earlier migration, or hold its own rights.
  if (!new_table || new_table == old_table || !new_table->complete) return;
  std::set<Guard> made;
  any_later(statement, context, [&](const Statement& later) {
    note(later, old_table->name.name, new_table->name.name, made);
    return false;
  });
  Lost lost = lost_between(*old_table, *new_table, made, context.state());
  if (lost.parts.empty()) return;
  std::string from = context.state().display_name(*new_table), to = context.state().display_name(*old_table);
  auto& finding = context.report(statement.span, from + " takes the place of " + to + " without " + listed(lost.parts));
  if (!lost.security) finding.severity = Severity::warning;
  finding.help = "Set all of it up on " + from + " before the names change, in the same transaction. LIKE " + to +
                 " INCLUDING ALL copies columns, defaults, checks and indexes, and none of this.";
}

}  // namespace

const Rule& rule() {
  static constexpr Rule rule = {
      .info =
          {.id = "table-swap-loses-security",
           .title = "A new table takes another's name without its policies, grants, triggers or foreign keys",
           .category = Category::compatibility,
           .severity = Severity::error,
           .why = R"(
A table that is built anew and renamed into place is another table. `CREATE TABLE ... (LIKE old INCLUDING ALL)` copies
columns, defaults, checks and indexes, but no row level security, policies, grants, triggers or foreign keys; `CREATE
TABLE ... AS` no constraints and defaults either. Without row security every role that may read the table reads every
row; without the grants the application fails with SQLSTATE 42501; foreign keys of other tables go on to point to the
old table, under whatever name it has. A serial's default goes on to draw from the old table's sequence, which then
cannot be dropped. It is the same on PostgreSQL 12 to 18.

Reported where an earlier migration gave these things to the old table and nothing here gives them to the new one; an
error when it is about who may see what, else a warning.)",
           .instead = R"(
Change the table in place where that goes. For a swap: set up ENABLE ROW LEVEL SECURITY, policies, grants, triggers
and foreign keys on the new table first, and rename both in one transaction.)",
           .since = "0.2.0",
           .security_severity = 7.0,
           .setup = "CREATE ROLE app;\nCREATE TABLE orders (id bigint PRIMARY KEY, tenant int);\n"
                    "ALTER TABLE orders ENABLE ROW LEVEL SECURITY;\nCREATE POLICY mine ON orders USING (tenant = 1);\n"
                    "GRANT SELECT ON orders TO app;\nCREATE TABLE carts (id bigint PRIMARY KEY);\n"
                    "CREATE TABLE lines (cart bigint REFERENCES carts);\nCREATE TABLE logs (line text);",
           .bad = {{.sql = "CREATE TABLE orders_new (LIKE orders INCLUDING ALL);\nINSERT INTO orders_new SELECT * FROM "
                           "orders;\n"
                           "DROP TABLE orders;\nALTER TABLE orders_new RENAME TO orders;"},
                   {.sql =
                        "CREATE TABLE orders_new AS SELECT * FROM orders;\nALTER TABLE orders RENAME TO orders_old;\n"
                        "ALTER TABLE orders_new RENAME TO orders;\nGRANT SELECT ON orders TO app;"},
                   {.sql =
                        "CREATE TABLE carts_new (LIKE carts INCLUDING ALL);\nALTER TABLE carts RENAME TO carts_old;\n"
                        "ALTER TABLE carts_new RENAME TO carts;"}},
           .good =
               {{.sql =
                     "CREATE TABLE orders_new (LIKE orders INCLUDING ALL);\nALTER TABLE orders_new ENABLE ROW LEVEL "
                     "SECURITY;\n"
                     "CREATE POLICY mine ON orders_new USING (tenant = 1);\nALTER TABLE orders RENAME TO orders_old;\n"
                     "ALTER TABLE orders_new RENAME TO orders;\nGRANT SELECT ON orders TO app;"},
                {.sql = "CREATE TABLE logs_new (line text, at date);\nALTER TABLE logs RENAME TO logs_old;\n"
                        "ALTER TABLE logs_new RENAME TO logs;"},
                {.sql = "ALTER TABLE orders RENAME TO old_orders;"},
                {.sql = "DROP TABLE orders;"}}},
      .nodes = {T_DropStmt, T_RenameStmt},
      .dropped = {OBJECT_TABLE},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::table_swap_loses_security
