// SPDX-License-Identifier: Apache-2.0
#include "rules/support/partition.h"

#include <algorithm>

#include "impact/impact.h"

namespace pgrehearse {
namespace {

/// The state without the parent's indexes, so that what is left of the scan is about the rows.
SchemaState without_indexes(const SchemaState& state, const RelationState& parent) {
  std::string sql;
  std::string table = state.display_name(parent);
  for (const IndexState& index : parent.indexes) {
    if (!index.constraint) sql += "DROP INDEX " + state.display_name({parent.name.schema, index.name}) + ";\n";
  }
  for (const ConstraintState& constraint : parent.constraints) {
    if (constraint.index)
      sql += "ALTER TABLE " + table + " DROP CONSTRAINT " + quote_identifier(constraint.name) + ";\n";
  }
  SchemaState result = state;
  Script script(std::make_shared<const SourceFile>("what-if.sql", std::move(sql)));
  Parser parser;
  for (const StatementSpan& span : script.statements()) {
    if (auto statement = parser.parse(script, span)) result.apply(*statement);
  }
  return result;
}

bool has_checks(const RelationState& table) {
  return std::ranges::any_of(table.constraints, [](const ConstraintState& constraint) {
    return constraint.kind == ConstraintKind::check && constraint.validated && constraint.enforced;
  });
}

}  // namespace

bool reads_new_partition(const Statement& statement, Context& context, const PartitionCmd& command) {
  if (!command.bound || !context.existed_before(*command.name)) return false;
  auto* alter = statement.as<AlterTableStmt>();
  auto* parent = context.state().find(*alter->relation);
  auto* child = context.state().find(*command.name);
  std::string name = context.state().display_name(context.state().resolve(qualified_name(*command.name)));
  // What else a table has that was not created here is not known: with checks of its own they may prove it.
  if (child && (!child->complete || !parent) && has_checks(*child)) return false;
  bool indexes = parent && !parent->indexes.empty();
  Impact seen = indexes ? impact(statement, without_indexes(context.state(), *parent), context.settings().pg_version)
                        : context.impact();
  auto* effect = seen.find(name);
  return effect && effect->scan;
}

std::vector<const IndexState*> indexes_to_build(const Context& context, const RangeVar& parent,
                                                const PartitionCmd& command) {
  std::vector<const IndexState*> missing;
  auto* table = context.state().find(parent);
  auto* child = context.state().find(*command.name);
  if (!table || !child || !child->complete || child->uncertain) return missing;
  for (const IndexState& wanted : table->indexes) {
    if (!wanted.valid) continue;
    bool found = std::ranges::any_of(child->indexes, [&](const IndexState& own) {
      return own.valid && own.columns == wanted.columns && own.unique == wanted.unique && own.method == wanted.method &&
             own.partial == wanted.partial && own.has_expressions == wanted.has_expressions &&
             (!wanted.constraint || own.constraint);
    });
    if (!found) missing.push_back(&wanted);
  }
  return missing;
}

}  // namespace pgrehearse
