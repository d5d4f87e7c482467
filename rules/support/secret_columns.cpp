// SPDX-License-Identifier: Apache-2.0
#include "rules/support/secret_columns.h"

#include <algorithm>
#include <optional>

#include "sql/lexer.h"

namespace pgrehearse {
namespace {

using Wanted = bool (*)(std::string_view);
using Visit = std::function<void(const WrittenValue&)>;

const Node* element(const List* list, int i) { return static_cast<const Node*>(list->elements[i].ptr_value); }

const Node* value_of(const Node* node) {
  auto* target = as<ResTarget>(node);
  return target ? target->val : node;
}

class Writer {
 public:
  Writer(const Statement& statement, Wanted wanted, const Visit& visit)
      : statement_(statement), wanted_(wanted), visit_(visit) {}

  void row(const std::vector<std::string_view>& columns, const std::vector<bool>& is_wanted, const List* values) {
    std::vector<Constant> constants;
    bool read = false;
    for (int i = 0; i < length(values) && static_cast<size_t>(i) < columns.size(); ++i) {
      if (!is_wanted[static_cast<size_t>(i)]) continue;
      auto found = constants_in(statement_, value_of(element(values, i)));
      if (found.empty()) continue;
      if (!read) {
        for (int j = 0; j < length(values); ++j) {
          if (auto other = constant_of(statement_, value_of(element(values, j))))
            constants.push_back(std::move(*other));
        }
        read = true;
      }
      for (const Constant& constant : found) visit_({columns[static_cast<size_t>(i)], constant, constants});
    }
  }

  /// Whether a column of the list is wanted, or there is no list.
  bool may_want(const List* columns) const {
    if (length(columns) == 0) return true;
    for (const auto& column : each<ResTarget>(columns)) {
      if (wanted_(view(column.name))) return true;
    }
    return false;
  }

  void rows(const std::vector<std::string_view>& columns, const Node* query) {
    if (std::ranges::none_of(columns, wanted_)) return;
    std::vector<bool> is_wanted;
    for (std::string_view column : columns) is_wanted.push_back(wanted_(column));
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
      static const std::vector<Constant> none;
      const Node* value = target.val;
      // SET (a, b) = (x, y)
      if (auto* several = as<MultiAssignRef>(value)) {
        auto* made = as<RowExpr>(several->source);
        if (!made || several->colno < 1 || several->colno > length(made->args)) continue;
        value = element(made->args, several->colno - 1);
      }
      for (const Constant& constant : constants_in(statement_, value)) visit_({view(target.name), constant, none});
    }
  }

  /// Columns that a query names itself: WITH v (a, b) AS (VALUES ...), FROM (VALUES ...) AS v (a, b), SELECT x AS a.
  void named_rows(const List* names, const Node* query) {
    std::vector<std::string_view> columns;
    for (const auto& name : each<String>(names)) columns.emplace_back(view(name.sval));
    if (!columns.empty()) return rows(columns, query);
    auto* select = as<SelectStmt>(query);
    for (const auto& target : each<ResTarget>(select ? select->targetList : nullptr)) {
      if (!target.name || !wanted_(view(target.name))) continue;
      static const std::vector<Constant> none;
      for (const Constant& constant : constants_in(statement_, target.val)) visit_({view(target.name), constant, none});
    }
  }

  void sources(const WithClause* with, const List* from) {
    for (const auto& cte : each<CommonTableExpr>(with ? with->ctes : nullptr))
      named_rows(cte.aliascolnames, cte.ctequery);
    for (const auto& source : each<RangeSubselect>(from))
      named_rows(source.alias ? source.alias->colnames : nullptr, source.subquery);
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
    for (const Constant& constant : constants_in(statement_, expression)) visit_({column, constant, none});
  }

