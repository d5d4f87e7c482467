// SPDX-License-Identifier: Apache-2.0
// A schema that the migrations start from: a pg_dump, or the structure file of a framework.
#pragma once
#include <memory>

#include "migration/migration.h"

namespace pgrehearse {

/// Puts the file before the first migration of the set, as something that was applied already: its state is folded and
/// a rehearsal applies it, and nothing is reported about it.
void start_from_schema(MigrationSet& set, const std::shared_ptr<const SourceFile>& file);

/// A dump without what a throw-away server refuses: owners and privileges of roles that only production has, comments
/// on extensions, settings that older servers do not know. These statements become blanks, so that offsets stay.
struct RehearsableSchema {
  std::shared_ptr<const SourceFile> file;
  size_t left_out = 0;  ///< statements
};
RehearsableSchema rehearsable_schema(const std::shared_ptr<const SourceFile>& file);

}  // namespace pgrehearse
