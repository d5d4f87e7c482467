// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "migration/migration.h"

namespace pgrehearse {

/// No statement, or none but SELECTs of constants, SET, BEGIN and COMMIT.
bool is_empty(const Part& part);
/// UPDATE and DELETE, and what does nothing: the schema is as before, and a down part could put back nothing but old
/// values.
bool only_edits_rows(const Part& part);
/// Each statement may find nothing to do: IF [NOT] EXISTS, OR REPLACE and the like.
bool may_change_nothing(const Part& part);
/// It reads other files with psql's \i or \ir, so not all that it does can be seen.
bool includes_other_files(const Part& part);
/// Where a finding about the whole part points: its first statement's first line, or its first line.
Span head_of(const Part& part);
/// " into a file of its own, named like V001__rollback_x.sql", after the example of the set; empty when it has none.
std::string where_down_goes(const MigrationSet& set);

}  // namespace pgrehearse
