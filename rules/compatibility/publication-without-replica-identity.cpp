// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/cascade.h"
#include "rules/support/lists.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::publication_without_replica_identity {
namespace {

/// Neither a primary key nor another way to name a row. Unknown tables have one.
bool lacks_identity(const RelationState& table) {
  if (!table.complete || table.uncertain || table.kind != RelationKind::table ||
      table.persistence != Persistence::permanent)
    return false;
  if (table.primary_key() || table.has_option("replica_identity_full")) return false;
  return std::ranges::none_of(table.indexes, [](const IndexState& index) { return index.replica_identity; });
}

/// Tables to which the rest of the part gives a primary key or a replica identity.
std::set<std::string> given_identity_later(const Statement& statement, const Context& context) {
  std::set<std::string> tables;
  any_later(statement, context, [&](const Statement& later) {
    auto* alter = later.as<AlterTableStmt>();
    if (!alter) return false;
    bool given = any_node<AlterTableCmd>(alter->cmds, [](const AlterTableCmd& command) {
      auto* identity = as<ReplicaIdentityStmt>(command.def);
      auto* constraint = as<Constraint>(command.def);
      return (identity && identity->identity_type != 'n') || (constraint && constraint->contype == CONSTR_PRIMARY);
    });
    if (given) tables.emplace(view(alter->relation->relname));
    return false;
  });
  return tables;
}

/// WITH (publish = 'insert'): what has no row to find.
bool only_inserts(const List* options) {
  return any_node<DefElem>(options, [](const DefElem& option) {
    if (view(option.defname) != "publish") return false;
    std::string_view value = string_value(option.arg);
    return value.find("update") == value.npos && value.find("delete") == value.npos;
  });
}

void check(const Statement& statement, Context& context) {
  auto* create = statement.as<CreatePublicationStmt>();
  auto* alter = statement.as<AlterPublicationStmt>();
  if (!create && (!alter || alter->action == AP_DropObjects)) return;
  if (create && only_inserts(create->options)) return;
  const SchemaState& state = context.state();
  std::vector<const RelationState*> tables;
  for (const auto& object : each<PublicationObjSpec>(create ? create->pubobjects : alter->pubobjects)) {
    if (object.pubtable) tables.push_back(state.find(*object.pubtable->relation));
  }
  if (create && create->for_all_tables) tables = state.all_relations();
  std::erase_if(tables, [](const RelationState* table) { return !table || !lacks_identity(*table); });
  if (tables.empty()) return;
  auto given = given_identity_later(statement, context);
  std::vector<std::string> names;
  for (const RelationState* table : tables) {
    if (!given.contains(table->name.name)) names.push_back(state.display_name(*table));
  }
  if (names.empty()) return;
  std::string name = quote_identifier(view(create ? create->pubname : alter->pubname));
  auto& finding =
      context.report(statement.span, "once " + name + " sends " + listed(names) + ", every UPDATE and DELETE on " +
                                         (names.size() > 1 ? "them" : "it") + " fails: there is no primary key");
  finding.help = "Add a primary key first. If there cannot be one: ALTER TABLE " + names.front() +
                 " REPLICA IDENTITY USING INDEX with a unique index over NOT NULL columns, or REPLICA IDENTITY FULL, "
                 "which sends and compares "
                 "whole rows.";
}

}  // namespace

Rule rule() {
  return {
      .info = {.id = "publication-without-replica-identity",
               .title = "A publication sends a table that has no primary key",
               .category = Category::compatibility,
               .severity = Severity::error,
               .why = R"(
A subscriber finds the row to change by the table's replica identity, which is its primary key unless something else
was said. A table without one takes INSERTs as before, but from the moment when a publication sends its updates or
deletes, each UPDATE and DELETE on it fails on the publishing server with SQLSTATE 55000: the application breaks, not
the replication. `FOR ALL TABLES` includes every table that is there and each that comes. It is the same on PostgreSQL
12 to 18.)",
               .instead = R"(
A primary key on each table that is sent. Otherwise `ALTER TABLE ... REPLICA IDENTITY USING INDEX` or `FULL`, before
the publication. A publication `WITH (publish = 'insert')` needs none.)",
               .since = "0.2.0",
               .setup = "CREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE logs (line text);\nCREATE TABLE "
                        "events (line text);\n"
                        "CREATE TABLE whole (line text);\nALTER TABLE whole REPLICA IDENTITY FULL;\nCREATE PUBLICATION "
                        "feed FOR TABLE orders;",
               .bad = {{.sql = "CREATE PUBLICATION all_of_it FOR ALL TABLES;"},
                       {.sql = "ALTER PUBLICATION feed ADD TABLE logs;"},
                       {.sql = "CREATE TABLE seen (a int);\nCREATE PUBLICATION more FOR TABLE orders, seen, events;"}},
               .good = {{.sql = "CREATE PUBLICATION more FOR TABLE orders, whole;"},
                        {.sql = "CREATE PUBLICATION more FOR TABLE logs WITH (publish = 'insert');"},
                        {.sql = "ALTER PUBLICATION feed ADD TABLE logs;\nALTER TABLE logs REPLICA IDENTITY FULL;"},
                        {.sql = "CREATE PUBLICATION more FOR TABLE not_seen_here;"},
                        {.sql = "ALTER PUBLICATION feed DROP TABLE logs;"}}},
      .nodes = {T_CreatePublicationStmt, T_AlterPublicationStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::publication_without_replica_identity
