// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_data.h"
#include "migration/schema_types.h"

namespace pgrehearse {
namespace {

/// The entry that the search_path finds first.
template <class Map>
auto* along_path(const Map& map, NameView name, const std::vector<std::string>& path) {
  using Value = std::remove_pointer_t<decltype(map.find(name))>;
  if (!name.schema.empty()) return map.find(name);
  Value* dropped = nullptr;
  for (const auto& schema : path) {
    auto* found = map.find({schema, name.name});
    if (found && *found) return found;
    if (found && !dropped) dropped = found;
  }
  return dropped;
}

}  // namespace

const TypeState* SchemaState::type(NameView name) const {
  auto* found = along_path(data_->types, name, data_->search_path);
  return found ? found->get() : nullptr;
}

Known SchemaState::type_exists(NameView name) const {
  auto* found = along_path(data_->types, name, data_->search_path);
  return !found ? Known::unknown : *found ? Known::yes : Known::no;
}

ColumnType SchemaState::resolve_type(const TypeName& name) const {
  ColumnType type = plain_type(name);
  if (type.kind == ColumnType::Kind::builtin) return type;
  const TypeState* known = this->type(type.name);
  if (!known) {
    set_type_text(type);
    return type;
  }
  type.name = known->name;
  type.kind = known->kind;
  type.base = known->name.name;
  if (known->kind == ColumnType::Kind::domain) {
    type.base = known->base.base;
    type.modifiers = known->base.modifiers;
  }
  type.text = display_name(type.name) + (type.array ? "[]" : "");
  return type;
}

std::vector<SchemaState::TypeUse> SchemaState::uses_of(const QualifiedName& type) const {
  std::vector<QualifiedName> names{type};
  for (size_t i = 0; i < names.size(); ++i) {
    for (const auto& [name, other] : data_->types) {
      bool stands_on = other && other->kind == ColumnType::Kind::domain && other->base.name == names[i];
      if (stands_on && std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  std::vector<TypeUse> result;
  for (const auto& slot : data_->slots) {
    if (!slot.relation || slot.relation->kind == RelationKind::view) continue;
    for (const auto& column : slot.relation->columns) {
      if (std::ranges::find(names, column.type->name) != names.end()) result.push_back({slot.relation.get(), &column});
    }
  }
  return result;
}

QualifiedName SchemaState::resolve_function(NameView name) const {
  if (!name.schema.empty()) return name.owned();
  for (const auto& schema : data_->search_path) {
    auto* found = data_->functions.find({schema, name.name});
    if (found && *found && !(*found)->empty()) return NameView(schema, name.name).owned();
  }
  return data_->creation_name(name);
}

std::vector<const FunctionState*> SchemaState::functions(NameView name) const {
  std::vector<const FunctionState*> result;
  auto* found = data_->functions.find(resolve_function(name));
  if (!found || !*found) return result;
  for (const auto& function : **found) result.push_back(&function);
  return result;
}

const FunctionState* SchemaState::function(NameView name, int arguments) const {
  std::vector<const FunctionState*> overloads = functions(name);
  if (overloads.size() == 1) return overloads[0];
  const FunctionState* match = nullptr;
  for (const FunctionState* overload : overloads) {
    bool fits = overload->arguments - overload->default_arguments <= arguments && arguments <= overload->arguments;
    if (!fits) continue;
    if (match) return nullptr;
    match = overload;
  }
  return match;
}

}  // namespace pgrehearse
