// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "migration/migration.h"

namespace pgrehearse {

/// The words between VALIDATE or DROP and the next semicolon, each with the last migration that has it there: a hint
/// whether something is settled later, which costs one pass over the text. Words are known by their hash.
class SettlingWords {
 public:
  explicit SettlingWords(const MigrationSet& set);
  /// The place in the set of the last such migration that has all words of this name; 0 when none has.
  size_t last_with(std::string_view name) const;

 private:
  struct Entry {
    uint64_t hash = 0;  ///< 0: free
    size_t migration = 0;
  };
  Entry& entry(uint64_t hash);
  const Entry& entry(uint64_t hash) const;
  void grow();
  std::vector<Entry> entries_;  ///< open addressing; a power of two
  size_t used_ = 0;
};

}  // namespace pgrehearse
