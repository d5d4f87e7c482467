// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "migration/layouts/layout.h"

namespace pgrehearse {

std::span<const Layout> layouts() {
  static const std::array all{
      sqitch_layout(),
      prisma_layout(),
      drizzle_layout(),
      temporal_layout(),
      sourcegraph_layout(),
      graphile_migrate_layout(),
      liquibase_layout(),
      atlas_layout(),
      supabase_layout(),
      goose_layout(),
      dbmate_layout(),
      node_pg_migrate_layout(),
      tern_layout(),
      plain_rollback_layout(),
      refinery_layout(),
      flyway_undo_layout(),
      flyway_layout(),
      pop_layout(),
      sqlx_reversible_layout(),
      sqlx_layout(),
      golang_migrate_layout(),
      hasura_layout(),
      diesel_layout(),
      plain_layout(),
  };
  return all;
}

const Layout* find_layout(std::string_view name) {
  for (const Layout& layout : layouts()) {
    if (layout.name == name) return &layout;
  }
  return nullptr;
}

}  // namespace pgrehearse
