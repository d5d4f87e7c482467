// SPDX-License-Identifier: Apache-2.0
// How what came of a step becomes its outcome.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/report.h"
#include "runner/apply.h"
#include "runner/rehearsal.h"
#include "runner/snapshot.h"
#include "runner/table_data.h"

namespace pgrehearse {

std::string joined(const std::vector<std::string>& parts, std::string_view separator);

/// DETAIL, HINT and CONTEXT as psql shows them.
std::string detail_of(const SqlError& error);

/// The step did not do what it should.
void complain(Outcome& of, Policy policy, Cause cause, std::string reason);

/// What was observed while a part ran: its statements, and its error if there was one.
void fill(Outcome& of, const Part& part, Applied& applied, Policy policy, const RehearsalOptions& options,
          const FileIndex& file_index);

/// The schema shall be as it was at some moment; the order of columns alone is no reason to fail. True when it is.
bool compare_schema(Outcome& of, Policy policy, const Snapshot& expected, const Snapshot& found,
                    std::string_view expected_label, std::string_view found_label, const std::string& what);

/// So shall the rows.
bool compare_data(Outcome& of, Policy policy, const TableData& expected, const TableData& found,
                  const std::string& what);

}  // namespace pgrehearse
