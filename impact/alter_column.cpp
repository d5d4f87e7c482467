// SPDX-License-Identifier: Apache-2.0
// ADD COLUMN, DROP COLUMN, SET NOT NULL.
#include <algorithm>

#include "impact/effects.h"
#include "migration/schema_types.h"

namespace pgrehearse {
namespace {

template <class Visit>
void for_each_stored(const Target& table, Effects& effects, Visit visit) {
  if (!table.state) return visit(table);
  for (const RelationState* relation : effects.state.descendants(table.state->id)) {
    visit(Target{relation, relation->name, false});
  }
}

/// What the default of a new column does: nothing when it is one value for all rows.
void default_impact(const Target& table, const ExpressionFacts& value, Effects& effects) {
  for (const QualifiedName& function : value.functions) {
    bool absent = only_in_newer_servers(function, effects.version) && effects.state.functions(function).empty();
    if (absent && !effects.state.any_extension()) return effects.fail("42883");
  }
  auto volatility = expression_volatility(value, effects.state, effects.version);
  if (!volatility) {
    effects.unknown("the default calls a function whose volatility is not known");
  } else if (*volatility == Volatility::volatile_) {
    for_each_stored(table, effects, [&](const Target& stored) { effects.rewrite(stored); });
  }
}

/// Sequences that nextval('name') reads are locked like tables that are written.
void lock_sequences(const Node* expression, Effects& effects) {
  if (!expression) return;
  for_each_node<FuncCall>(expression, [&](const FuncCall& call) {
    std::string_view name = last_name(call.funcname);
    if (name != "nextval" && name != "setval") return;
    const char* sequence = length(call.args) ? constant_string(first(call.args)) : nullptr;
    if (!sequence) return;
    std::string_view text(sequence);
    QualifiedName written;
    size_t dot = text.find('.');
    if (dot != std::string_view::npos) written.schema = text.substr(0, dot);
    written.name = text.substr(dot == std::string_view::npos ? 0 : dot + 1);
    for (std::string* part : {&written.schema, &written.name}) std::erase(*part, '"');
    Target target = effects.target(written);
    if (target.missing) return effects.fail("42P01");
    effects.lock(target, LockMode::row_exclusive);
  });
}

}  // namespace

bool proves_not_null(const RelationState& table, std::string_view column) {
  return std::ranges::any_of(table.constraints, [&](const ConstraintState& constraint) {
    return constraint.kind == ConstraintKind::check && constraint.validated && constraint.enforced &&
           contains(constraint.check->proves_not_null, column);
  });
}

void add_column_impact(const Target& table, const ColumnDef& column, bool recurse, bool missing_ok, Effects& effects) {
  (void)recurse;  // ONLY is refused when there are children
  std::string_view name = view(column.colname);
  Known exists = effects.state.has_column(table.name, name);
  auto& dropped = effects.dropped_columns;
  if (std::ranges::find(dropped, name) != dropped.end()) exists = Known::no;
  if (table.state && table.state->is_partition()) return effects.fail("42809");
  if (exists == Known::yes) return missing_ok ? void() : effects.fail("42701");
  if (!column.typeName) return;

  bool not_null = column.is_not_null;
  bool has_default = false;
  bool identity = false;
  Generated generated = Generated::no;
  const Node* expression = column.raw_default;
  for (const Constraint& constraint : column_constraints(column)) {
    switch (constraint.contype) {
      case CONSTR_NOTNULL:
      case CONSTR_PRIMARY: not_null = true; break;
      case CONSTR_DEFAULT: expression = constraint.raw_expr; break;
      case CONSTR_IDENTITY: identity = true; break;
      case CONSTR_GENERATED: generated = Generated::stored;
#if PG_VERSION_NUM >= 180000
        if (constraint.generated_kind == 'v') generated = Generated::virtual_;
#endif
        break;
      case CONSTR_CHECK:
      case CONSTR_FOREIGN:
        if (!is_enforced(constraint) && effects.version < 18) return effects.fail("42601");
        break;
      default: break;
    }
  }
  if (generated == Generated::virtual_ && effects.version < 18) return effects.fail("42601");

  bool serial = !serial_base(*column.typeName).empty();
  if (serial || identity || generated == Generated::stored) {
    for_each_stored(table, effects, [&](const Target& stored) { effects.rewrite(stored); });
    has_default = true;
  } else if (expression) {
    ExpressionFacts value = expression_facts(expression);
    has_default = !value.is_null;
    default_impact(table, value, effects);
    lock_sequences(expression, effects);
  }

  ColumnType type = effects.state.resolve_type(*column.typeName);
  if (type.kind == ColumnType::Kind::domain && !type.array) {
    const TypeState* domain = effects.state.type(type.name);
    if (domain && !has_default && domain->default_value) {
      has_default = true;
      default_impact(table, *domain->default_value, effects);
    }
    // A NULL must be tried against the domain's constraints, even if it is the only value.
    if (domain && (domain->not_null || !domain->constraints.empty()) && generated == Generated::no) {
      for_each_stored(table, effects, [&](const Target& stored) { effects.rewrite(stored); });
    }
  }
  if (!has_default && generated == Generated::no) effects.added_null_columns.emplace_back(name);
  if (not_null && !has_default) for_each_stored(table, effects, [&](const Target& stored) { effects.scan(stored); });

  for (const Constraint& constraint : column_constraints(column)) {
    switch (constraint.contype) {
      case CONSTR_CHECK:
        if (is_enforced(constraint)) {
          for_each_stored(table, effects, [&](const Target& stored) { effects.scan(stored); });
        }
        break;
      case CONSTR_UNIQUE:
      case CONSTR_PRIMARY:
      case CONSTR_EXCLUSION:
        if (constraint.contype == CONSTR_PRIMARY && table.state && table.state->primary_key()) {
          return effects.fail("42P16");
        }
        for_each_stored(table, effects, [&](const Target& stored) { effects.scan(stored); });
        break;
      case CONSTR_FOREIGN: {
        if (!constraint.pktable) break;
        Target referenced = effects.target(*constraint.pktable);
        effects.lock_tree(referenced, LockMode::share_row_exclusive,
                          referenced.state && referenced.state->kind == RelationKind::partitioned_table);
        // Without a default every new value is NULL and nobody looks; DEFAULT NULL is only seen to be so row by row.
        if ((has_default || expression) && is_enforced(constraint)) {
          validate_foreign_key(table, referenced, effects, has_default);
        }
        break;
      }
      default: break;
    }
  }
}

void drop_column_impact(const Target& table, const AlterTableCmd& command, Effects& effects) {
  std::string name(view(command.name));
  bool cascade = command.behavior == DROP_CASCADE;
  Known exists = effects.state.has_column(table.name, name);
  if (exists == Known::no) return command.missing_ok ? void() : effects.fail("42703");
  if (!table.state) return;
  const ColumnState* dropped = table.state->column(name);
  if (contains(table.state->partition_keys, name) || (dropped && dropped->inherited)) return effects.fail("42P16");
  for (const RelationState* reader : effects.state.readers(table.state->id)) {
    if (std::ranges::find(reader->reads_columns, std::pair(table.state->id, name)) == reader->reads_columns.end()) {
      continue;
    }
    if (cascade) {
      drop_relation_impact(*reader, true, effects);
    } else if (reader->reads_understood && !reader->uncertain) {
      return effects.fail("2BP01");
    }
  }
  for (const ColumnState& other : table.state->columns) {
    // Up to 14 the generated column silently goes too.
    bool depends = other.generated != Generated::no && contains(other.generation->columns, name);
    if (depends && !cascade && effects.version >= 15) {
      return effects.fail("2BP01");
    }
  }
  for (const PolicyState& policy : table.state->policies) {
    if (contains(policy.columns, name) && !cascade) return effects.fail("2BP01");
  }
  for (const TriggerState& trigger : table.state->triggers) {
    if (contains(trigger.columns, name) && !cascade) return effects.fail("2BP01");
  }
  for (const RelationState* relation : effects.state.descendants(table.state->id)) {
    for (const IndexState& index : relation->indexes) {
      if (contains(index.columns, name) || contains(index.includes, name) || contains(index.reads, name)) {
        effects.lock(index.id, LockMode::access_exclusive);
      }
    }
    for (const ConstraintState& constraint : relation->constraints) {
      if (constraint.kind == ConstraintKind::foreign_key && contains(constraint.columns, name)) {
        effects.lock(constraint.referenced, LockMode::access_exclusive);
      }
    }
    const ColumnState* column = relation->column(name);
    if (column && column->sequence) effects.lock(column->sequence, LockMode::access_exclusive);
  }
  for (const auto& [other, foreign_key] : effects.state.references_to(table.state->id)) {
    if (!contains(foreign_key->referenced_columns, name) || other->id == table.state->id) continue;
    if (!cascade) return effects.fail("2BP01");
    effects.lock(*other, LockMode::access_exclusive);
  }
}

void set_not_null_impact(const Target& table, std::string_view name, Effects& effects) {
  if (effects.has_column(table, name) == Known::no) return effects.fail("42703");
  for_each_stored(table, effects, [&](const Target& stored) {
    if (!stored.state) return effects.scan(stored);
    const RelationState& relation = *stored.state;
    bool open = std::ranges::any_of(relation.constraints, [&](const ConstraintState& constraint) {
      return constraint.kind == ConstraintKind::not_null && !constraint.validated && contains(constraint.columns, name);
    });
    const ColumnState* column = relation.column(name);
    bool already = column && column->not_null && !open;
    if (!already && !proves_not_null(relation, name)) effects.scan(relation);
  });
}

}  // namespace pgrehearse
