// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "core/impact.h"
#include "core/span.h"
#include "migration/migration.h"
#include "migration/schema_state.h"

namespace pgrehearse {

/// One statement of a part, with what it does to a live server when the part runs as its tool would send it.
struct Forecast {
  Span span;      ///< in the part's file
  Impact impact;  ///< of a DO block: what its statements do together
  /// How an observer who learned the relations' names before the part prints them: parallel to impact.relations, with
  /// the schema unless it is public, and the name from before any RENAME of the part.
  std::vector<std::string> names_at_start;
  /// Parallel too: its rows are only looked up for foreign keys of another table, which may be empty.
  std::vector<bool> looked_up;
  /// What it does depends on the rows that it finds, or on a condition of a DO block: it may do less.
  bool may_do_less = false;
  bool controls_transaction = false;  ///< BEGIN, COMMIT and their kin
  bool in_transaction = false;        ///< its locks are kept when it ends
  /// The last statement of the part that runs while its locks are held; its own index when it lets go at its end.
  size_t held_until = 0;
  bool beyond_part = false;  ///< the transaction goes on in the next file
};

/// Folds the statements of the part into `state`, one forecast each, in order. Statements that PostgreSQL's parser
/// refuses have none. The caller calls SchemaState::begin_migration() for each migration.
std::vector<Forecast> forecast(const Part& part, SchemaState& state, int pg_version);

}  // namespace pgrehearse
