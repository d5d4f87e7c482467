// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::alter_type_blocked_by_dependents {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& name) {
  return std::ranges::find(list, name) != list.end();
}

/// What uses the column in a way that forbids another type: "view totals". Empty: nothing known.
std::string blocker(const SchemaState& state, const RelationState& table, const std::string& column) {
  for (const ColumnState& other : table.columns) {
    bool uses = other.generated != Generated::no && contains(other.generation->columns, column);
    if (uses) return "the generated column " + quote_identifier(other.name);
  }
  for (const RelationState* reader : state.readers(table.id)) {
    bool reads = std::ranges::find(reader->reads_columns, std::pair(table.id, column)) != reader->reads_columns.end();
    if (reads && reader->reads_understood && !reader->uncertain) {
      return (reader->kind == RelationKind::view ? "the view " : "the materialized view ") +
             state.display_name(*reader);
    }
  }
  for (const TriggerState& trigger : table.triggers) {
    if (contains(trigger.columns, column)) return "the trigger " + quote_identifier(trigger.name);
  }
  for (const PolicyState& policy : table.policies) {
    if (contains(policy.columns, column)) return "the policy " + quote_identifier(policy.name);
  }
  return {};
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands(statement, AT_AlterColumnType)) {
    if (context.conditional()) return;
    auto* table = context.state().find(*command.table->relation);
    if (!table || table->uncertain) continue;
    Impact alone = impact_of(statement, context, command);
    if (alone.sqlstate != "0A000" && alone.sqlstate != "42601") continue;
    std::string column(view(command.node->name));
    std::string by = blocker(context.state(), *table, column);
    if (by.empty()) continue;
    auto& finding = context.report(command_span(statement, command), "PostgreSQL refuses to change the type of " +
                                                                         quote_identifier(column) + ": " + by +
                                                                         " uses it (SQLSTATE " + alone.sqlstate + ")");
    finding.help =
        "In one transaction drop " + by + ", change the type and create it again, with its grants and comments.";
  }
}

Rule rule() {
  return {
      .info =
          {.id = "alter-type-blocked-by-dependents",
           .title = "ALTER COLUMN ... TYPE of a column that a view, policy or trigger uses",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
PostgreSQL does not follow a change of type into views, rules, policies, generated columns and the `WHEN` or `UPDATE OF` of triggers.
It refuses the statement (SQLSTATE 0A000; 42601 for generated columns on PostgreSQL 14), also for a longer `varchar` that would cost
nothing. On 14 to 18 alike.)",
           .instead = R"(
In one transaction: drop what uses the column, change the type, create it again. What a view or materialized view loses with that
are its grants, comments and indexes; write them down again too.)",
           .since = "0.1.0",
           .fails_for_certain = true,
           .setup = "CREATE TABLE orders (id bigint, code varchar(10), note text, size int, total int,\n"
                    "  twice int GENERATED ALWAYS AS (size * 2) STORED);\n"
                    "CREATE VIEW codes AS SELECT id, code FROM orders;\n"
                    "CREATE POLICY noted ON orders USING (note <> '');",
           .bad = {{.sql = "ALTER TABLE orders ALTER COLUMN code TYPE varchar(20);", .sqlstate = "0A000"},
                   {.sql = "ALTER TABLE orders ALTER COLUMN note TYPE varchar;", .sqlstate = "0A000"},
                   {.sql = "ALTER TABLE orders ALTER COLUMN size TYPE bigint;", .sqlstate = "0A000", .min_server = 15}},
           .good = {{.sql = "ALTER TABLE orders ALTER COLUMN total TYPE bigint;"},
                    {.sql = "DROP VIEW codes;\nALTER TABLE orders ALTER COLUMN code TYPE varchar(20);\n"
                            "CREATE VIEW codes AS SELECT id, code FROM orders;"},
                    {.sql = "CREATE TABLE carts (code varchar(10));\nALTER TABLE carts ALTER COLUMN code TYPE text;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AlterColumnType},
      .check = check};
}

}  // namespace pgrehearse::rules::alter_type_blocked_by_dependents
