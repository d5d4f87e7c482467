// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string_view>

#include "core/impact.h"
#include "migration/schema_state.h"
#include "sql/parser.h"

namespace pgrehearse {

/// What `statement`, run on the schema in `state`, does to relations that exist before it, on PostgreSQL `pg_version`
/// (major, 12 to 18). Indexes are listed like tables. Relations that the same migration made have existing = false.
/// Locks are those at the end of a successful run; a statement that is known to fail gives its SQLSTATE and no
/// relations. Tables are taken as non-empty. Model: the server's sources (AlterTableGetLockLevel and friends), held
/// against servers of each major by tests/impact.
Impact impact(const Statement& statement, const SchemaState& state, int pg_version);

/// How often a function must be called for the same result: the most volatile overload of that name in pg_proc of that
/// major, or in `state`; nullopt for a function of neither.
std::optional<Volatility> function_volatility(const QualifiedName& function, const SchemaState& state, int pg_version);
/// Of a whole expression; nullopt when a function in it is unknown.
std::optional<Volatility> expression_volatility(const ExpressionFacts& expression, const SchemaState& state,
                                                int pg_version);

}  // namespace pgrehearse
