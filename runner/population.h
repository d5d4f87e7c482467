// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "runner/connection.h"
#include "runner/table_shape.h"

namespace pgrehearse {

/// What became of filling some tables.
struct Populated {
  std::map<std::string, const TableShape*> tables;  ///< by name, those that were asked for; they have rows now
  std::vector<std::string> not_filled;              ///< "public.t: why"
};

/// Fills tables with generated rows, in the open transaction of the migration's session and with its rights. The same
/// tables always get the same rows. Rows honour types, NOT NULL, CHECK, unique, exclusion and foreign keys as far as
/// values are found that do; the first ones hold the extremes of each type, NULL wherever it may stand, and the same
/// values twice where no key forbids it. Triggers are off meanwhile. What a table does not take is said in
/// `not_filled`; then it stays as it was. A failure of the session itself is the error.
SqlResult<Populated> populate(Connection& session, const std::map<uint32_t, TableShape>& tables, long rows,
                              bool extremes = true);

}  // namespace pgrehearse
