// SPDX-License-Identifier: Apache-2.0
#include "migration/schema_state.h"

#include <algorithm>
#include <charconv>

#include "migration/schema_data.h"
#include "migration/schema_types.h"

namespace pgrehearse {

SchemaState::SchemaState() : data_(std::make_unique<Data>()) {}
SchemaState::SchemaState(const SchemaState& other) : data_(std::make_unique<Data>(*other.data_)) {}
SchemaState::SchemaState(SchemaState&&) noexcept = default;
SchemaState& SchemaState::operator=(const SchemaState& other) {
  if (this != &other) data_ = std::make_unique<Data>(*other.data_);
  return *this;
}
SchemaState& SchemaState::operator=(SchemaState&&) noexcept = default;
SchemaState::~SchemaState() = default;

uint32_t SchemaState::migration() const { return data_->migration; }

void SchemaState::begin_migration(uint32_t index) {
  data_->migration = index;
  data_->transaction.clear();
  data_->forget_log_if_closed();
  if (!data_->settings.empty()) {
    std::vector<std::string> names;
    for (const auto& [name, setting] : data_->settings) names.push_back(name);
    for (const auto& name : names) data_->settings.erase(name, data_->logging());
    data_->refresh_search_path();
  }
  // A temporary relation lives as long as its session.
  for (RelationId id : data_->temporary) {
    const RelationState* relation = data_->get(id);
    if (!relation || relation->persistence != Persistence::temporary) continue;
    for (const auto& index_state : relation->indexes) {
      data_->names.set({relation->name.schema, index_state.name}, {}, data_->logging());
    }
    data_->names.set(relation->name, {}, data_->logging());
    data_->replace_slot(id, {});
  }
}

void SchemaState::checkpoint() {
  Data::Mark mark = data_->mark();
  data_->checkpoints.push_back({mark, data_->transaction, data_->migration});
}

void SchemaState::rewind() {
  if (data_->checkpoints.empty()) return;
  Data::Checkpoint checkpoint = std::move(data_->checkpoints.back());
  data_->undo_to(checkpoint.mark);
  data_->checkpoints.pop_back();
  data_->transaction = std::move(checkpoint.transaction);
  data_->migration = checkpoint.migration;
  data_->forget_log_if_closed();
}

void SchemaState::keep() {
  if (data_->checkpoints.empty()) return;
  data_->checkpoints.pop_back();
  data_->forget_log_if_closed();
}

const RelationState* SchemaState::relation(RelationId id) const { return data_->get(id); }

const RelationState* SchemaState::find(NameView name) const { return data_->find(name); }

Known SchemaState::exists(NameView name) const {
  auto [entry, in_schema] = data_->look_up(name);
  if (entry && entry->id == 0) return Known::no;
  if (entry) {
    const RelationState* found = data_->get(entry->table ? entry->table : entry->id);
    return found && found->uncertain ? Known::unknown : Known::yes;
  }
  // A schema that was created here holds nothing else.
  const bool* schema = data_->schemas.find(in_schema);
  return schema && (!name.schema.empty() || data_->search_path.size() == 1) ? Known::no : Known::unknown;
}

bool SchemaState::dropped(NameView name) const {
  const NameEntry* entry = data_->lookup(name);
  return entry && entry->id == 0;
}

bool SchemaState::existed_before(const RelationState& relation) const {
  return relation.persistence != Persistence::temporary && relation.created_in != data_->migration;
}

bool SchemaState::Data::is_new(const NameEntry& entry) const {
  if (entry.id == 0) return false;
  const RelationState* relation = get(entry.table ? entry.table : entry.id);
  const IndexState* index = relation && entry.table ? relation->index(entry.id) : nullptr;
  if (!relation || (entry.table && !index)) return false;
  if (relation->persistence == Persistence::temporary || relation->created_in == migration) return true;
  return index && index->created_in == migration;
}

bool SchemaState::created_in_this_migration(NameView name) const {
  const NameEntry* entry = data_->lookup(name);
  return entry && data_->is_new(*entry);
}

bool SchemaState::may_be_used(NameView name) const {
  const NameEntry* entry = data_->lookup(name);
  return entry ? entry->id != 0 && !data_->is_new(*entry) : exists(name) != Known::no;
}

QualifiedName SchemaState::resolve(NameView name) const {
  return {std::string(data_->look_up(name).schema), std::string(name.name)};
}

std::string SchemaState::display_name(NameView resolved) const {
  if (resolved.schema.empty() || resolved.schema == "pg_temp") return quote_identifier(resolved.name);
  const auto& path = data_->search_path;
  bool visible = !path.empty() && path.front() == resolved.schema && data_->temporary.empty();
  if (!visible && std::ranges::find(path, resolved.schema) != path.end()) {
    visible = data_->look_up({"", resolved.name}).schema == resolved.schema;
  }
  std::string text;
  text.reserve(resolved.schema.size() + resolved.name.size() + 1);
  if (!visible) {
    append_identifier(text, resolved.schema);
    text += '.';
  }
  append_identifier(text, resolved.name);
  return text;
}

std::string SchemaState::display_name_of(NameView written) const {
  return display_name({data_->look_up(written).schema, written.name});
}

std::string SchemaState::display_name(const RelationState& relation) const { return display_name(relation.name); }

Known SchemaState::has_column(NameView table, std::string_view name) const {
  const RelationState* found = find(table);
  if (!found) return Known::unknown;
  if (found->column(name)) return found->uncertain ? Known::unknown : Known::yes;
  if (std::ranges::find(found->dropped_columns, name) != found->dropped_columns.end()) return Known::no;
  return found->complete ? Known::no : Known::unknown;
}

const ColumnState* SchemaState::column(NameView table, std::string_view name) const {
  const RelationState* found = find(table);
  return found ? found->column(name) : nullptr;
}

const ConstraintState* SchemaState::constraint(NameView table, std::string_view name) const {
  const RelationState* found = find(table);
  return found ? found->constraint(name) : nullptr;
}

Known SchemaState::is_not_null(NameView table, std::string_view name) const {
  const RelationState* found = find(table);
  if (!found) return Known::unknown;
  const ColumnState* wanted = found->column(name);
  auto covers = [&](const ConstraintState& constraint) {
    if (!constraint.validated || !constraint.enforced) return false;
    switch (constraint.kind) {
      case ConstraintKind::primary_key:
      case ConstraintKind::not_null: return std::ranges::find(constraint.columns, name) != constraint.columns.end();
      case ConstraintKind::check:
        return std::ranges::find(constraint.check->proves_not_null, name) != constraint.check->proves_not_null.end();
      default: return false;
    }
  };
  auto is_open = [&](const ConstraintState& constraint) {
    return constraint.kind == ConstraintKind::not_null && !constraint.validated &&
           std::ranges::find(constraint.columns, name) != constraint.columns.end();
  };
  if (std::ranges::any_of(found->constraints, covers)) return Known::yes;
  if (wanted && wanted->not_null && std::ranges::none_of(found->constraints, is_open)) return Known::yes;
  return found->complete && !found->uncertain ? Known::no : Known::unknown;
}

SchemaState::FoundIndex SchemaState::index(RelationId id) const {
  if (id == 0 || id >= data_->slots.size() || !data_->slots[id].table) return {};
  const RelationState* table = data_->get(data_->slots[id].table);
  if (!table) return {};
  const IndexState* found = table->index(id);
  return found ? FoundIndex{table, found} : FoundIndex{};
}

SchemaState::FoundIndex SchemaState::index(NameView name) const {
  const NameEntry* entry = data_->lookup(name);
  return entry && entry->table ? index(entry->id) : FoundIndex{};
}

std::vector<const RelationState*> SchemaState::all_relations() const {
  std::vector<const RelationState*> result;
  for (const auto& slot : data_->slots) {
    if (slot.relation) result.push_back(slot.relation.get());
  }
  return result;
}

std::vector<const RelationState*> SchemaState::relations_in_schema(std::string_view schema) const {
  std::vector<const RelationState*> result = all_relations();
  std::erase_if(result, [&](const RelationState* relation) { return relation->name.schema != schema; });
  return result;
}

std::vector<SchemaState::ForeignKey> SchemaState::references_to(RelationId table) const {
  std::vector<ForeignKey> result;
  for (RelationId id : data_->links_to(table)) {
    const RelationState* from = data_->get(id);
    if (!from) continue;
    for (const auto& constraint : from->constraints) {
      if (constraint.kind == ConstraintKind::foreign_key && constraint.referenced == table) {
        result.push_back({from, &constraint});
      }
    }
  }
  return result;
}

std::vector<const RelationState*> SchemaState::children(RelationId table) const {
  std::vector<const RelationState*> result;
  for (RelationId id : data_->links_to(table)) {
    const RelationState* from = data_->get(id);
    if (from && std::ranges::find(from->parents, table) != from->parents.end()) result.push_back(from);
  }
  return result;
}

std::vector<const RelationState*> SchemaState::descendants(RelationId table) const {
  std::vector<const RelationState*> result;
  if (const RelationState* self = relation(table)) result.push_back(self);
  for (size_t i = 0; i < result.size(); ++i) {
    for (const RelationState* child : children(result[i]->id)) {
      if (std::ranges::find(result, child) == result.end()) result.push_back(child);
    }
  }
  return result;
}

std::vector<const RelationState*> SchemaState::readers(RelationId wanted) const {
  std::vector<const RelationState*> result;
  for (RelationId id : data_->links_to(wanted)) {
    const RelationState* from = data_->get(id);
    if (from && std::ranges::find(from->reads, wanted) != from->reads.end()) result.push_back(from);
  }
  return result;
}

std::vector<SchemaState::PolicyUse> SchemaState::policies_reading(RelationId wanted) const {
  std::vector<PolicyUse> result;
  for (RelationId id : data_->links_to(wanted)) {
    const RelationState* from = data_->get(id);
    if (!from || id == wanted) continue;
    for (const PolicyState& policy : from->policies) {
      if (std::ranges::find(policy.reads, wanted) != policy.reads.end()) result.push_back({from, &policy});
    }
  }
  return result;
}

std::vector<const RelationState*> SchemaState::callers(std::string_view function) const {
  std::vector<const RelationState*> result;
  for (RelationId id : data_->callers_of(function)) {
    if (const RelationState* relation = data_->get(id)) result.push_back(relation);
  }
  return result;
}

void SchemaState::use_stats(std::shared_ptr<const TableStats> stats) { data_->stats = std::move(stats); }

std::optional<TableSize> SchemaState::size(NameView name) const {
  if (!data_->stats || created_in_this_migration(name)) return std::nullopt;
  const RelationState* found = find(name);
  auto first = found ? data_->first_names.find(found->id) : data_->first_names.end();
  const TableSize* size = data_->stats->find(first != data_->first_names.end() ? first->second
                                             : found                           ? found->name
                                                                               : resolve(name));
  return size ? std::optional(*size) : std::nullopt;
}

Known SchemaState::schema_exists(std::string_view name) const {
  if (name == "public" || name == "pg_catalog" || name == "information_schema") return Known::yes;
  const bool* known = data_->schemas.find(name);
  return !known ? Known::unknown : *known ? Known::yes : Known::no;
}

Known SchemaState::extension_exists(std::string_view name) const {
  const bool* known = data_->extensions.find(name);
  return !known ? Known::unknown : *known ? Known::yes : Known::no;
}

std::vector<const RelationState*> SchemaState::users_of_function(const QualifiedName& written) const {
  std::vector<const RelationState*> result;
  QualifiedName name = resolve_function(written);
  auto is_it = [&](const QualifiedName& called) { return resolve_function(called) == name; };
  for (RelationId id : data_->callers_of(name.name)) {
    const RelationState* found = relation(id);
    if (!found) continue;
    bool uses = std::ranges::any_of(found->triggers, is_it, &TriggerState::function) ||
                std::ranges::any_of(found->policies, [&](const PolicyState& policy) {
                  return std::ranges::any_of(policy.functions, is_it);
                });
    if (uses) result.push_back(found);
  }
  return result;
}

bool SchemaState::any_extension() const { return !data_->extensions.empty(); }

bool SchemaState::in_transaction() const { return !data_->transaction.empty(); }
const std::vector<std::string>& SchemaState::search_path() const { return data_->search_path; }

std::optional<std::string> SchemaState::setting(std::string_view name) const {
  const Setting* found = data_->settings.find(name);
  if (!found) return std::nullopt;
  return found->local ? found->local : found->session;
}

QualifiedName parts_of_display_name(std::string_view shown) {
  QualifiedName name;
  bool quoted = false;
  for (size_t i = 0; i < shown.size(); ++i) {
    if (shown[i] == '"') {
      if (quoted && i + 1 < shown.size() && shown[i + 1] == '"') {
        name.name += shown[++i];
      } else {
        quoted = !quoted;
      }
    } else if (shown[i] == '.' && !quoted) {
      name.schema = std::move(name.name);
      name.name.clear();
    } else {
      name.name += shown[i];
    }
  }
  return name;
}

namespace {

/// guc.c's units for a time in milliseconds; nullopt when it is no time.
std::optional<long> milliseconds(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  double number = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc()) return std::nullopt;
  std::string_view unit(end, static_cast<size_t>(text->data() + text->size() - end));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  while (unit.ends_with(' ')) unit.remove_suffix(1);
  static constexpr std::pair<std::string_view, double> units[] = {
      {"", 1}, {"ms", 1}, {"us", 0.001}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  for (const auto& [name, factor] : units) {
    if (unit == name) return static_cast<long>(number * factor + 0.5);
  }
  return std::nullopt;
}

}  // namespace

std::optional<long> SchemaState::lock_timeout_ms() const { return milliseconds(setting("lock_timeout")); }
std::optional<long> SchemaState::statement_timeout_ms() const { return milliseconds(setting("statement_timeout")); }

}  // namespace pgrehearse
