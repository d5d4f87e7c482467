// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/report.h"
#include "migration/migration.h"
#include "runner/connection.h"
#include "runner/trace.h"
#include "sql/script.h"

namespace pgrehearse {

struct ApplyLimits {
  std::chrono::milliseconds statement{60'000};       ///< a statement that lasts longer is cancelled
  Clock::time_point end = Clock::time_point::max();  ///< of the whole rehearsal
};

/// What came of running one part of a migration.
struct Applied {
  bool succeeded = true;
  bool timed_out = false;
  bool at_the_end = false;  ///< timed out because the time for the whole rehearsal was over
  SqlError error;
  Span place;             ///< in the part's file, of the error
  bool in_doubt = false;  ///< it failed, and something before the failure may have been committed
  /// The server has no room left, and what an undone statement wrote takes some until the database is built again.
  bool disk_is_full() const { return error.sqlstate == "53100"; }
  double seconds = 0;
  std::vector<ObservedStatement> statements;
  std::vector<Clock::time_point> began;  ///< of each statement
  std::vector<std::string> notices;
  /// See Measures; nothing where not all locks could be seen.
  std::optional<double> reads_blocked = {}, writes_blocked = {};
};

/// Runs a part as its tool would send it (RunMode). `tracer` may be null: then nothing is observed. Ends with no
/// transaction of ours open; what the file itself left open is left open.
Applied apply_part(Connection& session, const Part& part, Tracer* tracer, const ApplyLimits& limits);

/// Where a complaint about the part as a whole points: its first statement, or its beginning when it has none.
Span first_statement(const Part& part);

}  // namespace pgrehearse
