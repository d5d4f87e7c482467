// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/neighbours.h"
#include "sql/edit.h"

namespace pgrehearse::rules::serial_sequence_still_int {
namespace {

bool gives_type(const Statement& statement, std::string_view sequence) {
  auto* alter = statement.as<AlterSeqStmt>();
  if (!alter || view(alter->sequence->relname) != sequence) return false;
  for (const auto& option : each<DefElem>(alter->options)) {
    if (view(option.defname) == "as") return true;
  }
  return false;
}

/// integer or smallint, when the files say so; empty: a bigint's, or not known.
std::string_view type_of(const RelationState& sequence) {
  for (const std::string& option : sequence.options) {
    if (option == "as=integer" || option == "as=smallint") return std::string_view(option).substr(3);
  }
  return {};
}

int rank(std::string_view type) { return type == "smallint" ? 1 : type == "integer" ? 2 : type == "bigint" ? 3 : 0; }

void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AlterColumnType)) {
    const RangeVar& relation = *command.table->relation;
    auto* definition = command.column();
    auto* column = context.state().column(qualified_name(relation), view(command.node->name));
    if (!column || !definition || !definition->typeName || column->identity != Identity::no) continue;
    auto* sequence = context.state().relation(column->default_sequence ? column->default_sequence : column->sequence);
    std::string to = context.state().resolve_type(*definition->typeName).base;
    std::string_view counts = sequence ? type_of(*sequence) : std::string_view();
    if (counts.empty() || rank(to) <= rank(counts)) continue;
    auto is_done = [&](const Statement& other) { return gives_type(other, sequence->name.name); };
    if (any_later(statement, context, is_done)) continue;
    std::string name = context.state().display_name(*sequence);
    std::string shown = shown_name(context, relation) + "." + quote_identifier(column->name);
    auto& finding = context.report(command_span(statement, command),
                                   "the sequence " + name + " of " + shown + " stays " + std::string(counts) +
                                       " and ends at " + (counts == "integer" ? "2147483647" : "32767"));
    finding.help = "Add ALTER SEQUENCE " + name + " AS " + to + ": it changes the sequence alone, at once.";
    if (statement.origin == Origin::top_level && length(command.table->cmds) == 1) {
      finding.fix = Fix{"Change the sequence too",
                        Fix::Safety::unsafe,
                        {append(statement, ";\nALTER SEQUENCE " + name + " AS " + to)}};
    }
  }
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "serial-sequence-still-int",
           .title = "A serial column becomes bigint and its sequence stays integer",
           .category = Category::compatibility,
           .severity = Severity::error,
           .why = R"(
`serial` makes an integer column and a sequence `AS integer`. ALTER COLUMN ... TYPE bigint changes the column alone.
The ids that the change was made for never come: at 2147483647 `nextval()` fails with SQLSTATE 2200H and every INSERT
with it, perhaps years later and with nobody left who remembers. The sequence of an identity column follows its
column. It is the same on PostgreSQL 12 to 18.)",
           .instead = R"(
`ALTER SEQUENCE orders_id_seq AS bigint`, in the same migration. It raises the limit when that was the old type's.)",
           .since = "0.2.0",
           .setup = "CREATE TABLE orders (id serial, number bigserial);\nCREATE TABLE lines (id int GENERATED ALWAYS "
                    "AS IDENTITY);\n"
                    "CREATE SEQUENCE numbers;\nCREATE TABLE carts (id int DEFAULT nextval('numbers'));",
           .bad = {{.sql = "ALTER TABLE orders ALTER COLUMN id TYPE bigint;"},
                   {.sql = "ALTER TABLE orders ALTER id SET NOT NULL, ALTER COLUMN id SET DATA TYPE int8;"}},
           .good = {{.sql = "ALTER TABLE orders ALTER COLUMN id TYPE bigint;\nALTER SEQUENCE orders_id_seq AS bigint;"},
                    {.sql = "ALTER SEQUENCE orders_id_seq AS bigint;\nALTER TABLE orders ALTER COLUMN id TYPE bigint;"},
                    {.sql = "ALTER TABLE lines ALTER COLUMN id TYPE bigint;"},
                    {.sql = "ALTER TABLE carts ALTER COLUMN id TYPE bigint;"},
                    {.sql = "ALTER TABLE not_seen_here ALTER COLUMN id TYPE bigint;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AlterColumnType},
      .check = check};
}

}  // namespace pgrehearse::rules::serial_sequence_still_int
