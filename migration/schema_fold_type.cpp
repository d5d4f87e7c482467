// SPDX-License-Identifier: Apache-2.0
// Enums, domains and composite types.
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {

void Folder::put_type(TypeState type) {
  type.name = d_.creation_name(type.name);
  type.created_in = d_.migration;
  for (const auto& constraint : type.constraints) {
    if (!constraint.inherited) count_constraint_name({type.name.schema, constraint.name}, true);
  }
  set_type(std::move(type));
}

void Folder::create_enum(const CreateEnumStmt& statement) {
  TypeState type;
  type.name = qualified_name(statement.typeName);
  type.kind = ColumnType::Kind::enumeration;
  type.labels = names_of(statement.vals);
  if (state_.type_exists(type.name) == Known::yes) return;
  put_type(std::move(type));
}

void Folder::alter_enum(const AlterEnumStmt& statement) {
  const TypeState* known = state_.type(qualified_name(statement.typeName));
  if (!known || !statement.newVal) return;
  TypeState type = *known;
  std::string value(view(statement.newVal));
  if (statement.oldVal) {
    std::ranges::replace(type.labels, std::string(view(statement.oldVal)), value);
  } else if (std::ranges::find(type.labels, value) == type.labels.end()) {
    auto at = type.labels.end();
    if (statement.newValNeighbor) {
      at = std::ranges::find(type.labels, view(statement.newValNeighbor));
      if (at != type.labels.end() && statement.newValIsAfter) ++at;
    }
    type.labels.insert(at, value);
  }
  set_type(std::move(type));
}

ConstraintState Folder::domain_check(const Constraint& constraint, const TypeState& type) const {
  ConstraintState check;
  check.name = view(constraint.conname);
  check.generated_name = check.name.empty();
  if (check.generated_name) {
    std::string label = "check";
    auto is_taken = [&] {
      return std::ranges::find(type.constraints, check.name, &ConstraintState::name) != type.constraints.end();
    };
    check.name = free_constraint_name(type.name, {}, label);
    for (int number = 1; is_taken(); ++number) {
      check.name = free_constraint_name(type.name, {}, label + std::to_string(number));
    }
  }
  check.check = expression_facts(constraint.raw_expr);
  check.validated = !constraint.skip_validation;
  check.created_in = d_.migration;
  return check;
}

void Folder::create_domain(const CreateDomainStmt& statement) {
  TypeState type;
  type.name = d_.creation_name(qualified_name(statement.domainname));
  if (state_.type_exists(type.name) == Known::yes) return;
  type.kind = ColumnType::Kind::domain;
  if (statement.typeName) type.base = state_.resolve_type(*statement.typeName);
  if (const TypeState* under = state_.type(type.base.name); under && under->kind == ColumnType::Kind::domain) {
    type.not_null = under->not_null;
    type.constraints = under->constraints;
    for (auto& constraint : type.constraints) constraint.inherited = 1;
    type.default_value = under->default_value;
  }
  for (const Constraint& constraint : each<Constraint>(statement.constraints)) {
    if (constraint.contype == CONSTR_NOTNULL) type.not_null = true;
    if (constraint.contype == CONSTR_DEFAULT) type.default_value = expression_facts(constraint.raw_expr);
    if (constraint.contype == CONSTR_CHECK) type.constraints.push_back(domain_check(constraint, type));
  }
  put_type(std::move(type));
}

void Folder::alter_domain(const AlterDomainStmt& statement) {
  const TypeState* known = state_.type(qualified_name(statement.typeName));
  if (!known) return;
  TypeState type = *known;
  std::string name(view(statement.name));
  switch (static_cast<char>(statement.subtype)) {
    case 'T':
      type.default_value.reset();
      if (statement.def) type.default_value = expression_facts(statement.def);
      break;
    case 'N': type.not_null = false; break;
    case 'O': type.not_null = true; break;
    case 'C':
      if (auto* constraint = as<Constraint>(statement.def)) {
        if (constraint->contype == CONSTR_NOTNULL) {
          type.not_null = true;
        } else {
          type.constraints.push_back(domain_check(*constraint, type));
          count_constraint_name({type.name.schema, type.constraints.back().name}, true);
        }
      }
      break;
    case 'X':
      if (std::erase_if(type.constraints, [&](const ConstraintState& check) { return check.name == name; }) > 0) {
        count_constraint_name({type.name.schema, name}, false);
      }
      break;
    case 'V':
      for (auto& constraint : type.constraints) {
        if (constraint.name == name) constraint.validated = true;
      }
      break;
    default: return;
  }
  set_type(std::move(type));
}

void Folder::create_composite(const CompositeTypeStmt& statement) {
  TypeState type;
  type.name = qualified_name(*statement.typevar);
  type.kind = ColumnType::Kind::composite;
  for (const ColumnDef& definition : each<ColumnDef>(statement.coldeflist)) {
    ColumnState attribute;
    attribute.name = view(definition.colname);
    if (definition.typeName) attribute.type = column_type(*definition.typeName);
    type.attributes.push_back(std::move(attribute));
  }
  if (state_.type_exists(type.name) == Known::yes) return;
  put_type(std::move(type));
}

}  // namespace pgrehearse
