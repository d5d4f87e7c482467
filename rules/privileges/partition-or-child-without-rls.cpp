// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/policies.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::partition_or_child_without_rls {
static bool has_row_security(const RelationState* table) { return table && !table->uncertain && table->row_security; }

/// ENABLE ROW LEVEL SECURITY on a table whose partitions are there already.
static void check_enabled(const Statement& statement, const AlterTableStmt& alter, Context& context) {
  auto* table = newly_secured(alter, context);
  if (!table) return;
  for (const RelationState* child : context.state().children(table->id)) {
    if (!child->complete || child->uncertain || child->row_security) continue;
    if (security_history(context).follows(context, statement, SecurityMention::Kind::enable, child->name)) continue;
    std::string name = context.state().display_name(*child);
    context
        .report(statement.span, name + " has no row security of its own, unlike " + display_name(*alter.relation) +
                                    ": who may read it directly sees all rows")
        .help = "Add ALTER TABLE " + name + " ENABLE ROW LEVEL SECURITY, and grant nothing on it.";
    return;
  }
}

static void check(const Statement& statement, Context& context) {
  if (auto* alter = statement.as<AlterTableStmt>()) check_enabled(statement, *alter, context);
  const RangeVar* child = nullptr;
  const RelationState* parent = nullptr;
  if (auto* create = statement.as<CreateStmt>()) {
    child = create->relation;
    for (const auto& above : each<RangeVar>(create->inhRelations)) {
      if (has_row_security(context.state().find(above))) parent = context.state().find(above);
    }
  } else if (auto* alter = statement.as<AlterTableStmt>()) {
    for (const auto& command : each<AlterTableCmd>(alter->cmds)) {
      auto* partition = command.subtype == AT_AttachPartition ? as<PartitionCmd>(command.def) : nullptr;
      if (!partition || !has_row_security(context.state().find(*alter->relation))) continue;
      child = partition->name;
      parent = context.state().find(*alter->relation);
    }
    if (auto* known = child ? context.state().find(*child) : nullptr; known && known->row_security) return;
  }
  if (!child || !parent) return;
  QualifiedName name = qualified_name(*child);
  const SecurityHistory& history = security_history(context);
  if (history.later(context, SecurityMention::Kind::enable, name)) return;
  for (const SecurityMention& mention : history.of(context)) {
    bool mended = mention.kind == SecurityMention::Kind::enable && may_be_same(mention.object, name);
    if (mended) return;
  }
  auto& finding = context.report(statement.span, display_name(name) + " has no row security of its own, unlike " +
                                                     context.state().display_name(*parent) +
                                                     ": who may read it directly sees all rows");
  finding.help = "Add ALTER TABLE " + display_name(name) + " ENABLE ROW LEVEL SECURITY, and grant nothing on it.";
  if (statement.origin == Origin::top_level) {
    finding.fix = Fix{"Enable row security",
                      Fix::Safety::unsafe,
                      {{{statement.span.end, statement.span.end},
                        ";\nALTER TABLE " + display_name(name) + " ENABLE ROW LEVEL SECURITY"}}};
  }
}

Rule rule() {
  return {.info = {.id = "partition-or-child-without-rls",
                   .title = "A partition or child of a table with row security, without its own",
                   .category = Category::privileges,
                   .severity = Severity::warning,
                   .why = R"(
Row security does not pass down. A partition or an inheriting table begins with it off, whatever its parent has, and a query that names it
directly sees all of its rows. That takes a privilege on the partition itself, which default privileges and `GRANT ... ON ALL TABLES IN
SCHEMA` give without a word. It is the same on PostgreSQL 12 to 18.)",
                   .instead = R"(
`ALTER TABLE notes_2024 ENABLE ROW LEVEL SECURITY;` in the same migration (without policies nobody but the owner reads it directly,
and queries of the parent work as before), and no grants on partitions.)",
                   .since = "0.2.0",
                   .security_severity = 5.0,
                   .setup = "CREATE TABLE parts (year int, id bigint) PARTITION BY LIST (year);\n"
                            "ALTER TABLE parts ENABLE ROW LEVEL SECURITY;\n"
                            "CREATE TABLE notes (id bigint, owner text, is_open boolean);\n"
                            "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"
                            "CREATE POLICY mine ON notes TO app USING (owner = current_user);\n"
                            "CREATE TABLE plain (id bigint);",
                   .bad = {{.sql = "CREATE TABLE parts_2024 PARTITION OF parts FOR VALUES IN (2024);"},
                           {.sql = "CREATE TABLE child () INHERITS (notes);"},
                           {.sql = "-- file: 001_child.sql\nCREATE TABLE plain (id bigint);\nCREATE TABLE child () "
                                   "INHERITS (plain);\n"
                                   "-- file: 002_security.sql\nALTER TABLE plain ENABLE ROW LEVEL SECURITY;\n"},
                           {.sql = "CREATE TABLE loose (year int, id bigint);\n"
                                   "ALTER TABLE parts ATTACH PARTITION loose FOR VALUES IN (2025);"}},
                   .good = {{.sql = "CREATE TABLE parts_2024 PARTITION OF parts FOR VALUES IN (2024);\n"
                                    "ALTER TABLE parts_2024 ENABLE ROW LEVEL SECURITY;"},
                            {.sql = "CREATE TABLE child () INHERITS (plain);"},
                            {.sql = "CREATE TABLE copy_of (LIKE notes);"}}},
          .nodes = {T_CreateStmt, T_AlterTableStmt},
          .commands = {AT_AttachPartition, AT_EnableRowSecurity},
          .check = check};
}

}  // namespace pgrehearse::rules::partition_or_child_without_rls
