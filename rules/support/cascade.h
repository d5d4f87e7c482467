// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "linter/context.h"

namespace pgrehearse {

/// What a DROP ... CASCADE takes along beside what it names, as far as the files tell. Objects that this migration made
/// are left out.
struct TakenAlong {
  struct Policy {
    std::string table;  ///< as PostgreSQL prints it
    QualifiedName relation;
    const PolicyState* policy = nullptr;
  };
  std::vector<std::string> objects;  ///< "the view totals", "the foreign key orders_customer of orders"
  std::vector<Policy> policies;
  std::vector<std::string> unknown;  ///< objects that these files did not make: anything may hang on them
};
/// For DROP of relations, types, domains and functions, DROP COLUMN and DROP CONSTRAINT with CASCADE; else empty. DROP
/// SCHEMA and DROP OWNED have rules of their own.
TakenAlong taken_along(const Statement& statement, Context& context);

/// "a, b, c and 4 more"
std::string listed(const std::vector<std::string>& names);

/// The word CASCADE in the statement, for findings about it; the whole statement when it is not found.
Span cascade_span(const Statement& statement);

}  // namespace pgrehearse
