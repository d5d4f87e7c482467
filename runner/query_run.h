// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <string>

#include "runner/connection.h"
#include "runner/queries.h"

namespace pgrehearse {

/// What one query does on the tables as they are.
struct QueryRun {
  bool prepared = false;
  SqlError error;           ///< with a message when it fails
  std::string values;       ///< for its parameters, as EXECUTE takes them: "('1', null)"
  double milliseconds = 0;  ///< the best of several runs, as the server counts them
  double cost = 0;          ///< of its generic plan
  std::string shape;        ///< that plan without numbers
  std::string plan;

  bool failed() const { return !error.message.empty() || error.connection_lost; }
};

/// Runs a query several times, each in a transaction that is rolled back, with its generic plan, as a pooler or a
/// driver that prepares would. Values for its parameters are made up by their types when `values` is null; those that
/// it runs with come back. No longer than `timeout` each time.
QueryRun run_query(Connection& session, const Query& query, const std::string* values,
                   std::chrono::milliseconds timeout);

/// Whether the failure of a query that ran before is the query's own: not that of values that we made up, of rows that
/// the migration wrote, or of the machine.
bool is_broken(const QueryRun& after);

/// Slower by more than the tolerance, and by a reason that can be seen: another plan, or one of a higher cost. Times
/// are believed from a millisecond on; below, a plan that is another one and has a much higher cost is slower.
bool is_slower(const QueryRun& before, const QueryRun& after, double tolerance);

/// "0.03 ms, now 61 ms"
std::string slowness(const QueryRun& before, const QueryRun& after);

}  // namespace pgrehearse
