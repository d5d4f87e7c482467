// SPDX-License-Identifier: Apache-2.0
// CREATE INDEX, REINDEX, CLUSTER, VACUUM.
#include <algorithm>

#include "impact/effects.h"

namespace pgrehearse {
namespace {

bool option_set(const List* options, std::string_view name) {
  for (const DefElem& option : each<DefElem>(options)) {
    if (view(option.defname) == name) return option_is_on(option);
  }
  return false;
}

void reindex_index(const RelationState& table, const IndexState& index, bool concurrently, Effects& effects) {
  effects.lock(table, concurrently ? LockMode::share_update_exclusive : LockMode::share);
  effects.lock(index.id, concurrently ? LockMode::share_update_exclusive : LockMode::access_exclusive);
  effects.rewrite_file(index.id);
  effects.scan(table);
}

void reindex_table(const RelationState& table, bool concurrently, Effects& effects) {
  effects.lock(table, concurrently ? LockMode::share_update_exclusive : LockMode::share);
  for (const IndexState& index : table.indexes) reindex_index(table, index, concurrently, effects);
}

}  // namespace

void create_index_impact(const IndexStmt& statement, Effects& effects) {
  if (!statement.relation) return;
  Target table = effects.target(*statement.relation);
  if (table.missing) return effects.fail("42P01");
  bool partitioned = is_partitioned(table);
  if (statement.nulls_not_distinct && effects.version < 15) return effects.fail("42601");
  if (statement.concurrent && effects.refuses_transaction()) return;
  if (statement.concurrent && partitioned) return effects.fail("0A000");
  if (table.state && table.state->kind == RelationKind::view) return effects.fail("42809");
  LockMode mode = statement.concurrent ? LockMode::share_update_exclusive : LockMode::share;
  bool taken = statement.idxname && effects.state.exists({table.name.schema, statement.idxname}) == Known::yes;
  if (taken && !statement.if_not_exists) return effects.fail("42P07");
  effects.lock(table, mode);
  if (taken) return;
  for (const IndexElem& element : each<IndexElem>(statement.indexParams)) {
    if (!element.name || !table.state) continue;
    const ColumnState* column = table.state->column(element.name);
    if (column && column->generated == Generated::virtual_) return effects.fail("0A000");
    if (!column && effects.state.has_column(table.name, element.name) == Known::no) return effects.fail("42703");
  }
  bool tells = table.state && table.state->complete;
  if (!tells && !statement.relation->inh) return effects.unknown("whether the table is partitioned is not known");
  if (!partitioned) return effects.scan(table);
  if (!statement.relation->inh) return;
  for (const RelationState* partition : effects.state.descendants(table.state->id)) {
    effects.lock(*partition, mode);
    effects.scan(*partition);
  }
}

void reindex_impact(const ReindexStmt& statement, Effects& effects) {
  bool concurrently = option_set(statement.params, "concurrently");
  bool one_table = statement.kind == REINDEX_OBJECT_INDEX || statement.kind == REINDEX_OBJECT_TABLE;
  if ((concurrently || !one_table) && effects.refuses_transaction()) return;
  if (statement.kind == REINDEX_OBJECT_INDEX && statement.relation) {
    QualifiedName name = qualified_name(*statement.relation);
    auto found = effects.state.index(name);
    if (found) return reindex_index(*found.table, *found.index, concurrently, effects);
    Target index = effects.target(name);
    if (index.missing) return effects.fail("42P01");
    effects.lock(index, concurrently ? LockMode::share_update_exclusive : LockMode::access_exclusive);
    return effects.unknown("the index was not created in these files, so its table is not known");
  }
  if (statement.kind == REINDEX_OBJECT_TABLE && statement.relation) {
    Target table = effects.target(*statement.relation);
    if (table.missing) return effects.fail("42P01");
    if (is_partitioned(table) && effects.version >= 14 && effects.refuses_transaction()) return;
    effects.lock(table, concurrently ? LockMode::share_update_exclusive : LockMode::share);
    if (!table.state) return effects.scan(table);
    for (const RelationState* relation : effects.state.descendants(table.state->id)) {
      bool part = relation->id == table.state->id || relation->is_partition();
      if (part && relation->kind != RelationKind::partitioned_table) reindex_table(*relation, concurrently, effects);
    }
    if (!table.state->complete) effects.scan(table);
    return;
  }
  if (statement.kind == REINDEX_OBJECT_SCHEMA) {
    for (const RelationState* relation : effects.state.relations_in_schema(view(statement.name))) {
      if (!relation->indexes.empty()) reindex_table(*relation, concurrently, effects);
    }
  }
  effects.unknown("which tables the schema or database holds is not known");
}

void cluster_impact(const ClusterStmt& statement, Effects& effects) {
  if (!statement.relation) {
    if (effects.refuses_transaction()) return;
    return effects.unknown("which tables are clustered is not known");
  }
  Target table = effects.target(*statement.relation);
  if (table.missing) return effects.fail("42P01");
  bool clustered = table.state && std::ranges::any_of(table.state->indexes, &IndexState::clustered);
  if (!statement.indexname && table.state && table.state->complete && !clustered) return effects.fail("42704");
  effects.lock(table, LockMode::access_exclusive);
  effects.rewrite(table);
}

void vacuum_impact(const VacuumStmt& statement, Effects& effects) {
  if (statement.is_vacuumcmd && effects.refuses_transaction()) return;
  bool full = statement.is_vacuumcmd && option_set(statement.options, "full");
  if (length(statement.rels) == 0) return effects.unknown("which tables the database holds is not known");
  for (const VacuumRelation& entry : each<VacuumRelation>(statement.rels)) {
    if (!entry.relation) continue;
    Target table = effects.target(*entry.relation);
    if (table.missing) return effects.fail("42P01");
    LockMode mode = full ? LockMode::access_exclusive : LockMode::share_update_exclusive;
    bool below = statement.is_vacuumcmd ? is_partitioned(table) : true;
    effects.lock_tree(table, mode, below && entry.relation->inh && (is_partitioned(table) || effects.version >= 18));
    // Until 17 inheriting tables are sampled only, in the statistics of the whole tree.
    if (below && entry.relation->inh) effects.lock_tree(table, LockMode::access_share, true);
    if (full) {
      effects.rewrite(table);
    } else if (table.state) {
      LockMode index_mode = statement.is_vacuumcmd ? LockMode::row_exclusive : LockMode::access_share;
      for (const RelationState* relation : effects.state.descendants(table.state->id)) {
        if (relation->kind != RelationKind::partitioned_table) effects.lock_indexes(*relation, index_mode);
      }
    }
  }
}

}  // namespace pgrehearse
