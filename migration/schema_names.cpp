// SPDX-License-Identifier: Apache-2.0
#include "migration/schema_names.h"

namespace pgrehearse {

NameTable::Record& NameTable::made(NameView name) {
  uint32_t hashed = hash(name);
  uint32_t at = find_place(name, hashed);
  if (places_[at].record) return records_[places_[at].record - 1];
  if (2 * (records_.size() + 1) > places_.size()) {
    grow();
    at = find_place(name, hashed);
  }
  Record& record = records_.emplace_back();
  record.text = static_cast<uint32_t>(texts_.size());
  record.schema_size = static_cast<uint32_t>(name.schema.size());
  record.name_size = static_cast<uint32_t>(name.name.size());
  texts_.append(name.schema).append(name.name);
  places_[at] = {hashed, static_cast<uint32_t>(records_.size())};
  return record;
}

void NameTable::grow() {
  std::vector<Place> larger(2 * places_.size());
  auto mask = static_cast<uint32_t>(larger.size() - 1);
  for (const Place& place : places_) {
    if (place.record == 0) continue;
    uint32_t at = place.hash & mask;
    while (larger[at].record) at = (at + 1) & mask;
    larger[at] = place;
  }
  places_ = std::move(larger);
}

void NameTable::undo_to(size_t mark) {
  for (; log_.size() > mark; log_.pop_back()) {
    const Old& old = log_.back();
    Record& record = records_[old.record];
    if (old.of_constraint) {
      record.constraints = old.constraints;
    } else {
      record.entry = old.entry;
      record.known = old.known;
    }
  }
}

}  // namespace pgrehearse
