// SPDX-License-Identifier: Apache-2.0
// What SchemaState is made of. Private to migration/schema_*.cpp.
#pragma once
#include <map>
#include <unordered_map>
#include <utility>

#include "migration/schema_state.h"

namespace pgrehearse {

struct NameHash {
  size_t operator()(const QualifiedName& name) const {
    return std::hash<std::string>()(name.name) * 31 + std::hash<std::string>()(name.schema);
  }
  size_t operator()(const std::string& name) const { return std::hash<std::string>()(name); }
};

/// A hash map that can be taken back to an earlier mark. A missing old value in the log stands for "was not there".
template <class Key, class Value>
class LoggedMap {
 public:
  const Value* find(const Key& key) const {
    auto found = map_.find(key);
    return found == map_.end() ? nullptr : &found->second;
  }
  void set(const Key& key, Value value, bool logging) {
    auto [at, added] = map_.try_emplace(key, std::move(value));
    if (logging) log_.emplace_back(key, added ? std::nullopt : std::optional<Value>(at->second));
    if (!added) at->second = std::move(value);
  }
  void erase(const Key& key, bool logging) {
    auto found = map_.find(key);
    if (found == map_.end()) return;
    if (logging) log_.emplace_back(key, std::move(found->second));
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
  auto begin() const { return map_.begin(); }
  auto end() const { return map_.end(); }
  bool empty() const { return map_.empty(); }

 private:
  std::unordered_map<Key, Value, NameHash> map_;
  std::vector<std::pair<Key, std::optional<Value>>> log_;
};

/// What a relation name stands for; id 0: known not to exist.
struct NameEntry {
  RelationId id = 0;
  RelationId table = 0;  ///< set for an index
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
  LoggedMap<QualifiedName, NameEntry> names;
  LoggedMap<std::string, bool> schemas;  ///< true: created here; false: dropped here
  LoggedMap<std::string, bool> extensions;
  LoggedMap<QualifiedName, std::shared_ptr<const TypeState>> types;  ///< null: dropped here
  LoggedMap<QualifiedName, std::shared_ptr<const std::vector<FunctionState>>> functions;
  LoggedMap<std::string, Setting> settings;

  uint32_t migration = 0;
  std::vector<std::string> search_path{"public"};
  /// Which relations have ever pointed to one: foreign keys, inheritance, view queries. Never shortened (what is undone
  /// or dropped stays listed), so readers check each; without it every look-up would walk all relations.
  std::unordered_map<RelationId, std::vector<RelationId>> linked_from;
  std::vector<RelationId> temporary;  ///< every relation that was ever created temporary

  struct Mark {
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
  RelationState* mutate(RelationId id);  ///< nullptr when gone
  const RelationState* get(RelationId id) const { return id < slots.size() ? slots[id].relation.get() : nullptr; }
  void replace_slot(RelationId id, Slot slot);

  /// Along the search_path for an unqualified name; nullptr when nothing of that name was ever seen.
  const NameEntry* lookup(const QualifiedName& name, QualifiedName* resolved = nullptr) const;
  QualifiedName creation_name(const QualifiedName& name) const;
  void refresh_search_path();
};

}  // namespace pgrehearse
