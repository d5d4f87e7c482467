// SPDX-License-Identifier: Apache-2.0
#include "migration/schema_names.h"

namespace pgrehearse {

NameTable::Record& NameTable::made(NameView name) {
  uint32_t hashed = hash(name);
  uint32_t at = find_place(name, hashed);
  if (tags_[at] != 0) return records_[places_[at] - 1];
  if (2 * (records_.size() + 1) > tags_.size()) {
    grow();
    at = find_place(name, hashed);
  }
  Record& record = records_.emplace_back();
  record.text = static_cast<uint32_t>(texts_.size());
  record.schema_size = static_cast<uint32_t>(name.schema.size());
  record.name_size = static_cast<uint32_t>(name.name.size());
  record.hash = hashed;
  texts_.append(name.schema).append(name.name);
  tags_[at] = tag(hashed);
  places_[at] = static_cast<uint32_t>(records_.size());
  return record;
}

void NameTable::grow() {
  size_t size = 2 * tags_.size();
  tags_.assign(size, 0);
  places_.assign(size, 0);
  auto mask = static_cast<uint32_t>(size - 1);
  for (uint32_t number = 1; const Record& record : records_) {
    uint32_t at = record.hash & mask;
    while (tags_[at] != 0) at = (at + 1) & mask;
    tags_[at] = tag(record.hash);
    places_[at] = number++;
  }
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
