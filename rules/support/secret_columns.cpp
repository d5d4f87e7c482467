// SPDX-License-Identifier: Apache-2.0
#include "rules/support/secret_columns.h"

#include <algorithm>

namespace pgrehearse {
namespace {

using Wanted = std::function<bool(std::string_view)>;
using Visit = std::function<void(const WrittenValue&)>;

const Node* element(const List* list, int i) {
  return static_cast<const Node*>(list->elements[i].ptr_value);
}

const Node* value_of(const Node* node) {
  auto* target = as<ResTarget>(node);
  return target ? target->val : node;
}

class Writer {
 public:
  Writer(const Statement& statement, const Wanted& wanted, const Visit& visit)
      : statement_(statement), wanted_(wanted), visit_(visit) {}

  void row(const std::vector<std::string>& columns, const std::vector<bool>& is_wanted, const List* values) {
    std::vector<Constant> constants;
    bool read = false;
    for (int i = 0; i < length(values) && static_cast<size_t>(i) < columns.size(); ++i) {
      if (!is_wanted[static_cast<size_t>(i)]) continue;
      auto constant = constant_of(statement_, value_of(element(values, i)));
      if (!constant) continue;
      if (!read) {
        for (int j = 0; j < length(values); ++j) {
          if (auto other = constant_of(statement_, value_of(element(values, j))))
            constants.push_back(std::move(*other));
        }
        read = true;
      }
      visit_({columns[static_cast<size_t>(i)], *constant, constants});
    }
  }

  void rows(const std::vector<std::string>& columns, const Node* query) {
    std::vector<bool> is_wanted;
    for (const std::string& column : columns) is_wanted.push_back(wanted_(column));
    if (std::ranges::find(is_wanted, true) == is_wanted.end()) return;
    std::vector<const SelectStmt*> pending{as<SelectStmt>(query)};
    while (!pending.empty()) {
      const SelectStmt* select = pending.back();
      pending.pop_back();
      if (!select) continue;
      pending.push_back(select->rarg);
      pending.push_back(select->larg);
      for (const List& values : each<List>(select->valuesLists)) row(columns, is_wanted, &values);
      if (select->targetList) row(columns, is_wanted, select->targetList);
    }
  }

  void assignments(const List* targets) {
    for (const auto& target : each<ResTarget>(targets)) {
      if (!target.name || target.indirection || !wanted_(view(target.name))) continue;
      if (auto constant = constant_of(statement_, target.val)) {
        static const std::vector<Constant> none;
        visit_({std::string(view(target.name)), *constant, none});
      }
    }
  }

  void defaults(const ColumnDef& column) {
    if (!wanted_(view(column.colname))) return;
    for (const auto& constraint : each<Constraint>(column.constraints)) {
      if (constraint.contype == CONSTR_DEFAULT) written_default(view(column.colname), constraint.raw_expr);
    }
    if (column.raw_default) written_default(view(column.colname), column.raw_default);
  }

  void written_default(std::string_view column, const Node* expression) {
    if (!wanted_(column)) return;
    static const std::vector<Constant> none;
    if (auto constant = constant_of(statement_, expression)) visit_({std::string(column), *constant, none});
  }

 private:
  const Statement& statement_;
  const Wanted& wanted_;
  const Visit& visit_;
};

std::vector<std::string> columns_of(const InsertStmt& insert, const Context& context) {
  std::vector<std::string> columns;
  for (const auto& column : each<ResTarget>(insert.cols)) columns.emplace_back(view(column.name));
  if (!columns.empty()) return columns;
  auto* table = context.state().find(*insert.relation);
  if (!table || !table->complete || table->uncertain) return columns;
  for (const ColumnState& column : table->columns) columns.push_back(column.name);
  return columns;
}

void write_insert(Writer& writer, const InsertStmt& insert, const Context& context) {
  if (insert.selectStmt) writer.rows(columns_of(insert, context), insert.selectStmt);
  if (insert.onConflictClause) writer.assignments(insert.onConflictClause->targetList);
}

}  // namespace

void for_each_written_value(const Statement& statement, const Context& context, const Wanted& wanted,
                            const Visit& visit) {
  Writer writer(statement, wanted, visit);
  if (auto* insert = statement.as<InsertStmt>()) {
    write_insert(writer, *insert, context);
  } else if (auto* update = statement.as<UpdateStmt>()) {
    writer.assignments(update->targetList);
  } else if (auto* merge = statement.as<MergeStmt>()) {
    for (const auto& when : each<MergeWhenClause>(merge->mergeWhenClauses)) {
      if (when.commandType != CMD_INSERT) {
        writer.assignments(when.targetList);
        continue;
      }
      std::vector<std::string> columns;
      std::vector<bool> is_wanted;
      for (const auto& column : each<ResTarget>(when.targetList)) {
        columns.emplace_back(view(column.name));
        is_wanted.push_back(wanted(columns.back()));
      }
      writer.row(columns, is_wanted, when.values);
    }
  } else if (auto* create = statement.as<CreateStmt>()) {
    for (const auto& column : each<ColumnDef>(create->tableElts)) writer.defaults(column);
  } else if (auto* alter = statement.as<AlterTableStmt>()) {
    for (const auto& command : each<AlterTableCmd>(alter->cmds)) {
      if (command.subtype == AT_ColumnDefault && command.def) writer.written_default(view(command.name), command.def);
      if (auto* column = as<ColumnDef>(command.def); column && command.subtype == AT_AddColumn)
        writer.defaults(*column);
    }
  }
  if (auto* with = statement.as<SelectStmt>() ? statement.as<SelectStmt>()->withClause : nullptr) {
    for (const auto& cte : each<CommonTableExpr>(with->ctes)) {
      if (auto* insert = as<InsertStmt>(cte.ctequery)) write_insert(writer, *insert, context);
      if (auto* update = as<UpdateStmt>(cte.ctequery)) writer.assignments(update->targetList);
    }
  }
}

void for_each_pair(const Statement& statement, const Wanted& wanted,
                   const std::function<void(const Constant&, const Constant&)>& visit) {
  auto* insert = statement.as<InsertStmt>();
  auto* select = insert ? as<SelectStmt>(insert->selectStmt) : nullptr;
  if (!select) return;
  auto read = [&](const List* values) {
    for (int i = 0; i + 1 < length(values); ++i) {
      const char* name = constant_string(value_of(element(values, i)));
      if (!name || !wanted(name)) continue;
      auto first = constant_of(statement, value_of(element(values, i)));
      auto second = constant_of(statement, value_of(element(values, i + 1)));
      if (first && second) visit(*first, *second);
    }
  };
  for (const List& values : each<List>(select->valuesLists)) read(&values);
  read(select->targetList);
}

}  // namespace pgrehearse
