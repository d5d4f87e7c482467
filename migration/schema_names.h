// SPDX-License-Identifier: Apache-2.0
// The names of relations, indexes and constraints. Private to migration/.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/hash.h"
#include "migration/schema_objects.h"

namespace pgrehearse {

/// What a relation name stands for; id 0: known not to exist.
struct NameEntry {
  RelationId id = 0;
  RelationId table = 0;  ///< set for an index
};

/// All names that statements have spoken of, by schema and name, which can be taken back to an earlier mark. A flat
/// table: look-ups are most of what folding and rules do, so none of them chases more than one pointer. A name is never
/// forgotten, only what it stands for. Pointers to entries live until the next change.
class NameTable {
 public:
  /// nullptr: nothing of that name was ever a relation or an index.
  const NameEntry* find(NameView name) const {
    const Record* record = record_of(name);
    return record && record->known ? &record->entry : nullptr;
  }
  void set(NameView name, NameEntry entry, bool logging) {
    Record& record = made(name);
    if (logging) log(record, false);
    record.entry = entry;
    record.known = true;
  }
  /// How many constraints of tables and domains have that name: PostgreSQL's own choices avoid all of the schema.
  uint32_t constraints(NameView name) const {
    const Record* record = record_of(name);
    return record ? record->constraints : 0;
  }
  void count_constraint(NameView name, bool more, bool logging) {
    Record& record = made(name);
    if (logging) log(record, true);
    if (more) {
      ++record.constraints;
    } else if (record.constraints > 0) {
      --record.constraints;
    }
  }
  /// Whether a new relation, index or (when `of_constraint`) constraint cannot have that name.
  bool taken(NameView name, bool of_constraint) const {
    const Record* record = record_of(name);
    return record && ((record->known && record->entry.id != 0) || (of_constraint && record->constraints > 0));
  }

  size_t mark() const { return log_.size(); }
  void undo_to(size_t mark);
  void forget() { log_.clear(); }
  /// Each name whose entry was set since the mark, with what it stood for before (nullptr: nothing known). The first
  /// visit of a name tells what it was at the mark.
  template <class Visit>
  void changed_since(size_t mark, Visit visit) const {
    for (size_t i = mark; i < log_.size(); ++i) {
      const Old& old = log_[i];
      if (!old.of_constraint) visit(name_of(records_[old.record]).owned(), old.known ? &old.entry : nullptr);
    }
  }

 private:
  struct Record {
    uint32_t text = 0;  ///< where in texts_: the schema, then the name
    uint32_t schema_size = 0, name_size = 0;
    uint32_t hash = 0;
    uint32_t constraints = 0;
    NameEntry entry;
    bool known = false;  ///< the entry was set
  };
  struct Old {
    uint32_t record = 0;
    uint32_t constraints = 0;
    NameEntry entry;
    bool known = false;
    bool of_constraint = false;  ///< only the number of constraints was changed
  };

  static uint32_t hash(NameView name) {
    return static_cast<uint32_t>(text_hash(name.name, text_hash(name.schema, random_seed())));
  }
  NameView name_of(const Record& record) const {
    const char* text = texts_.data() + record.text;
    return {{text, record.schema_size}, {text + record.schema_size, record.name_size}};
  }
  bool is_called(const Record& record, NameView name) const {
    NameView own = name_of(record);
    return same_text(own.name, name.name) && same_text(own.schema, name.schema);
  }
  const Record* record_of(NameView name) const {
    if (last_ && is_called(records_[last_ - 1], name)) return &records_[last_ - 1];
    uint32_t place = find_place(name, hash(name));
    if (tags_[place] == 0) return nullptr;
    last_ = places_[place];
    return &records_[last_ - 1];
  }
  static uint8_t tag(uint32_t hash) { return static_cast<uint8_t>(hash >> 25 | 0x80); }
  /// Where it is, or would be put.
  uint32_t find_place(NameView name, uint32_t wanted) const {
    auto mask = static_cast<uint32_t>(tags_.size() - 1);
    for (uint32_t at = wanted & mask;; at = (at + 1) & mask) {
      if (tags_[at] == 0) return at;
      if (tags_[at] != tag(wanted)) continue;
      const Record& record = records_[places_[at] - 1];
      if (record.hash == wanted && is_called(record, name)) return at;
    }
  }
  Record& made(NameView name);
  void grow();
  void log(const Record& record, bool of_constraint) {
    auto at = static_cast<uint32_t>(&record - records_.data());
    log_.push_back({at, record.constraints, record.entry, record.known, of_constraint});
  }

  // Places for records by their hash: a power of two, at most half of them full. Most names that are looked up are new;
  // that a place is free is told by its tag alone, and a byte for each place stays in the cache.
  std::vector<uint8_t> tags_ = std::vector<uint8_t>(64);      ///< 0: free
  std::vector<uint32_t> places_ = std::vector<uint32_t>(64);  ///< the record, from 1
  std::vector<Record> records_;
  mutable uint32_t last_ = 0;  ///< the record found last, from 1: it is often asked for again at once. Not for threads
  std::string texts_;
  std::vector<Old> log_;
};

}  // namespace pgrehearse