 private:
  const Statement& statement_;
  Wanted wanted_;
  const Visit& visit_;
};

std::vector<std::string_view> columns_of(const InsertStmt& insert, const Context& context) {
  std::vector<std::string_view> columns;
  columns.reserve(static_cast<size_t>(length(insert.cols)));
  for (const auto& column : each<ResTarget>(insert.cols)) columns.emplace_back(view(column.name));
  if (!columns.empty()) return columns;
  auto* table = context.state().find(*insert.relation);
  if (!table || !table->complete || table->uncertain) return columns;
  for (const ColumnState& column : table->columns) columns.push_back(column.name);
  return columns;
}

void write_insert(Writer& writer, const InsertStmt& insert, const Context& context) {
  if (insert.selectStmt && writer.may_want(insert.cols)) writer.rows(columns_of(insert, context), insert.selectStmt);
  auto* query = as<SelectStmt>(insert.selectStmt);
  writer.sources(insert.withClause, query ? query->fromClause : nullptr);
  if (insert.onConflictClause) writer.assignments(insert.onConflictClause->targetList);
}

/// UPDATE settings SET value = 'x' WHERE name = 'smtp_password'
void pair_of_update(const Statement& statement, const UpdateStmt& update, Wanted wanted,
                    const std::function<void(const Constant&, const Constant&)>& visit) {
  std::optional<Constant> name;
  std::vector<const Node*> pending{update.whereClause};
  while (!pending.empty()) {
    const Node* node = pending.back();
    pending.pop_back();
    auto* comparison = as<A_Expr>(node);
    auto* both = as<BoolExpr>(node);
    for (const Node& argument : each<Node>(both && both->boolop == AND_EXPR ? both->args : nullptr))
      pending.push_back(&argument);
    bool equal = comparison && comparison->kind == AEXPR_OP && last_name(comparison->name) == "=" &&
                 as<ColumnRef>(comparison->lexpr);
    if (!equal) continue;
    auto constant = constant_of(statement, comparison->rexpr);
    if (constant && wanted(constant->value)) name = std::move(constant);
  }
  if (!name) return;
  for (const auto& target : each<ResTarget>(update.targetList)) {
    if (!target.name || !is_value_column(view(target.name))) continue;
    for (const Constant& value : constants_in(statement, target.val)) visit(*name, value);
  }
}

}  // namespace

void for_each_written_value(const Statement& statement, const Context& context, Wanted wanted, const Visit& visit) {
  Writer writer(statement, wanted, visit);
  if (auto* insert = statement.as<InsertStmt>()) {
    write_insert(writer, *insert, context);
  } else if (auto* update = statement.as<UpdateStmt>()) {
    writer.assignments(update->targetList);
    writer.sources(update->withClause, update->fromClause);
  } else if (auto* select = statement.as<SelectStmt>()) {
    writer.sources(select->withClause, select->fromClause);
    writer.named_rows(nullptr, statement.node);
    // SELECT 'x' INTO password
    auto* into = select->intoClause && length(select->targetList) == 1 ? select->intoClause->rel : nullptr;
    if (into) writer.rows({view(into->relname)}, statement.node);
  } else if (auto* merge = statement.as<MergeStmt>()) {
    for (const auto& when : each<MergeWhenClause>(merge->mergeWhenClauses)) {
      if (when.commandType != CMD_INSERT) {
        writer.assignments(when.targetList);
        continue;
      }
      std::vector<std::string_view> columns;
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

bool is_value_column(std::string_view name) {
  return equals_ignoring_case(name, "val") || equals_ignoring_case(name, "content") ||
         equals_ignoring_case(name, "data") ||
         (name.size() >= 5 && equals_ignoring_case(name.substr(name.size() - 5), "value"));
}

bool is_key_column(std::string_view name) {
  static constexpr std::string_view names[] = {"key",       "name",   "setting",  "code",    "param",
                                               "parameter", "option", "variable", "property"};
  return std::ranges::any_of(names, [&](std::string_view ending) {
    return name.size() >= ending.size() && equals_ignoring_case(name.substr(name.size() - ending.size()), ending);
  });
}

void for_each_pair(const Statement& statement, Wanted wanted,
                   const std::function<void(const Constant&, const Constant&)>& visit) {
  if (auto* update = statement.as<UpdateStmt>()) return pair_of_update(statement, *update, wanted, visit);
  auto* insert = statement.as<InsertStmt>();
  auto* select = insert ? as<SelectStmt>(insert->selectStmt) : nullptr;
  if (!select) return;
  // With (key, kind, value) the value is the one that its column names so, else the next.
  auto column_of_values = [&] {
    for (int i = 0; i < length(insert->cols); ++i) {
      if (is_value_column(view(as<ResTarget>(element(insert->cols, i))->name))) return i;
    }
    return -1;
  };
  std::optional<int> of_values;
  auto read = [&](const List* values) {
    for (int i = 0; i < length(values); ++i) {
      const char* name = constant_string(value_of(element(values, i)));
      if (!name || !wanted(name)) continue;
      if (!of_values) of_values = column_of_values();
      int at = *of_values >= 0 ? *of_values : i + 1;
      if (at == i || at >= length(values)) continue;
      auto first = constant_of(statement, value_of(element(values, i)));
      auto second = constant_of(statement, value_of(element(values, at)));
      if (first && second) visit(*first, *second);
    }
  };
  for (const List& values : each<List>(select->valuesLists)) read(&values);
  read(select->targetList);
}

}  // namespace pgrehearse
