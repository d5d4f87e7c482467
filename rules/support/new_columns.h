// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "linter/context.h"

namespace pgrehearse {

/// A column that CREATE TABLE or ADD COLUMN makes; a view into the tree.
struct NewColumn {
  const RangeVar* table = nullptr;
  const ColumnDef* column = nullptr;
  bool sole_primary_key = false;  ///< it alone is the primary key of its table
};
/// Those of tables that stay: temporary tables have none, nor has a statement whose IF NOT EXISTS finds the thing
/// there.
std::vector<NewColumn> new_columns(const Statement& statement, const Context& context);

/// A primary key, UNIQUE or EXCLUDE constraint of a CREATE TABLE.
struct NewKey {
  ConstrType kind = CONSTR_PRIMARY;
  std::vector<std::string> columns;  ///< empty for EXCLUDE
};
std::vector<NewKey> new_keys(const CreateStmt& create);
bool has_key(const CreateStmt& create);  ///< whether it makes one

/// CREATE TABLE of a table that stays and is not known to be there already.
bool makes_lasting_table(const CreateStmt& create, const Context& context);

/// int4 for int, integer and int4; empty for a type of another schema than pg_catalog.
std::string_view builtin_type(const TypeName& type);

std::vector<std::string> string_list(const List* names);

}  // namespace pgrehearse
