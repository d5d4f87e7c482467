// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "rules/support/alter_table.h"

namespace pgrehearse {

/// A name that PostgreSQL would choose itself. `certain` when the whole table is known, so that the name is free.
struct GeneratedName {
  std::string name;  ///< empty: cannot be told
  bool certain = false;
};
/// For CREATE INDEX without a name.
GeneratedName generated_index_name(const Statement& statement, const Context& context, const IndexStmt& index);
/// For ADD CONSTRAINT without a name, when it is the only command of its ALTER TABLE.
GeneratedName generated_constraint_name(const Statement& statement, const Context& context, const Command& command);

}  // namespace pgrehearse
