// SPDX-License-Identifier: Apache-2.0
// What SchemaState is made of. Private to migration/schema_*.cpp.
#pragma once
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "core/hash.h"
#include "migration/schema_names.h"
#include "migration/schema_state.h"
#include "migration/schema_types.h"

namespace pgrehearse {

struct NameHash {
  using is_transparent = void;
  size_t operator()(NameView key) const { return text_hash(key.name, text_hash(key.schema)); }
  size_t operator()(std::string_view name) const { return text_hash(name); }
};

struct NameEqual {
  using is_transparent = void;
  bool operator()(NameView a, NameView b) const { return a.name == b.name && a.schema == b.schema; }
  bool operator()(std::string_view a, std::string_view b) const { return a == b; }
};

/// A hash map that can be taken back to an earlier mark. A missing old value in the log stands for "was not there".
template <class Key, class Value>
class LoggedMap {
 public:
  using View = std::conditional_t<std::is_same_v<Key, std::string>, std::string_view, NameView>;

  const Value* find(View key) const {
    if (map_.empty()) return nullptr;
    auto found = map_.find(key);
    return found == map_.end() ? nullptr : &found->second;
  }
  void set(View key, Value value, bool logging) {
    auto found = map_.find(key);
    if (found == map_.end()) {
      auto [at, added] = map_.emplace(Key(owned(key)), std::move(value));
      if (logging) log_.emplace_back(at->first, std::nullopt);
      return;
    }
    if (logging) log_.emplace_back(found->first, std::move(found->second));
    found->second = std::move(value);
  }
  void erase(View key, bool logging) {
    auto found = map_.find(key);
    if (found == map_.end()) return;
    if (logging) log_.emplace_back(found->first, std::move(found->second));
    map_.erase(found);
  }
  size_t mark() const { return log_.size(); }
  void undo_to(size_t mark) {
    for (; log_.size() > mark; log_.pop_back()) {
      auto& [key, value] = log_.back();
      if (value) {
        map_.insert_or_assign(key, std::move(*value));
      } else {
        map_.erase(key);
      }
    }
  }
  void forget() { log_.clear(); }
  /// Each key that was changed since the mark, with its value of before (nullptr: it had none). The first visit of a
  /// key tells what it was at the mark.
  template <class Visit>
  void changed_since(size_t mark, Visit visit) const {
    for (size_t i = mark; i < log_.size(); ++i) visit(log_[i].first, log_[i].second ? &*log_[i].second : nullptr);
  }
  auto begin() const { return map_.begin(); }
  auto end() const { return map_.end(); }
  bool empty() const { return map_.empty(); }

 private:
  static std::string owned(std::string_view key) { return std::string(key); }
  static QualifiedName owned(NameView key) { return key.owned(); }

  std::unordered_map<Key, Value, NameHash, NameEqual> map_;
  std::vector<std::pair<Key, std::optional<Value>>> log_;
};

struct Setting {
  std::optional<std::string> session;
  std::optional<std::string> local;
};

struct SchemaState::Data {
  /// An object by id. Either a relation or an index of `table`. Shared with copies and the log until changed.
  struct Slot {
    std::shared_ptr<RelationState> relation;
    RelationId table = 0;
    uint32_t epoch = 0;  ///< of the last change that was logged
  };
  std::vector<Slot> slots = std::vector<Slot>(1);
  std::vector<std::pair<RelationId, Slot>> slot_log;
  NameTable names;
  LoggedMap<std::string, bool> schemas;  ///< true: created here; false: dropped here
  LoggedMap<std::string, bool> extensions;
  LoggedMap<QualifiedName, std::shared_ptr<const TypeState>> types;  ///< null: dropped here
  LoggedMap<QualifiedName, std::shared_ptr<const std::vector<FunctionState>>> functions;
  LoggedMap<std::string, Setting> settings;
  LoggedMap<std::string, std::shared_ptr<const RoleState>> roles;  ///< null: dropped here
  LoggedMap<std::string, std::shared_ptr<const PublicationState>> publications;
  struct SchemaFacts {
    std::string owner;
    std::vector<GrantState> grants;
  };
  LoggedMap<std::string, std::shared_ptr<const SchemaFacts>> schema_facts;
  /// ALTER DEFAULT PRIVILEGES in their order, shared between copies. What applies to an object is decided when it is
  /// made.
  struct DefaultPrivilege {
    std::string role;    ///< whose objects; empty: of who runs the files
    std::string schema;  ///< empty: in all
    ObjectType object = OBJECT_TABLE;
    GrantState grant;
  };
  LoggedMap<std::string, std::shared_ptr<const std::vector<DefaultPrivilege>>> default_privileges;  ///< key ""

