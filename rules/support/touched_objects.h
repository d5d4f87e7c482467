// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "sql/parser.h"

namespace pgrehearse {

/// Something that a statement makes, replaces, changes or drops.
struct TouchedObject {
  std::string object;  ///< for a person, and to compare: "function total(integer)", "column note of orders"
  std::string how;     ///< the statement or command, white space and comments aside: equal texts do the same
  Span span;           ///< of that, in the file
};
/// Objects of which two branches may each make something else: tables, columns, constraints, indexes, views, functions,
/// triggers, policies, types and sequences. Schemas are part of the name where they are written, public aside.
std::vector<TouchedObject> touched_objects(const Statement& statement);

}  // namespace pgrehearse
