// SPDX-License-Identifier: Apache-2.0
// What creating something does to the relations that it stands on.
#include <algorithm>

#include "impact/effects.h"

namespace pgrehearse {
namespace {

void references_impact(const Constraint& constraint, const QualifiedName& self, Effects& effects) {
  if (!is_enforced(constraint) && effects.version < 18) return effects.fail("42601");
  if (constraint.contype != CONSTR_FOREIGN || !constraint.pktable) return;
  Target referenced = effects.target(*constraint.pktable);
  if (referenced.name == self) return;
  if (referenced.missing) return effects.fail("42P01");
  bool partitioned = referenced.state && referenced.state->kind == RelationKind::partitioned_table;
  effects.lock_tree(referenced, LockMode::share_row_exclusive, partitioned);
}

}  // namespace

void create_table_impact(const CreateStmt& statement, Effects& effects) {
  QualifiedName name = qualified_name(*statement.relation);
  QualifiedName self = name;
  if (self.schema.empty() && !effects.state.search_path().empty()) self.schema = effects.state.search_path().front();
  bool temporary = statement.relation->relpersistence == 't';
  if (!temporary && effects.state.exists(self) == Known::yes) {
    return statement.if_not_exists ? void() : effects.fail("42P07");
  }
  for (const RangeVar& parent_name : each<RangeVar>(statement.inhRelations)) {
    Target parent = effects.target(parent_name);
    if (parent.missing) return effects.fail("42P01");
    if (!statement.partbound) {
      effects.lock(parent, LockMode::share_update_exclusive);
    } else if (parent.state) {
      new_partition_impact(*parent.state, *statement.partbound, effects);
    } else {
      effects.lock(parent, LockMode::access_exclusive);
      effects.unknown("the partitioned table was not created in these files");
    }
  }
  for (const Node& element : each<Node>(statement.tableElts)) {
    if (auto* column = as<ColumnDef>(&element)) {
      for (const Constraint& constraint : column_constraints(*column)) {
        references_impact(constraint, self, effects);
      }
    } else if (auto* constraint = as<Constraint>(&element)) {
      references_impact(*constraint, self, effects);
    } else if (auto* like = as<TableLikeClause>(&element)) {
      Target source = effects.target(*like->relation);
      if (source.missing) return effects.fail("42P01");
      effects.lock(source, LockMode::access_share);
    }
  }
}

void create_as_impact(const CreateTableAsStmt& statement, Effects& effects) {
  if (effects.state.exists(qualified_name(*statement.into->rel)) == Known::yes) {
    return statement.if_not_exists ? void() : effects.fail("42P07");
  }
  if (statement.into->skipData) return mention_impact(statement.query, effects);
  query_impact(statement.query, effects);
}

void create_view_impact(const ViewStmt& statement, Effects& effects) {
  Target self = effects.target(*statement.view);
  bool exists = self.state && statement.view->relpersistence != 't';
  if (exists && !statement.replace && self.state->complete) return effects.fail("42P07");
  mention_impact(statement.query, effects);
  if (exists && self.state->kind == RelationKind::view) {
    effects.lock(self, LockMode::access_exclusive);
    // A view may only grow at its end.
    if (self.state->complete && length(statement.aliases) == 0) {
      auto* select = as<SelectStmt>(statement.query);
      int columns = 0;
      bool countable = select && select->targetList;
      for (const ResTarget& target : each<ResTarget>(select ? select->targetList : nullptr)) {
        auto* reference = as<ColumnRef>(target.val);
        if (reference && last_name(reference->fields).empty()) countable = false;
        ++columns;
      }
      if (countable && columns < static_cast<int>(self.state->columns.size())) effects.fail("42P16");
    }
  }
}

void refresh_impact(const RefreshMatViewStmt& statement, Effects& effects) {
  Target view_target = effects.target(*statement.relation);
  if (view_target.missing) return effects.fail("42P01");
  if (!view_target.state || !view_target.state->complete) {
    effects.unknown("the materialized view was not created in these files, so what it reads is not known");
  }
  if (statement.concurrent) {
    effects.lock(view_target, LockMode::exclusive);
    effects.scan(view_target);
  } else {
    effects.lock(view_target, LockMode::access_exclusive);
    if (view_target.state) effects.rewrite_file(view_target.state->id);
  }
  if (!view_target.state) return;
  const RelationState& matview = *view_target.state;
  if (statement.concurrent) {
    bool usable = std::ranges::any_of(matview.indexes, [](const IndexState& index) {
      return index.unique && !index.partial && !index.has_expressions && index.valid;
    });
    if (!usable && matview.complete) return effects.fail("55000");
    effects.lock_indexes(matview, LockMode::row_exclusive);
  } else {
    for (const IndexState& index : matview.indexes) {
      if (!statement.skipData) effects.scan(matview);
      effects.lock(index.id, LockMode::access_exclusive);
      effects.rewrite_file(index.id);
    }
  }
  if (statement.skipData) return;
  std::vector<RelationId> pending = matview.reads;
  for (size_t i = 0; i < pending.size(); ++i) {
    const RelationState* source = effects.state.relation(pending[i]);
    if (!source) continue;
    if (source->kind == RelationKind::view) {
      effects.lock(*source, LockMode::access_share);
      pending.insert(pending.end(), source->reads.begin(), source->reads.end());
      continue;
    }
    effects.lock_planned(*source, LockMode::access_share);
    for (const RelationState* stored : effects.state.descendants(source->id)) effects.scan(*stored);
  }
}

void trigger_impact(const CreateTrigStmt& statement, Effects& effects) {
  Target table = effects.target(*statement.relation);
  if (table.missing) return effects.fail("42P01");
  if (statement.replace && effects.version < 14) return effects.fail("42601");
  if (table.state && !statement.replace) {
    auto same = std::ranges::find(table.state->triggers, view(statement.trigname), &TriggerState::name);
    if (same != table.state->triggers.end()) return effects.fail("42710");
  }
  bool partitioned = table.state && table.state->kind == RelationKind::partitioned_table;
  effects.lock_tree(table, LockMode::share_row_exclusive, statement.row && partitioned);
  if (statement.constrrel) effects.lock(effects.target(*statement.constrrel), LockMode::access_share);
}

}  // namespace pgrehearse
