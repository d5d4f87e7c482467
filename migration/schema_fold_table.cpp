// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {
namespace {

std::string bound_value(const Node* node, bool& understood) {
  if (auto* column = as<ColumnRef>(node)) {  // MINVALUE and MAXVALUE arrive as column references
    std::string_view name = last_name(column->fields);
    if (name == "minvalue" || name == "maxvalue") return std::string(name);
  }
  ExpressionFacts facts = expression_facts(node);
  if (!facts.is_constant) understood = false;
  return facts.is_null ? "null" : facts.constant;
}

}  // namespace

PartitionBound partition_bound(const PartitionBoundSpec& spec) {
  PartitionBound bound;
  bound.is_default = spec.is_default;
  bound.strategy = spec.strategy == PARTITION_STRATEGY_LIST    ? "list"
                   : spec.strategy == PARTITION_STRATEGY_RANGE ? "range"
                                                               : "hash";
  for (const Node& value : each<Node>(spec.listdatums)) bound.values.push_back(bound_value(&value, bound.understood));
  for (const Node& value : each<Node>(spec.lowerdatums)) bound.lower.push_back(bound_value(&value, bound.understood));
  for (const Node& value : each<Node>(spec.upperdatums)) bound.upper.push_back(bound_value(&value, bound.understood));
  if (bound.strategy == "hash") bound.values = {std::to_string(spec.modulus), std::to_string(spec.remainder)};
  return bound;
}

/// PostgreSQL refuses circles; trees deeper than anyone's are left aside, since they are walked by recursion.
bool Folder::may_inherit(RelationId child, RelationId parent) const {
  constexpr int deepest = 200;
  std::vector<const RelationState*> below = state_.descendants(child);
  if (std::ranges::find(below, parent, &RelationState::id) != below.end()) return false;
  int depth = 0;
  for (const RelationState* at = d_.get(parent); at && !at->parents.empty(); at = d_.get(at->parents[0])) {
    if (++depth > deepest) return false;
  }
  return true;
}

void Folder::inherit_from(RelationState& child, const RelationState& parent, bool partition) {
  d_.link(child.id, parent.id);
  child.parents.push_back(parent.id);
  if (!parent.complete) child.complete = false;
  for (ColumnState column : parent.columns) {
    column.inherited = true;
    column.created_in = d_.migration;
    if (!partition) column.identity = Identity::no;
    auto own = std::ranges::find(child.columns, column.name, &ColumnState::name);
    if (own == child.columns.end()) {
      child.columns.push_back(std::move(column));
    } else {
      own->not_null = own->not_null || column.not_null;
    }
  }
  for (ConstraintState constraint : parent.constraints) {
    bool inherits = constraint.kind == ConstraintKind::check || constraint.kind == ConstraintKind::not_null;
    if (!inherits || constraint.no_inherit || child.constraint(constraint.name)) continue;
    constraint.inherited = true;
    child.constraints.push_back(std::move(constraint));
  }
}

/// What a new partition takes over besides columns and checks: indexes, keys, foreign keys and row triggers.
void Folder::clone_to_partition(RelationId partition, RelationId parent) {
  std::vector<IndexState> indexes = d_.get(parent)->indexes;
  for (const IndexState& index : indexes) attach_index(index, partition);
  for (ConstraintState constraint : std::vector<ConstraintState>(d_.get(parent)->constraints)) {
    if (constraint.kind != ConstraintKind::foreign_key) continue;
    constraint.inherited = true;
    if (!d_.get(partition)->constraint(constraint.name)) {
      d_.link(partition, constraint.referenced);
      d_.mutate(partition)->constraints.push_back(std::move(constraint));
    }
  }
  for (const TriggerState& trigger : std::vector<TriggerState>(d_.get(parent)->triggers)) {
    if (trigger.row) d_.mutate(partition)->triggers.push_back(trigger);
  }
}

