// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "migration/input.h"
#include "migration/migration.h"

namespace pgrehearse {

/// How sure a layout is that a folder is its own. The surest wins, the first of the list among equals.
enum class Confidence : uint8_t {
  none,
  weak,     ///< the names would do, as they would for much else: believed only of a folder that the user named
  fair,     ///< names that several tools share
  strong,   ///< names or marks that this tool alone is known to use
  certain,  ///< a file that only this tool writes
};

struct Match {
  Confidence confidence = Confidence::none;
  std::string reason;  ///< what was seen: "V1__x.sql beside U1__x.sql"
};

/// How one migration tool lays out its files. A plain value; all of them stand in layouts().
struct Layout {
  std::string_view name;         ///< as `--layout` takes it
  std::string_view description;  ///< one line for `pgrehearse layouts`
  Match (*detect)(const FolderView& folder);
  MigrationSet (*load)(const FolderView& folder);
  /// False: folders below that hold none of its files may be the root of another set.
  bool owns_subfolders = true;
};

/// Every layout, the more particular before the more general.
std::span<const Layout> layouts();
const Layout* find_layout(std::string_view name);

// One file each, under the same name; flyway.cpp and sqlx.cpp hold two.
Layout atlas_layout();
Layout dbmate_layout();
Layout diesel_layout();
Layout drizzle_layout();
Layout flyway_layout();
Layout flyway_undo_layout();
Layout golang_migrate_layout();
Layout goose_layout();
Layout graphile_migrate_layout();
Layout hasura_layout();
Layout liquibase_layout();
Layout node_pg_migrate_layout();
Layout plain_layout();
Layout plain_rollback_layout();
Layout pop_layout();
Layout prisma_layout();
Layout refinery_layout();
Layout sourcegraph_layout();
Layout sqitch_layout();
Layout sqlx_layout();
Layout sqlx_reversible_layout();
Layout supabase_layout();
Layout temporal_layout();
Layout tern_layout();

}  // namespace pgrehearse
