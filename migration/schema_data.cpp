// SPDX-License-Identifier: Apache-2.0
#include "migration/schema_data.h"

#include <algorithm>

namespace pgrehearse {

SchemaState::Data::Mark SchemaState::Data::mark() {
  ++epoch;  // whatever is changed from here on is logged anew
  return {slot_log.size(), names.mark(),     schemas.mark(), extensions.mark(),
          types.mark(),    functions.mark(), settings.mark()};
}

void SchemaState::Data::undo_to(const Mark& mark) {
  for (; slot_log.size() > mark.slots; slot_log.pop_back()) {
    slots[slot_log.back().first] = std::move(slot_log.back().second);
  }
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
  auto& links = linked_from[to];
  auto place = std::ranges::lower_bound(links, from);
  if (place == links.end() || *place != from) links.insert(place, from);
}

const std::vector<RelationId>& SchemaState::Data::links_to(RelationId to) const {
  static const std::vector<RelationId> none;
  auto found = linked_from.find(to);
  return found == linked_from.end() ? none : found->second;
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

const NameEntry* SchemaState::Data::lookup(const QualifiedName& name, QualifiedName* resolved) const {
  if (!name.schema.empty()) {
    if (resolved) *resolved = name;
    return names.find(name);
  }
  const NameEntry* dropped = nullptr;
  QualifiedName candidate{"pg_temp", name.name};
  auto try_candidate = [&]() -> const NameEntry* {
    const NameEntry* entry = names.find(candidate);
    if (!entry) return nullptr;
    if (entry->id != 0) {
      if (resolved) *resolved = candidate;
      return entry;
    }
    if (!dropped) {
      dropped = entry;
      if (resolved) *resolved = candidate;
    }
    return nullptr;
  };
  if (auto* entry = try_candidate()) return entry;
  for (const auto& schema : search_path) {
    candidate.schema = schema;
    if (auto* entry = try_candidate()) return entry;
  }
  if (!dropped && resolved) *resolved = creation_name(name);
  return dropped;
}

QualifiedName SchemaState::Data::creation_name(const QualifiedName& name) const {
  if (!name.schema.empty()) return name;
  return {search_path.empty() ? "public" : search_path.front(), name.name};
}

void SchemaState::Data::refresh_search_path() {
  const Setting* setting = settings.find("search_path");
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
