// SPDX-License-Identifier: Apache-2.0
// The SQL with which a team checks what a migration built.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "migration/migration.h"

namespace pgrehearse {

/// Statements that must succeed, each on its own; their text lies where it stands in the part's file.
struct Checks {
  std::vector<Part> applied;      ///< after the up part
  std::vector<Part> rolled_back;  ///< after the down part
};

/// From the migration's verify part, and from blocks of comments in its up and down parts:
///     -- pgrehearse: verify
///     -- SELECT count(*) = 3 FROM countries;
/// The same mark with `verify-down` begins what is checked after the roll back, in a verify part up to the next mark.
Checks checks_of(const Migration& migration);

/// Joins another file of checks to a verify part; `rolled_back`: what it says holds after the down part.
void add_check(std::optional<Part>& verify, Part more, bool rolled_back);

/// The files that a verify part is made of.
std::vector<std::shared_ptr<const SourceFile>> check_files(const Part& verify);

}  // namespace pgrehearse