void Folder::create_table(const CreateStmt& statement, RelationKind kind) {
  if (statement.partspec) kind = RelationKind::partitioned_table;
  RelationState* table =
      create(qualified_name(*statement.relation), kind, statement.relation->relpersistence, statement.if_not_exists);
  if (!table) return;
  RelationId id = table->id;
  if (statement.partspec) {
    char strategy = statement.partspec->strategy;
    table->partition_strategy = strategy == PARTITION_STRATEGY_LIST    ? "list"
                                : strategy == PARTITION_STRATEGY_RANGE ? "range"
                                                                       : "hash";
    for (const PartitionElem& key : each<PartitionElem>(statement.partspec->partParams)) {
      table->partition_keys.emplace_back(view(key.name));
    }
  }
  if (statement.partbound) table->bound = partition_bound(*statement.partbound);
  std::vector<RelationId> parents;
  for (const RangeVar& parent : each<RangeVar>(statement.inhRelations)) {
    auto parent_kind = statement.partbound ? RelationKind::partitioned_table : RelationKind::table;
    RelationId parent_id = mention(&parent, parent_kind);
    if (parent_id && may_inherit(id, parent_id)) parents.push_back(parent_id);
  }
  for (RelationId parent : parents) inherit_from(*d_.mutate(id), *d_.get(parent), statement.partbound != nullptr);
  if (statement.ofTypename) {
    table = d_.mutate(id);
    table->of_type = qualified_name(statement.ofTypename->names);
    if (const TypeState* type = state_.type(table->of_type)) {
      table->columns = type->attributes;
    } else {
      table->complete = false;
    }
  }
  std::vector<std::pair<Constraint, std::string>> later;
  for (const Node& element : each<Node>(statement.tableElts)) {
    if (auto* definition = as<ColumnDef>(&element)) {
      std::vector<Constraint> constraints;
      add_column(id, *definition, constraints);
      for (const Constraint& constraint : constraints)
        later.emplace_back(constraint, std::string(view(definition->colname)));
    } else if (auto* constraint = as<Constraint>(&element)) {
      later.emplace_back(*constraint, std::string());
    } else if (auto* like = as<TableLikeClause>(&element)) {
      copy_like(id, *like);
    }
  }
  add_constraints(id, later);
  if (statement.partbound && !parents.empty()) clone_to_partition(id, parents[0]);
  table = d_.mutate(id);
  for (const DefElem& element : each<DefElem>(statement.options)) {
    table->options.push_back(std::string(view(element.defname)) + (option_is_on(element) ? "=true" : "=false"));
  }
}

void Folder::copy_like(RelationId target, const TableLikeClause& like) {
  const RelationState* source = d_.get(mention(like.relation));
  RelationState* table = d_.mutate(target);
  if (!source || !source->complete) table->complete = false;
  if (!source) return;
  auto with = [&](uint32_t option) { return (like.options & option) != 0; };
  for (ColumnState column : source->columns) {
    column.created_in = d_.migration;
    column.inherited = false;
    bool serial = column.sequence && column.identity == Identity::no;
    if (!with(CREATE_TABLE_LIKE_DEFAULTS) && column.generated == Generated::no) column.default_value.reset();
    if (!with(CREATE_TABLE_LIKE_GENERATED)) column.generated = Generated::no;
    if (!with(CREATE_TABLE_LIKE_IDENTITY)) column.identity = Identity::no;
    if (serial || column.identity == Identity::no) column.sequence = 0;
    table->columns.push_back(std::move(column));
  }
  for (ConstraintState constraint : source->constraints) {
    bool wanted = (constraint.kind == ConstraintKind::check && with(CREATE_TABLE_LIKE_CONSTRAINTS)) ||
                  constraint.kind == ConstraintKind::not_null;
    if (!wanted) continue;
    constraint.inherited = false;
    constraint.created_in = d_.migration;
    table->constraints.push_back(std::move(constraint));
  }
  if (!with(CREATE_TABLE_LIKE_INDEXES)) return;
  std::vector<ConstraintState> constraints = source->constraints;
  for (IndexState index : std::vector<IndexState>(source->indexes)) {
    auto owner = std::ranges::find(constraints, index.id, &ConstraintState::index);
    bool backing = index.constraint && owner != constraints.end();
    index.name.clear();
    index.parent = 0;
    std::string_view label = index.primary ? "pkey" : !backing ? "idx" : index.unique ? "key" : "excl";
    RelationId added = add_index(target, index, label);
    if (!backing || !added) continue;
    ConstraintState constraint = *owner;
    constraint.name = state_.index(added).index->name;
    constraint.index = added;
    constraint.created_in = d_.migration;
    d_.mutate(target)->constraints.push_back(std::move(constraint));
  }
}

}  // namespace pgrehearse
