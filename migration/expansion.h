// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "migration/input.h"
#include "migration/migration.h"
#include "sql/script.h"

namespace pgrehearse {

using Variables = std::map<std::string, std::string, std::less<>>;

/// Gives each part of the set that needs one its expansion. `variables` are values for template marks, and for psql's
/// variables in sets that psql runs (plain files, Sqitch); \set in a file adds to them there. \i and \ir are followed
/// inside the repository only. What cannot be followed is an error of the set.
void expand(MigrationSet& set, const Variables& variables, Input& input);

/// Files that another set reads with \i and that only looked like migrations, since they lie in a folder that was
/// named: takes them out of plain sets.
void leave_out_included(const std::vector<MigrationSet*>& sets);

/// A part split into statements, expanded where it is.
Script script_of(const Part& part);

}  // namespace pgrehearse
