// SPDX-License-Identifier: Apache-2.0
#include "rules/support/new_columns.h"

#include "rules/support/alter_table.h"
#include "rules/support/lists.h"

namespace pgrehearse {

std::vector<std::string> string_list(const List* names) {
  std::vector<std::string> found;
  for (const Node& name : each<Node>(names)) found.emplace_back(string_value(&name));
  return found;
}

std::string_view builtin_type(const TypeName& type) {
  if (length(type.names) > 1 && string_value(first(type.names)) != "pg_catalog") return {};
  return last_name(type.names);
}

bool makes_lasting_table(const CreateStmt& create, const Context& context) {
  const RangeVar& table = *create.relation;
  if (table.relpersistence == RELPERSISTENCE_TEMP || view(table.schemaname) == "pg_temp") return false;
  return !create.if_not_exists || context.state().exists(table) != Known::yes;
}

static bool is_key(const Constraint& constraint) {
  return constraint.contype == CONSTR_PRIMARY || constraint.contype == CONSTR_UNIQUE ||
         constraint.contype == CONSTR_EXCLUSION;
}

bool has_key(const CreateStmt& create) {
  for (const Node& element : each<Node>(create.tableElts)) {
    auto* constraint = as<Constraint>(&element);
    auto* column = as<ColumnDef>(&element);
    if (constraint && is_key(*constraint)) return true;
    if (column && any_node<Constraint>(column->constraints, is_key)) return true;
  }
  return false;
}

std::vector<NewKey> new_keys(const CreateStmt& create) {
  std::vector<NewKey> found;
  auto take = [&](const Constraint& constraint, std::string_view column) {
    if (!is_key(constraint)) return;
    bool key = constraint.contype != CONSTR_EXCLUSION;
    NewKey& added = found.emplace_back();
    added.kind = constraint.contype;
    if (key && column.empty()) added.columns = string_list(constraint.keys);
    if (key && !column.empty()) added.columns.emplace_back(column);
  };
  for (const Node& element : each<Node>(create.tableElts)) {
    if (auto* constraint = as<Constraint>(&element)) take(*constraint, {});
    auto* column = as<ColumnDef>(&element);
    if (!column) continue;
    for (const auto& constraint : each<Constraint>(column->constraints)) take(constraint, view(column->colname));
  }
  return found;
}

std::vector<NewColumn> new_columns(const Statement& statement, const Context& context) {
  std::vector<NewColumn> found;
  if (auto* create = statement.as<CreateStmt>()) {
    if (!makes_lasting_table(*create, context)) return found;
    std::string primary;
    for (const NewKey& key : new_keys(*create)) {
      if (key.kind == CONSTR_PRIMARY && key.columns.size() == 1) primary = key.columns.front();
    }
    for (const auto& column : each<ColumnDef>(create->tableElts)) {
      if (column.typeName) found.push_back({create->relation, &column, view(column.colname) == primary});
    }
    return found;
  }
  for (const Command& command : commands(statement, AT_AddColumn)) {
    auto* column = command.column();
    if (!column || !column->typeName || adds_nothing(context, command)) continue;
    auto* table = context.find(*command.table->relation);
    if (table && table->persistence == Persistence::temporary) continue;
    found.push_back({command.table->relation, column, column_constraint(*column, CONSTR_PRIMARY) != nullptr});
  }
  return found;
}

}  // namespace pgrehearse
