// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "runner/connection.h"

namespace pgrehearse {

/// Everything that a migration can change in the catalogs, as text that is the same for the same definitions.
class Snapshot {
 public:
  struct Object {
    std::string_view object_class;
    std::string_view identity;
    std::string_view definition;
    friend bool operator==(const Object&, const Object&) = default;
    friend auto operator<=>(const Object&, const Object&) = default;
  };
  /// Sorted. The views live as long as any copy of this snapshot.
  const std::vector<Object>& objects() const;
  /// Objects of one class, for counts and names.
  std::vector<std::string_view> identities(std::string_view object_class) const;

  friend bool operator==(const Snapshot& a, const Snapshot& b);

 private:
  friend class Snapshots;
  struct Content;
  std::shared_ptr<const Content> content_;
};

/// Takes snapshots on an observer's session, whose statements are prepared once.
class Snapshots {
 public:
  /// `notes` gets a line for each class that this session may not read.
  static Result<Snapshots> open(Connection& observer, std::vector<std::string>& notes);
  /// The state that is committed now. Cheap when no transaction has written since the last one.
  Result<Snapshot> take();

 private:
  explicit Snapshots(Connection& observer) : observer_(&observer) {}
  Connection* observer_;
  std::vector<std::string_view> classes_;
  std::vector<std::string> names_;
  Snapshot last_;
  std::string last_transaction_;
};

/// Unified diff of definitions, one hunk an object; empty when equal.
std::string difference(const Snapshot& before, const Snapshot& after, std::string_view before_label,
                       std::string_view after_label);

/// What differs, for one line: "index public.a_idx, column public.t.c and 3 more".
std::string summary_of_difference(const Snapshot& before, const Snapshot& after);

bool only_column_order_differs(const Snapshot& before, const Snapshot& after);

}  // namespace pgrehearse
