// SPDX-License-Identifier: Apache-2.0
// Holds a SchemaState against the catalog of a server that ran the same statements.
#pragma once
#include <string>
#include <vector>

#include "migration/migration.h"
#include "migration/schema_state.h"
#include "runner/connection.h"

namespace pgrehearse::test {

struct Agreement {
  size_t objects = 0;  ///< relations, columns, constraints and indexes of both sides
  size_t equal = 0;
  size_t unknown = 0;              ///< of them equal as far as the state says something: types of expressions in views
  size_t uncertain_relations = 0;  ///< that the state does not claim to know whole; not compared
  std::vector<std::string> differences;  ///< "column app.t.a: type: state integer, server bigint"

  Agreement& operator+=(const Agreement& other);
  double share() const { return objects ? static_cast<double>(equal) / static_cast<double>(objects) : 1; }
};

/// Folds the statements of a part as the linter does, bodies of DO blocks included.
void fold_part(SchemaState& state, const Part& part);

/// All of the database but system schemas and what extensions brought. `observer` must see every schema.
Agreement compare_with_server(const SchemaState& state, Connection& observer);

}  // namespace pgrehearse::test
