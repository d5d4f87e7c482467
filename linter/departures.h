// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>

#include "migration/schema_state.h"

namespace pgrehearse {

/// One kind for all that share a name space, or that statements call by several words: tables, views, sequences; types
/// and domains; functions, procedures and aggregates.
ObjectType object_family(ObjectType kind);

/// The name of an object in DropStmt::objects, and the table that it belongs to (policies, triggers, rules).
struct DroppedName {
  std::string_view name, table;
};
DroppedName dropped_name(ObjectType kind, const Node& object);

/// A DROP (or a rename away from the name) of an earlier statement of the part.
struct Departure {
  Span statement;
  bool existed_before = false;  ///< relations and columns: was there before this migration, or nobody knows otherwise
};

/// What the statements of a part have dropped so far, by name: objects of all kinds, columns and constraints. Schemas
/// are not told apart: rules ask whether a CREATE follows a DROP of its object, and two of one name are rare.
class Departures {
 public:
  /// Before the state folds the statement.
  void note(const Statement& statement, const SchemaState& state);
  /// nullptr: nothing has dropped it. `table` for what belongs to one: columns, constraints, policies, triggers, rules.
  const Departure* find(ObjectType kind, std::string_view name, std::string_view table = {}) const;
  void clear() { departures_.clear(); }

 private:
  void add(ObjectType kind, std::string_view name, std::string_view table, Departure departure);
  void note_drop(const Statement& statement, const SchemaState& state);
  void note_alter(const Statement& statement, const SchemaState& state);
  std::unordered_map<std::string, Departure> departures_;
};

}  // namespace pgrehearse
