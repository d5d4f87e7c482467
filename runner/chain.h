// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <vector>

#include "runner/rehearsal.h"
#include "runner/stage.h"

namespace pgrehearse {

/// See RehearsalOptions::way.
bool is_on_the_way(const MigrationSet& set, const RehearsalOptions& options, size_t place);

/// There is a way of all migrations together, if they apply.
bool has_a_way(const MigrationSet& set, const RehearsalOptions& options);

/// The way of all migrations of a set, one after the other: from the last one down as far as there are down parts, then
/// up again. Some tools spread one change over several files, so that a pair alone says too little.
class Chain {
 public:
  Chain(Stage& stage, const MigrationSet& set, const RehearsalOptions& options, const FileIndex& file_index,
        Clock::time_point end);

  /// There may be such a way.
  bool wanted() const { return floor_ != nullptr; }
  /// To be called before each migration that is rehearsed; remembers the state that the way down shall lead to.
  Result<void> before(const Migration& migration);
  /// It is applied now. One that did not apply is no part of the way.
  void applied(const Migration& migration) { way_.push_back(&migration); }
  /// The way itself: a report with the steps `roll back` and `apply again` of all of them; nothing when the way has
  /// less than two migrations.
  Result<std::optional<MigrationReport>> run();

 private:
  Result<bool> step(Outcome& of, const Part& part);

  Stage& stage_;
  const RehearsalOptions& options_;
  const FileIndex& file_index_;
  Clock::time_point end_;
  Policy policy_;
  const Migration* floor_ = nullptr;  ///< the first of those at the end that all have a down part
  State bottom_;                      ///< before floor_
  std::vector<const Migration*> way_;
};

}  // namespace pgrehearse
