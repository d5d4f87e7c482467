// SPDX-License-Identifier: Apache-2.0
// ALTER COLUMN TYPE: ATColumnChangeRequiresRewrite() and the casts' length functions, held against servers 14 to 18.
#include <algorithm>

#include "impact/effects.h"

namespace pgrehearse {
namespace {

/// Binary-coercible pairs of pg_catalog: pg_cast with castmethod 'b'.
bool relabels(std::string_view from, std::string_view to) {
  static constexpr std::pair<std::string_view, std::string_view> pairs[] = {{"integer", "oid"},
                                                                            {"oid", "integer"},
                                                                            {"cidr", "inet"},
                                                                            {"bit", "bit varying"},
                                                                            {"bit varying", "bit"},
                                                                            {"text", "character varying"},
                                                                            {"character varying", "text"},
                                                                            {"xml", "text"},
                                                                            {"xml", "character varying"},
                                                                            {"integer", "regclass"},
                                                                            {"regclass", "oid"},
                                                                            {"oid", "regclass"},
                                                                            {"regclass", "integer"}};
  return std::ranges::find(pairs, std::pair(from, to)) != std::end(pairs);
}

/// Whether changing only the modifiers needs no look at the values; `same` base type.
bool modifiers_widen(std::string_view base, const std::vector<int32_t>& from, const std::vector<int32_t>& to) {
  if (from == to || to.empty()) return true;
  if (base == "character varying" || base == "bit varying") return !from.empty() && to[0] >= from[0];
  if (base == "numeric") return from.size() == 2 && to.size() == 2 && to[1] == from[1] && to[0] >= from[0];
  if (base.starts_with("time") || base == "interval") {
    int32_t largest = 6;
    return to[0] >= (from.empty() ? largest : from[0]);
  }
  return false;
}

bool is_timestamp(std::string_view base) { return base.starts_with("timestamp "); }

bool timezone_is_utc(const SchemaState& state) {
  auto zone = state.setting("timezone");
  if (!zone) return true;  // the throw-away server's and most production servers' default; rules say so
  std::string lower = *zone;
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower == "utc" || lower == "etc/utc" || lower == "gmt" || lower == "etc/gmt" || lower == "0";
}

/// USING that is nothing but a cast of the column to a type, or the column itself.
const TypeName* only_cast(const Node* expression, std::string_view column, bool& plain) {
  plain = false;
  const TypeName* type = nullptr;
  if (auto* cast = as<TypeCast>(expression)) {
    type = cast->typeName;
    expression = cast->arg;
  }
  auto* reference = as<ColumnRef>(expression);
  plain = reference && length(reference->fields) == 1 && last_name(reference->fields) == column;
  return type;
}

}  // namespace

TypeChange type_change(const ColumnType& from, const ColumnType& to, const SchemaState& state) {
  if (from.kind == ColumnType::Kind::unknown || to.kind == ColumnType::Kind::unknown) {
    // The same name is the same type, whatever it is.
    if (from.name == to.name && from.text == to.text && !from.text.empty()) return TypeChange::none;
    bool told = !from.base.empty() && !to.base.empty();
    return told && from.kind == ColumnType::Kind::builtin ? TypeChange::rewrite : TypeChange::unknown;
  }
  if (from == to) return TypeChange::none;
  if (to.kind == ColumnType::Kind::domain && from.name != to.name) {
    const TypeState* domain = state.type(to.name);
    if (!domain) return TypeChange::unknown;
    if (domain->not_null || !domain->constraints.empty()) return TypeChange::rewrite;
  }
  if (from.array != to.array) return TypeChange::rewrite;
  if (from.base == to.base) {
    bool same_family =
        from.kind == to.kind || from.kind == ColumnType::Kind::domain || to.kind == ColumnType::Kind::domain;
    if (!same_family) return TypeChange::rewrite;
    return modifiers_widen(from.base, from.modifiers, to.modifiers) ? TypeChange::none : TypeChange::rewrite;
  }
  if (from.array) {
    // Arrays of binary-coercible elements are coerced element by element.
    return relabels(from.base, to.base) && to.modifiers.empty() ? TypeChange::none : TypeChange::rewrite;
  }
  if (is_timestamp(from.base) && is_timestamp(to.base)) {
    if (!timezone_is_utc(state)) return TypeChange::rewrite;
    bool widen = modifiers_widen(from.base, from.modifiers, to.modifiers);
    return widen ? TypeChange::index_rebuild : TypeChange::rewrite;
  }
  if (!relabels(from.base, to.base)) return TypeChange::rewrite;
  if (to.modifiers.empty()) return TypeChange::none;
  bool from_limited = from.base == "character varying" || from.base == "bit varying";
  bool fits = from_limited && !from.modifiers.empty() && to.modifiers[0] >= from.modifiers[0];
  return fits && to.base == from.base ? TypeChange::none : TypeChange::rewrite;
}

namespace {

/// Things that forbid any type change of the column (RememberAllDependentForRebuilding). True when it fails.
bool blocked(const RelationState& table, const std::string& name, Effects& effects) {
  for (const ColumnState& other : table.columns) {
    if (other.generated != Generated::no && contains(other.generation->columns, name)) {
      effects.fail(effects.version < 15 ? "42601" : "0A000");
      return true;
    }
  }
  for (const RelationState* reader : effects.state.readers(table.id)) {
    bool reads = std::ranges::find(reader->reads_columns, std::pair(table.id, name)) != reader->reads_columns.end();
    if (reads && reader->reads_understood && !reader->uncertain) effects.fail("0A000");
  }
  for (const TriggerState& trigger : table.triggers) {
    if (contains(trigger.columns, name)) effects.fail("0A000");
  }
  for (const PolicyState& policy : table.policies) {
    if (contains(policy.columns, name)) effects.fail("0A000");
  }
  if (contains(table.partition_keys, name)) effects.fail("42P16");
  return effects.failed();
}

void dependents_impact(const RelationState& table, const std::string& name, TypeChange change, bool collation_changes,
                       Effects& effects) {
  for (const ConstraintState& constraint : table.constraints) {
    if (!contains(constraint.columns, name)) continue;
    // Made anew, so all rows are checked again, unless it was never valid.
    if (constraint.kind == ConstraintKind::check && constraint.enforced && constraint.validated) effects.scan(table);
    if (constraint.kind == ConstraintKind::foreign_key) {
      const RelationState* referenced = effects.state.relation(constraint.referenced);
      if (!referenced) continue;
      effects.lock(*referenced, LockMode::access_exclusive);
      if (change == TypeChange::rewrite && constraint.validated && constraint.enforced) {
        validate_foreign_key({&table, table.name, false}, {referenced, referenced->name, false}, effects);
      }
    }
  }
  for (const auto& [other, foreign_key] : effects.state.references_to(table.id)) {
    if (!contains(foreign_key->referenced_columns, name)) continue;
    effects.lock(*other, LockMode::access_exclusive);
    if (change == TypeChange::rewrite && foreign_key->validated && foreign_key->enforced) {
      validate_foreign_key({other, other->name, false}, {&table, table.name, false}, effects);
    }
  }
  for (const IndexState& index : table.indexes) {
    bool key = contains(index.columns, name);
    bool reads = contains(index.reads, name);
    if (!key && !reads && !contains(index.includes, name)) continue;
    effects.lock(index.id, LockMode::access_exclusive);
    // The file of a partition's index is not taken over when the partitioned index is made anew.
    bool rebuilds = reads || index.parent || (key && (change == TypeChange::index_rebuild || collation_changes));
    if (rebuilds && change != TypeChange::rewrite) effects.rebuild_index(table, index);
  }
}

}  // namespace

void alter_type_impact(const Target& table, const AlterTableCmd& command, Effects& effects) {
  auto* definition = as<ColumnDef>(command.def);
  if (!definition || !definition->typeName) return;
  std::string name(view(command.name));
  if (effects.state.has_column(table.name, name) == Known::no) return effects.fail("42703");
  const ColumnState* column = table.state ? table.state->column(name) : nullptr;
  ColumnType to = effects.state.resolve_type(*definition->typeName);
  std::string collation(definition->collClause ? last_name(definition->collClause->collname) : std::string_view());

  TypeChange change = TypeChange::unknown;
  if (column && !column->type->text.empty()) change = type_change(column->type, to, effects.state);
  if (definition->raw_default) {
    bool plain = false;
    const TypeName* cast = only_cast(definition->raw_default, name, plain);
    if (!plain) {
      change = TypeChange::rewrite;
    } else if (cast && column && !column->type->text.empty()) {
      ColumnType between = effects.state.resolve_type(*cast);
      change = std::max(type_change(column->type, between, effects.state), type_change(between, to, effects.state));
    }
  }
  if (!table.state) {
    if (change == TypeChange::rewrite) return effects.rewrite(table);
    return effects.unknown("the column's present type is not known");
  }
  if (column && column->identity != Identity::no && column->sequence && column->type->base != to.base) {
    effects.lock(column->sequence, LockMode::share_row_exclusive);  // its sequence follows
    effects.rewrite_file(column->sequence);
  }
  if (change == TypeChange::unknown) effects.unknown("the column's present type is not known");
  bool collation_changes = column && collation != column->collation;
  for (const RelationState* relation : effects.state.descendants(table.state->id)) {
    if (blocked(*relation, name, effects)) return;
    if (change == TypeChange::rewrite) effects.rewrite(*relation);
    dependents_impact(*relation, name, change, collation_changes, effects);
  }
}

}  // namespace pgrehearse
