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

namespace {

std::string option_text(const DefElem& element) {
  std::string text(view(element.defname));
  return text + (option_is_on(element) ? "=true" : "=false");
}

}  // namespace

/// transformIndexConstraints(): keys that say the same become one, with the first name that is given; the primary key
/// comes first.
std::vector<Folder::Later> Folder::merged_keys(const std::vector<Later>& written) {
  struct Key {
    std::vector<std::string> columns, includes;
  };
  auto key_of = [](const Later& key) {
    Key result{names_of(key.constraint->keys), names_of(key.constraint->including)};
    if (result.columns.empty() && !key.column.empty()) result.columns.emplace_back(key.column);
    return result;
  };
  std::vector<Later> result;
  std::vector<Key> keys;
  auto add = [&](const Later& next) {
    Key key = key_of(next);
    for (size_t i = 0; i < result.size() && next.constraint->contype == CONSTR_UNIQUE; ++i) {
      const Constraint& prior = *result[i].constraint;
      if (prior.contype == CONSTR_EXCLUSION || keys[i].columns != key.columns || keys[i].includes != key.includes ||
          prior.deferrable != next.constraint->deferrable || prior.initdeferred != next.constraint->initdeferred ||
          prior.nulls_not_distinct != next.constraint->nulls_not_distinct) {
        continue;
      }
      if (!prior.conname && next.constraint->conname) {
        Constraint& named = adapted_.emplace_front(prior);
        named.conname = next.constraint->conname;
        result[i].constraint = &named;
      }
      return;
    }
    result.push_back(next);
    keys.push_back(std::move(key));
  };
  for (const Later& key : written) {
    if (key.constraint->contype == CONSTR_PRIMARY) add(key);
  }
  for (const Later& key : written) {
    if (key.constraint->contype != CONSTR_PRIMARY) add(key);
  }
  return result;
}

void Folder::create_table(const CreateStmt& statement, RelationKind kind) {
  if (statement.partspec) kind = RelationKind::partitioned_table;
  RelationState* table =
      create(NameView(*statement.relation), kind, statement.relation->relpersistence, statement.if_not_exists);
  if (!table) return;
  table->access_method = statement.accessMethod ? view(statement.accessMethod)
                                                : state_.setting("default_table_access_method").value_or("");
  RelationId id = table->id;
  if (statement.partspec) {
    for (const PartitionElem& key : each<PartitionElem>(statement.partspec->partParams)) {
      table->partition_keys.emplace_back(view(key.name));
    }
  }
  if (statement.partbound) table->bound = partition_bound(*statement.partbound);
  for (const DefElem& element : each<DefElem>(statement.options)) table->options.push_back(option_text(element));
  std::vector<RelationId> parents;
  for (const RangeVar& parent : each<RangeVar>(statement.inhRelations)) {
    auto parent_kind = statement.partbound ? RelationKind::partitioned_table : RelationKind::table;
    RelationId parent_id = mention(&parent, parent_kind);
    if (parent_id && may_inherit(id, parent_id)) parents.push_back(parent_id);
  }
  for (RelationId parent : parents) inherit_new(id, parent, statement.partbound != nullptr);
  if (statement.ofTypename) {
    table = d_.mutate(id);
    table->of_type = qualified_name(statement.ofTypename->names);
    if (const TypeState* type = state_.type(*table->of_type)) {
      for (const ColumnState& attribute : type->attributes) table->columns.push_back(attribute);
    } else {
      table->complete = false;
    }
  }
  if (statement.partbound && !parents.empty()) clone_to_partition(id, parents[0]);
  // PostgreSQL makes and so names them in this order: checks, keys with the primary one first, foreign keys.
  std::vector<Later> own;
  if (auto* created = d_.mutate(id)) {
    created->columns.reserve(created->columns.size() + static_cast<size_t>(length(statement.tableElts)));
  }
  std::vector<const TableLikeClause*> likes;
  for (const Node& element : each<Node>(statement.tableElts)) {
    if (auto* definition = as<ColumnDef>(&element)) {
      add_column(id, *definition, own);
    } else if (auto* constraint = as<Constraint>(&element)) {
      own.push_back({constraint, {}});
    } else if (auto* like = as<TableLikeClause>(&element)) {
      copy_like_columns(id, *like);
      likes.push_back(like);
    }
  }
  std::vector<Later> keys;
  for (const Later& later : own) {
    if (is_key(*later.constraint)) {
      keys.push_back(later);
    } else if (later.constraint->contype != CONSTR_FOREIGN) {
      add_constraint(id, *later.constraint, later.column);
    }
  }
  if (keys.size() > 1) keys = merged_keys(keys);
  for (const auto& [constraint, column] : keys) add_constraint(id, *constraint, column);
  for (const TableLikeClause* like : likes) copy_like_rest(id, *like);
  for (const auto& [constraint, column] : own) {
    if (constraint->contype == CONSTR_FOREIGN) add_constraint(id, *constraint, column);
  }
}

