// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "migration/layouts/layout.h"

namespace pgrehearse {

std::span<const Layout> layouts() {
  static const std::array all{
      plain_rollback_layout(), flyway_undo_layout(), flyway_layout(), golang_migrate_layout(), diesel_layout(),
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
