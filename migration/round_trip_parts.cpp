// SPDX-License-Identifier: Apache-2.0
// Constraints, indexes, triggers, rules of a relation that is there before and after.
#include <algorithm>

#include "migration/round_trip_reader.h"

namespace pgrehearse {
namespace {

bool same_constraint(const ConstraintState& a, const ConstraintState& b) {
  return a.kind == b.kind && a.columns == b.columns && a.referenced_columns == b.referenced_columns &&
         a.on_delete == b.on_delete && a.validated == b.validated && a.enforced == b.enforced &&
         a.deferrable == b.deferrable && a.initially_deferred == b.initially_deferred &&
         (a.kind != ConstraintKind::check || same_expression(a.check, b.check));
}

bool same_index(const IndexState& a, const IndexState& b) {
  // An expression may be what the server folds into a plain column: date(day) of a date.
  bool same_keys = a.columns == b.columns || a.has_expressions || b.has_expressions;
  return a.method == b.method && a.unique == b.unique && same_keys && a.includes == b.includes &&
         a.partial == b.partial && a.nulls_not_distinct == b.nulls_not_distinct && a.valid == b.valid;
}

std::string definition_of(const IndexState& index, const std::string& table) {
  if (index.partial || index.has_expressions || !index.collations.empty()) return {};
  std::string text = std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " +
                     quote_identifier(index.name) + " ON " + table;
  if (index.method != "btree") text += " USING " + index.method;
  text += " (" + joined_names(index.columns) + ")";
  if (!index.includes.empty()) text += " INCLUDE (" + joined_names(index.includes) + ")";
  return text + ";";
}

std::string definition_of(const ConstraintState& constraint, const SchemaState& state, const std::string& referenced) {
  std::string columns = " (" + joined_names(constraint.columns) + ")";
  std::string name = "CONSTRAINT " + quote_identifier(constraint.name);
  if (constraint.deferrable || !constraint.enforced) return {};
  switch (constraint.kind) {
    case ConstraintKind::unique: {
      auto found = state.index(constraint.index);
      return found && found.index->nulls_not_distinct ? std::string() : name + " UNIQUE" + columns;
    }
    case ConstraintKind::primary_key: return name + " PRIMARY KEY" + columns;
    case ConstraintKind::foreign_key:
      if (referenced.empty() || constraint.referenced_columns.empty()) return {};
      return name + " FOREIGN KEY" + columns + " REFERENCES " + referenced + " (" +
             joined_names(constraint.referenced_columns) + ")" +
             (constraint.on_delete.empty() ? "" : " ON DELETE " + upper_case(constraint.on_delete)) +
             (constraint.validated ? "" : " NOT VALID");
    default: return {};
  }
}

}  // namespace

void RoundTripReader::compare_constraints(const Stages<RelationState>& stages) {
  auto [before, middle, after] = stages;
  if (after->is_partition()) return;
  std::string table = shown(after->name);
  bool remade = before->id != after->id && before->id != 0;
  // NOT NULL is told of the column, and what a parent gave goes with the parent's.
  auto counts = [&](const ConstraintState& constraint) {
    return constraint.kind != ConstraintKind::not_null && constraint.inherited == 0 &&
           !(constraint.generated_name && !before->complete) &&
           !stands_on_changed_column(constraint.columns, *before, *after);
  };
  auto called = [&](const RelationState* relation, const ConstraintState& constraint) {
    return relation ? relation->constraint(constraint.name) : nullptr;
  };
  auto report = [&](Change change, Aspect aspect, const ConstraintState& constraint) -> Difference& {
    Difference& difference = add(change, aspect, "constraint " + quote_identifier(constraint.name) + " of " + table);
    difference.kind = OBJECT_TABCONSTRAINT;
    difference.name = constraint.name;
    difference.table = after->name.name;
    difference.remade = remade;
    return difference;
  };
  auto target = [&](const ConstraintState& constraint) {
    auto* relation = constraint.referenced ? relation_before(constraint.referenced) : nullptr;
    return relation ? shown(relation->name) : std::string();
  };
  std::vector<const ConstraintState*> extra;
  for (const ConstraintState& constraint : after->constraints) {
    if (!counts(constraint) || called(before, constraint)) continue;
    bool made = before->complete || (constraint.created_in == d_.migration && called(middle, constraint));
    if (made) extra.push_back(&constraint);
  }
  for (const ConstraintState& constraint : before->constraints) {
    const ConstraintState* now = called(after, constraint);
    if (!counts(constraint) || now == &constraint) continue;
    if (now) {
      if (same_constraint(constraint, *now)) continue;
      Difference& changed = report(Change::altered, Aspect::definition, constraint);
      changed.by_down = called(middle, constraint) != nullptr && !same_constraint(*called(middle, constraint), *now);
      if (constraint.on_delete != now->on_delete) {
        changed.before =
            constraint.on_delete.empty() ? "without ON DELETE" : "ON DELETE " + upper_case(constraint.on_delete);
        changed.after = now->on_delete.empty() ? "without ON DELETE" : "ON DELETE " + upper_case(now->on_delete);
      }
      continue;
    }
    auto same =
        std::ranges::find_if(extra, [&](const ConstraintState* other) { return same_constraint(constraint, *other); });
    if (same != extra.end()) {
      Difference& renamed = report(Change::altered, Aspect::name, constraint);
      renamed.after = "called " + quote_identifier((*same)->name);
      renamed.inverse = alter(*after) + "RENAME CONSTRAINT " + quote_identifier((*same)->name) + " TO " +
                        quote_identifier(constraint.name) + ";";
      extra.erase(same);
      continue;
    }
    bool there = called(middle, constraint) != nullptr && !remade;
    // A key that its table's partner took along: the table is told.
    if (constraint.kind == ConstraintKind::foreign_key && !d_.get(constraint.referenced)) continue;
    Difference& gone = report(there ? Change::taken_away : Change::not_restored, Aspect::existence, constraint);
    std::string definition = definition_of(constraint, state_, target(constraint));
    if (!definition.empty()) gone.inverse = alter(*after) + "ADD " + definition + ";";
  }
  for (const ConstraintState* constraint : extra) {
    Difference& left = report(Change::left_behind, Aspect::existence, *constraint);
    left.by_down = !called(middle, *constraint);
    left.inverse = alter(*after) + "DROP CONSTRAINT " + quote_identifier(constraint->name) + ";";
  }
}

void RoundTripReader::compare_indexes(const Stages<RelationState>& stages) {
  auto [before, middle, after] = stages;
  if (after->is_partition()) return;
  std::string table = shown(after->name);
  bool remade = before->id != after->id && before->id != 0;
  auto counts = [&](const IndexState& index) {
    return !index.constraint && index.parent == 0 && !(index.generated_name && !before->complete) &&
           !stands_on_changed_column(index.columns, *before, *after) &&
           !stands_on_changed_column(index.reads, *before, *after);
  };
  auto called = [](const RelationState* relation, const IndexState& index) {
    return relation ? relation->indexes.find(index.name) : nullptr;
  };
  auto report = [&](Change change, Aspect aspect, const IndexState& index) -> Difference& {
    Difference& difference = add(change, aspect, "index " + quote_identifier(index.name) + " of " + table);
    difference.kind = OBJECT_INDEX;
    difference.name = index.name;
    difference.remade = remade;
    return difference;
  };
  auto in_schema = [&](const IndexState& index) { return shown({after->name.schema, index.name}); };
  std::vector<const IndexState*> extra;
  for (const IndexState& index : after->indexes) {
    if (!counts(index) || called(before, index)) continue;
    if (before->complete || (index.created_in == d_.migration && called(middle, index))) extra.push_back(&index);
  }
  for (const IndexState& index : before->indexes) {
    const IndexState* now = called(after, index);
    if (!counts(index) || now == &index) continue;
    if (now) {
      if (!same_index(index, *now)) report(Change::altered, Aspect::definition, index).by_down = true;
      continue;
    }
    auto same = std::ranges::find_if(extra, [&](const IndexState* other) { return same_index(index, *other); });
    if (same != extra.end()) {
      Difference& renamed = report(Change::altered, Aspect::name, index);
      renamed.after = "called " + quote_identifier((*same)->name);
      renamed.inverse = "ALTER INDEX " + in_schema(**same) + " RENAME TO " + quote_identifier(index.name) + ";";
      extra.erase(same);
      continue;
    }
    bool there = called(middle, index) != nullptr && !remade;
    Difference& gone = report(there ? Change::taken_away : Change::not_restored, Aspect::existence, index);
    if (!there) gone.inverse = definition_of(index, table);
  }
  for (const IndexState* index : extra) {
    Difference& left = report(Change::left_behind, Aspect::existence, *index);
    left.by_down = !called(middle, *index);
    left.inverse = "DROP INDEX " + in_schema(*index) + ";";
  }
}

void RoundTripReader::compare_attachments(const Stages<RelationState>& stages) {
  auto [before, middle, after] = stages;
  std::string table = shown(after->name);
  bool remade = before->id != after->id && before->id != 0;
  auto find = [](const RelationState* relation, std::string_view name) -> const TriggerState* {
    if (!relation) return nullptr;
    auto found = std::ranges::find(relation->triggers, name, &TriggerState::name);
    return found == relation->triggers.end() ? nullptr : &*found;
  };
  auto report = [&](Change change, const std::string& name) -> Difference& {
    Difference& difference = add(change, Aspect::existence, "trigger " + quote_identifier(name) + " of " + table);
    difference.kind = OBJECT_TRIGGER;
    difference.name = name;
    difference.table = after->name.name;
    difference.remade = remade;
    return difference;
  };
  for (const TriggerState& trigger : before->triggers) {
    const TriggerState* now = find(after, trigger.name);
    if (trigger.cloned) continue;
    if (!now) {
      report(find(middle, trigger.name) && !remade ? Change::taken_away : Change::not_restored, trigger.name);
      continue;
    }
    bool same = trigger.function.name == now->function.name && trigger.row == now->row &&
                trigger.before == now->before && trigger.on_insert == now->on_insert &&
                trigger.on_update == now->on_update && trigger.on_delete == now->on_delete &&
                trigger.on_truncate == now->on_truncate;
    if (!same || trigger.enabled != now->enabled) {
      Difference& changed = report(Change::altered, trigger.name);
      changed.aspect = Aspect::definition;
      if (same && trigger.enabled == 'O') {
        changed.inverse = alter(*after) + "ENABLE TRIGGER " + quote_identifier(trigger.name) + ";";
      }
    }
  }
  for (const TriggerState& trigger : after->triggers) {
    if (trigger.cloned || find(before, trigger.name) || (!before->complete && !find(middle, trigger.name))) continue;
    Difference& left = report(Change::left_behind, trigger.name);
    left.by_down = !find(middle, trigger.name);
    left.inverse = "DROP TRIGGER " + quote_identifier(trigger.name) + " ON " + table + ";";
  }
}

}  // namespace pgrehearse
