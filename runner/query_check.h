// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "runner/query_run.h"
#include "runner/rehearsal.h"
#include "runner/snapshot.h"
#include "runner/stage.h"

namespace pgrehearse {

/// The queries of the release before, held against each migration: what could be prepared before it must be afterwards,
/// what ran must run, as fast.
class QueryCheck {
 public:
  explicit QueryCheck(const RehearsalOptions& options)
      : queries_(options.queries), tolerance_(options.query_tolerance), problems_(options.queries.size()) {}

  bool empty() const { return queries_.empty(); }
  const std::vector<Query>& queries() const { return queries_; }

  /// Which can be prepared on what is there now. `schema`: the same as long as it is.
  Result<void> before(Stage& stage, const Snapshot& schema);
  /// The same after the migration: what no longer can, and why, is the complaint of the outcome, besides what compare()
  /// found.
  Result<void> after(Stage& stage, const Snapshot& schema, const FileIndex& file_index, Outcome& of);

  /// On tables with rows: runs those of the queries that were prepared before, in transactions that are rolled back.
  /// `chosen`: by place.
  Result<std::vector<std::optional<QueryRun>>> run(Stage& stage, const std::vector<size_t>& chosen,
                                                   Clock::time_point end);
  /// Once more after the migration, and what has become of them. `analyze`: statement that brings the statistics up to
  /// date, run again before a query is called slower.
  Result<void> compare(Stage& stage, const std::vector<size_t>& chosen,
                       const std::vector<std::optional<QueryRun>>& before, const std::string& analyze,
                       Clock::time_point end);

  /// Those that could not be prepared before any of the migrations.
  void note_unknown(Stage& stage) const;

 private:
  struct Broken {
    size_t query = 0;
    std::string why;
  };
  struct Slower {
    size_t query = 0;
    QueryRun before, after;
  };
  Result<void> prepare(Stage& stage, const Snapshot& schema);
  void complain_of_broken(const FileIndex& file_index, Outcome& of);
  void complain_of_slower(const FileIndex& file_index, Outcome& of);

  const std::vector<Query>& queries_;
  double tolerance_;
  std::vector<std::string> problems_;  ///< why each cannot be prepared now; empty: it can
  std::vector<std::string> last_;      ///< the same before the last migration
  std::vector<bool> known_;            ///< could be prepared before some migration
  std::optional<Snapshot> schema_;     ///< that problems_ is of
  std::vector<Broken> broken_;
  std::vector<Slower> slower_;
};

}  // namespace pgrehearse
