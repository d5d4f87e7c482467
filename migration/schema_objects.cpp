// SPDX-License-Identifier: Apache-2.0
#include "migration/schema_objects.h"

#include <algorithm>

namespace pgrehearse {

const ColumnState* RelationState::column(std::string_view column_name) const {
  auto found = std::ranges::find(columns, column_name, &ColumnState::name);
  return found == columns.end() ? nullptr : &*found;
}

const ConstraintState* RelationState::constraint(std::string_view constraint_name) const {
  auto found = std::ranges::find(constraints, constraint_name, &ConstraintState::name);
  return found == constraints.end() ? nullptr : &*found;
}

const ConstraintState* RelationState::primary_key() const {
  auto found = std::ranges::find(constraints, ConstraintKind::primary_key, &ConstraintState::kind);
  return found == constraints.end() ? nullptr : &*found;
}

}  // namespace pgrehearse
