// SPDX-License-Identifier: Apache-2.0
#include "migration/schema_data.h"

#include <algorithm>

namespace pgrehearse {

SchemaState::Data::Mark SchemaState::Data::mark() {
  ++epoch;  // whatever is changed from here on is logged anew
  return {roles.mark(),    publications.mark(), schema_facts.mark(), default_privileges.mark(),
          slot_log.size(), names.mark(),        schemas.mark(),      extensions.mark(),
          types.mark(),    functions.mark(),    settings.mark()};
}

void SchemaState::Data::undo_to(const Mark& mark) {
  for (; slot_log.size() > mark.slots; slot_log.pop_back()) {
    slots[slot_log.back().first] = std::move(slot_log.back().second);
  }
  roles.undo_to(mark.roles);
  publications.undo_to(mark.publications);
  schema_facts.undo_to(mark.schema_facts);
  default_privileges.undo_to(mark.default_privileges);
  names.undo_to(mark.names);
  schemas.undo_to(mark.schemas);
  extensions.undo_to(mark.extensions);
  types.undo_to(mark.types);
  functions.undo_to(mark.functions);
  settings.undo_to(mark.settings);
  ++epoch;
  refresh_search_path();
}

void SchemaState::Data::forget_log_if_closed() {
  if (logging()) return;
  slot_log.clear();
  roles.forget();
  publications.forget();
  schema_facts.forget();
  default_privileges.forget();
  names.forget();
  schemas.forget();
  extensions.forget();
  types.forget();
  functions.forget();
  settings.forget();
}

RelationId SchemaState::Data::new_id() {
  slots.emplace_back();
  return static_cast<RelationId>(slots.size() - 1);
}

void SchemaState::Data::link(RelationId from, RelationId to) {
  if (to >= linked_from.size()) linked_from.resize(slots.size());
  auto& links = linked_from[to];
  auto place = std::ranges::lower_bound(links, from);
  if (place == links.end() || *place != from) links.insert(place, from);
}

const std::vector<RelationId>& SchemaState::Data::links_to(RelationId to) const {
  static const std::vector<RelationId> none;
  return to < linked_from.size() ? linked_from[to] : none;
}

bool SchemaState::Data::has_children(RelationId parent) const {
  return std::ranges::any_of(links_to(parent), [&](RelationId id) {
    const RelationState* from = get(id);
    return from && std::ranges::find(from->parents, parent) != from->parents.end();
  });
}

void SchemaState::Data::note_call(RelationId from, std::string_view function) {
  auto found = callers.find(function);
  if (found == callers.end()) found = callers.emplace(std::string(function), std::vector<RelationId>()).first;
  if (found->second.empty() || found->second.back() != from) found->second.push_back(from);
}

/// Each relation once.
std::vector<RelationId> SchemaState::Data::callers_of(std::string_view function) const {
  auto found = callers.find(function);
  if (found == callers.end()) return {};
  std::vector<RelationId> result = found->second;
  std::ranges::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

void SchemaState::Data::replace_slot(RelationId id, Slot slot) {
  if (logging() && slots[id].epoch != epoch) slot_log.emplace_back(id, slots[id]);
  slot.epoch = epoch;
  slots[id] = std::move(slot);
}

RelationState* SchemaState::Data::mutate(RelationId id) {
  if (!get(id)) return nullptr;
  Slot& slot = slots[id];
  bool logged = !logging() || slot.epoch == epoch;
  if (logged && slot.relation.use_count() == 1) return slot.relation.get();
  replace_slot(id, {std::make_shared<RelationState>(*slot.relation), slot.table, 0});
  return slots[id].relation.get();
}

SchemaState::Data::Found SchemaState::Data::look_up(NameView name) const {
  if (!name.schema.empty()) return {names.find(name), name.schema};
  Found dropped;
  auto in_schema = [&](std::string_view schema) -> const NameEntry* {
    const NameEntry* entry = names.find({schema, name.name});
    if (entry && entry->id != 0) return entry;
    if (entry && !dropped.entry) dropped = {entry, schema};
    return nullptr;
  };
  if (!temporary.empty()) {
    if (auto* entry = in_schema("pg_temp")) return {entry, "pg_temp"};
  }
  for (const auto& schema : search_path) {
    if (auto* entry = in_schema(schema)) return {entry, schema};
  }
  return dropped.entry ? dropped : Found{nullptr, creation_schema(name)};
}

std::string_view SchemaState::Data::creation_schema(NameView name) const {
  if (!name.schema.empty()) return name.schema;
  for (const auto& schema : search_path) {
    const bool* known = schemas.find(schema);
    if (!known || *known) return schema;
  }
  return "public";
}

void SchemaState::Data::refresh_search_path() {
  const Setting* setting = settings.find("search_path");
  if (!setting && search_path.size() == 1 && search_path[0] == "public") return;
  const std::string* value = nullptr;
  if (setting) value = setting->local ? &*setting->local : setting->session ? &*setting->session : nullptr;
  if (!value) {
    search_path.assign(1, "public");
    return;
  }
  // Stored with \1 between the names, so that quoting is no question any more.
  search_path.clear();
  for (size_t at = 0; at < value->size();) {
    size_t end = std::min(value->find('\1', at), value->size());
    std::string name = value->substr(at, end - at);
    if (name != "$user" && name != "pg_catalog" && name != "pg_temp" && !name.empty()) search_path.push_back(name);
    at = end + 1;
  }
}

}  // namespace pgrehearse