  std::shared_ptr<const TableStats> stats;
  /// What renamed relations were called first, which is what the statistics call them.
  std::unordered_map<RelationId, QualifiedName> first_names;
  void note_rename(const RelationState& relation) {
    if (stats) first_names.try_emplace(relation.id, relation.name);
  }

  BuiltinTypes builtin_types;

  uint32_t migration = 0;
  std::vector<std::string> search_path{"public"};
  /// Which relations have ever pointed to one: foreign keys, inheritance, view queries. Never shortened (what is undone
  /// or dropped stays listed), so readers check each; without it every look-up would walk all relations.
  std::vector<std::vector<RelationId>> linked_from;  ///< by id
  /// Which relations have ever called a function of that name (in any schema): triggers, policies, defaults, checks,
  /// generated columns. Never shortened either, and with doubles.
  std::unordered_map<std::string, std::vector<RelationId>, NameHash, NameEqual> callers;
  std::vector<RelationId> temporary;  ///< every relation that was ever created temporary

  struct Mark {
    size_t roles = 0, publications = 0, schema_facts = 0, default_privileges = 0;
    size_t slots = 0, names = 0, schemas = 0, extensions = 0, types = 0, functions = 0, settings = 0;
  };
  struct Level {
    std::string savepoint;  ///< empty for BEGIN
    Mark mark;
  };
  std::vector<Level> transaction;  ///< BEGIN, then savepoints; empty: none open
  struct Checkpoint {
    Mark mark;
    std::vector<Level> transaction;
    uint32_t migration = 0;
  };
  std::vector<Checkpoint> checkpoints;
  uint32_t epoch = 1;

  bool logging() const { return !transaction.empty() || !checkpoints.empty(); }
  Mark mark();
  void undo_to(const Mark& mark);
  void forget_log_if_closed();

  RelationId new_id();
  void link(RelationId from, RelationId to);
  const std::vector<RelationId>& links_to(RelationId to) const;
  bool has_children(RelationId parent) const;
  void note_call(RelationId from, std::string_view function);
  std::vector<RelationId> callers_of(std::string_view function) const;
  RelationState* mutate(RelationId id);  ///< nullptr when gone
  const RelationState* get(RelationId id) const { return id < slots.size() ? slots[id].relation.get() : nullptr; }
  void replace_slot(RelationId id, Slot slot);

  /// Along the search_path for an unqualified name; nullptr when nothing of that name was ever seen.
  const NameEntry* lookup(NameView name) const { return look_up(name).entry; }
  struct Found {
    const NameEntry* entry = nullptr;
    std::string_view schema;  ///< of the name when it is resolved
  };
  Found look_up(NameView name) const;
  /// Where a relation of that name would be created.
  std::string_view creation_schema(NameView name) const;
  QualifiedName creation_name(NameView name) const {
    return {std::string(creation_schema(name)), std::string(name.name)};
  }
  bool is_new(const NameEntry& entry) const;  ///< made by the current migration, or temporary
  /// Of a table, view, sequence, ... (not an index) along the search_path; nullptr when it is not known here.
  const RelationState* find(NameView name) const {
    const NameEntry* entry = lookup(name);
    return entry && !entry->table ? get(entry->id) : nullptr;
  }
  void refresh_search_path();
};

}  // namespace pgrehearse
