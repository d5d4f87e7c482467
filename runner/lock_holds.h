// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "core/impact.h"

namespace pgrehearse {

/// Adds up how long a transaction keeps tables that were there before it from others, in the seconds of its statements:
/// what the rehearsal itself asks in between would not run in production.
class LockHolds {
 public:
  /// A statement took this long, and its locks were looked at. Those that it took are held from its begin on.
  void statement(double seconds, const Impact& impact) {
    for (const RelationImpact& relation : impact.relations) {
      if (!relation.existing) continue;
      if (blocks_reads(relation.lock) && !reads_since_) reads_since_ = clock_;
      if (blocks_writes(relation.lock) && !writes_since_) writes_since_ = clock_;
    }
    clock_ += seconds;
  }
  /// Something else of the transaction took this long: COMMIT.
  void pass(double seconds) { clock_ += seconds; }
  /// All locks are gone.
  void transaction_ended() {
    note(reads_since_, longest_read_);
    note(writes_since_, longest_write_);
  }

  /// The longest so far that no one could read or write some table.
  double reads_blocked() const { return longest_read_; }
  double writes_blocked() const { return longest_write_; }

 private:
  void note(std::optional<double>& since, double& longest) const {
    if (since && clock_ - *since > longest) longest = clock_ - *since;
    since.reset();
  }

  double clock_ = 0;
  std::optional<double> reads_since_, writes_since_;
  double longest_read_ = 0, longest_write_ = 0;
};

}  // namespace pgrehearse
