// SPDX-License-Identifier: Apache-2.0
#include "rules/support/moves.h"

#include <algorithm>
#include <set>

#include "rules/support/lists.h"

namespace pgrehearse {
namespace {

std::string key(std::string_view table, std::string_view column) {
  return std::string(table).append("\n").append(column);
}

bool any_from(const std::map<std::string, std::vector<uint32_t>, std::less<>>& places, std::string_view name,
              uint32_t from) {
  auto found = places.find(name);
  return found != places.end() && std::ranges::any_of(found->second, [&](uint32_t at) { return at >= from; });
}

bool is_generated(const ColumnDef& column) {
  return any_node<Constraint>(column.constraints, [](const Constraint& constraint) {
    return constraint.contype == CONSTR_GENERATED || constraint.contype == CONSTR_IDENTITY;
  });
}

/// Columns of the expression that decide which value is taken and are none of it: CASE WHEN a IS NULL THEN ...
std::set<const ColumnRef*> asked(const Node* expression) {
  std::set<const ColumnRef*> found;
  auto note = [&](const ColumnRef& reference) { found.insert(&reference); };
  for_each_node<CaseWhen>(expression, [&](const CaseWhen& when) {
    for_each_node<ColumnRef>(reinterpret_cast<const Node*>(when.expr), note);
  });
  for_each_node<CaseExpr>(expression, [&](const CaseExpr& choice) {
    for_each_node<ColumnRef>(reinterpret_cast<const Node*>(choice.arg), note);
  });
  for_each_node<NullTest>(expression, [&](const NullTest& test) {
    for_each_node<ColumnRef>(reinterpret_cast<const Node*>(test.arg), note);
  });
  return found;
}

}  // namespace

Moves::Moves(const Context& context) {
  for (const ParsedStatement& statement : context.neighbours()) {
    if (statement && statement->node) note(*statement);
  }
}

void Moves::note(const Statement& statement) {
  uint32_t at = statement.span.begin;
  if (auto* create = statement.as<CreateStmt>()) {
    created_[std::string(view(create->relation->relname))].push_back(at);
  } else if (auto* rename = statement.as<RenameStmt>()) {
    note_rename(statement, *rename);
  } else if (auto* update = statement.as<UpdateStmt>()) {
    note_update(statement, *update);
  } else if (auto* insert = statement.as<InsertStmt>()) {
    note_insert(statement, *insert);
  } else if (auto* alter = statement.as<AlterTableStmt>()) {
    for (const auto& command : each<AlterTableCmd>(alter->cmds)) {
      auto* column = as<ColumnDef>(command.def);
      if (command.subtype != AT_AddColumn || !column || is_generated(*column)) continue;
      added_[key(view(alter->relation->relname), view(column->colname))].push_back(at);
    }
  }
}

void Moves::note_rename(const Statement& statement, const RenameStmt& rename) {
  uint32_t at = statement.span.begin;
  if (rename.renameType == OBJECT_TABLE) named_by_rename_[std::string(view(rename.newname))].push_back(at);
  if (rename.renameType != OBJECT_COLUMN || !rename.relation) return;
  std::string_view table = view(rename.relation->relname);
  std::string from = key(table, view(rename.subname)), to = key(table, view(rename.newname));
  if (filled_.contains(from)) {
    replaced_[to].push_back(at);
  } else if (added_.contains(from)) {
    added_[to].push_back(at);
  }
}

void Moves::note_copy(Copies& copies, std::string from, uint32_t at, std::string to) {
  copies[std::move(from)].push_back({at, std::move(to)});
}

void Moves::note_update(const Statement& statement, const UpdateStmt& update) {
  std::string_view table = view(update.relation->relname);
  uint32_t at = statement.span.begin;
  for (const auto& target : each<ResTarget>(update.targetList)) {
    std::string changed = key(table, view(target.name));
    filled_[changed].push_back(at);
    if (!added_.contains(changed)) continue;
    auto conditions = asked(target.val);
    for_each_node<ColumnRef>(target.val, [&](const ColumnRef& reference) {
      if (conditions.contains(&reference)) return;
      note_copy(copied_, key(table, last_name(reference.fields)), at,
                quote_identifier(table) + "." + quote_identifier(view(target.name)));
    });
  }
}

void Moves::note_insert(const Statement& statement, const InsertStmt& insert) {
  auto* select = as<SelectStmt>(insert.selectStmt);
  if (!select || !select->fromClause) return;
  std::string into(view(insert.relation->relname));
  uint32_t at = statement.span.begin;
  filled_tables_[into].push_back(at);
  if (!created_.contains(into)) return;
  auto* source = as<RangeVar>(first(select->fromClause));
  if (!source || length(select->fromClause) != 1) return;
  std::string_view table = view(source->relname);
  if (!select->whereClause && !select->groupClause && !select->distinctClause) {
    note_copy(rows_copied_, std::string(table), at, into);
  }
  for (const auto& target : each<ResTarget>(select->targetList)) {
    auto* reference = as<ColumnRef>(target.val);
    if (reference) note_copy(copied_, key(table, last_name(reference->fields)), at, quote_identifier(into));
  }
}

bool Moves::added_again(const Statement& statement, std::string_view table, std::string_view column) const {
  std::string wanted = key(table, column);
  return any_from(added_, wanted, statement.span.begin) && !any_from(filled_, wanted, statement.span.end);
}

bool Moves::replaced(const Statement& statement, std::string_view table, std::string_view column) const {
  return any_from(replaced_, key(table, column), statement.span.end);
}

bool Moves::created_again(const Statement& statement, std::string_view table) const {
  return any_from(created_, table, statement.span.end) && !any_from(filled_tables_, table, statement.span.end);
}

std::string Moves::copied_to(const Statement& statement, std::string_view table, std::string_view column) const {
  auto found = copied_.find(key(table, column));
  if (found == copied_.end()) return {};
  for (const Copy& copy : found->second) {
    if (copy.at < statement.span.begin) return copy.to;
  }
  return {};
}

std::string Moves::rows_copied_to(const Statement& statement, std::string_view table) const {
  auto found = rows_copied_.find(table);
  if (found == rows_copied_.end() || named_by_rename_.contains(table)) return {};
  for (const Copy& copy : found->second) {
    if (copy.at < statement.span.begin) return copy.to;
  }
  return {};
}

const Moves& moves(Context& context) {
  struct Kept {
    const Part* part;
    Moves moves;
  };
  static constexpr char address = 0;
  auto& kept = context.kept(&address);
  auto* known = static_cast<Kept*>(kept.get());
  if (!known || known->part != &context.part()) kept = std::make_shared<Kept>(&context.part(), Moves(context));
  return static_cast<Kept*>(kept.get())->moves;
}

}  // namespace pgrehearse