/// What LIKE copies at its place among the columns.
void Folder::copy_like_columns(RelationId target, const TableLikeClause& like) {
  const RelationState* source = d_.get(mention(like.relation));
  RelationState* table = d_.mutate(target);
  if (!source || !source->complete) table->complete = false;
  if (!source) return;
  auto with = [&](uint32_t option) { return (like.options & option) != 0; };
  for (ColumnState column : source->columns) {
    column.created_in = d_.migration;
    column.inherited = 0;
    column.local = true;
    column.sequence = 0;  // a serial default goes on to use the old sequence
    if (!with(CREATE_TABLE_LIKE_DEFAULTS)) {
      column.default_value.reset();
      column.default_sequence = 0;
    }
    if (column.default_sequence) d_.link(target, column.default_sequence);
    if (!with(CREATE_TABLE_LIKE_GENERATED)) {
      column.generated = Generated::no;
      column.generation.reset();
    }
    if (!with(CREATE_TABLE_LIKE_IDENTITY)) column.identity = Identity::no;
    if (column.identity != Identity::no) {
      column.sequence = create_owned_sequence(target, column.name, column.type->base);
      table = d_.mutate(target);
    }
    table->columns.push_back(std::move(column));
  }
}

/// What LIKE copies once the table is there: checks, indexes, keys, statistics.
void Folder::copy_like_rest(RelationId target, const TableLikeClause& like) {
  RelationId source_id = mention(like.relation);
  if (!d_.get(source_id)) return;
  auto with = [&](uint32_t option) { return (like.options & option) != 0; };
  RelationState source = *d_.get(source_id);
  for (ConstraintState constraint : source.constraints) {
    bool wanted = (constraint.kind == ConstraintKind::check && with(CREATE_TABLE_LIKE_CONSTRAINTS)) ||
                  constraint.kind == ConstraintKind::not_null;
    if (!wanted) continue;
    constraint.inherited = 0;
    constraint.local = true;
    constraint.validated = constraint.validated || constraint.enforced;  // an empty table is checked at once
    constraint.created_in = d_.migration;
    put_constraint(target, std::move(constraint), false);
  }
  if (with(CREATE_TABLE_LIKE_STATISTICS)) d_.mutate(target)->statistics = source.statistics;
  if (!with(CREATE_TABLE_LIKE_INDEXES)) return;
  for (IndexState index : source.indexes) {
    auto owner = std::ranges::find(source.constraints, index.id, &ConstraintState::index);
    bool backing = index.constraint && owner != source.constraints.end();
    index.name.clear();
    index.parent = 0;
    index.valid = true;
    index.clustered = index.replica_identity = false;
    bool primary = index.primary;
    std::string_view label = primary ? "pkey" : !backing ? "idx" : index.unique ? "key" : "excl";
    RelationId added = add_index(target, std::move(index), label);
    if (!backing || !added) continue;
    ConstraintState constraint = *owner;
    constraint.name = d_.get(target)->index(added)->name;
    constraint.index = added;
    constraint.inherited = 0;
    constraint.local = true;
    constraint.created_in = d_.migration;
    if (primary) {
      for (const auto& column : constraint.columns) set_not_null(target, column, false);
    }
    put_constraint(target, std::move(constraint), false);
  }
}

}  // namespace pgrehearse
