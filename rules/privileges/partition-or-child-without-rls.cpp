// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/security_history.h"

namespace pgrehearse {
static bool has_row_security(const RelationState* table) {
  return table && !table->uncertain && table->row_security;
}

static void check(const Statement& statement, Context& context) {
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

Rule partition_or_child_without_rls() {
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
                           {.sql = "CREATE TABLE loose (year int, id bigint);\n"
                                   "ALTER TABLE parts ATTACH PARTITION loose FOR VALUES IN (2025);"}},
                   .good = {{.sql = "CREATE TABLE parts_2024 PARTITION OF parts FOR VALUES IN (2024);\n"
                                    "ALTER TABLE parts_2024 ENABLE ROW LEVEL SECURITY;"},
                            {.sql = "CREATE TABLE child () INHERITS (plain);"},
                            {.sql = "CREATE TABLE copy_of (LIKE notes);"}}},
          .nodes = {T_CreateStmt, T_AlterTableStmt},
          .check = check};
}

}  // namespace pgrehearse
