// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/report.h"

namespace pgrehearse {

/// Everything that a migration can change in the catalogs, as text that is the same for the same definitions.
class Snapshot {
 public:
  struct Object {
    std::string_view object_class;  ///< lives as long as the program
    std::string identity;
    std::string definition;
    uint64_t root = 0;  ///< what it is read again with; means nothing to others
  };
  using Objects = std::vector<std::shared_ptr<const Object>>;

  Snapshot() = default;
  /// Objects that did not change may be shared with other snapshots. Sorted by class, identity, definition.
  explicit Snapshot(Objects objects) : objects_(std::make_shared<const Objects>(std::move(objects))) {}

  const Objects& objects() const;
  explicit operator bool() const { return objects_ != nullptr; }

  friend bool operator==(const Snapshot& a, const Snapshot& b);

 private:
  std::shared_ptr<const Objects> objects_;
};

/// The order in which a snapshot keeps its objects.
bool comes_before(const std::shared_ptr<const Snapshot::Object>& a, const std::shared_ptr<const Snapshot::Object>& b);

/// Unified diff of definitions, one hunk an object; empty when equal.
std::string difference(const Snapshot& before, const Snapshot& after, std::string_view before_label,
                       std::string_view after_label);

/// What differs, for one line: "index public.a_idx, column public.t.c and 3 more".
std::string summary_of_difference(const Snapshot& before, const Snapshot& after);

/// What is in `after` and was not like that in `before`, by class and name.
struct Unfinished {
  std::vector<std::string> invalid;  ///< indexes
  std::vector<std::string> open;     ///< constraints that are NOT VALID, indexes that wait for those of partitions
};
Unfinished unfinished(const Snapshot& before, const Snapshot& after);

/// Counted by class; objects without a change are in none.
std::vector<ObjectChanges> object_changes(const Snapshot& before, const Snapshot& after);

bool only_column_order_differs(const Snapshot& before, const Snapshot& after);

}  // namespace pgrehearse
