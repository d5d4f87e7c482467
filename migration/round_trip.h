// SPDX-License-Identifier: Apache-2.0
// What a migration's up part followed by its down part does not put back, as far as the files tell.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "migration/schema_state.h"

namespace pgrehearse {

/// One thing that is not as it was before the migration.
struct Difference {
  enum class Change : uint8_t {
    left_behind,   ///< up makes it, and down leaves it there
    not_restored,  ///< up drops it, and down does not make it again
    taken_away,    ///< up leaves it alone, and down drops it
    altered,       ///< it is there, in another form
  };
  enum class Aspect : uint8_t {
    existence,
    name,
    definition,  ///< type, default, nullability, columns of an index, ...
    labels,      ///< values of an enum
    body,        ///< of a function or view
    protection,  ///< grants, policies, row security, owner
    comment,
  };
  Change change = Change::altered;
  Aspect aspect = Aspect::existence;
  bool remade = false;        ///< up drops the object that it belongs to, and down makes that anew
  bool by_down = false;       ///< the down part wrote what is there now, which is not what was there before
  std::string what;           ///< "column note of orders", "index orders_note"
  std::string before, after;  ///< "integer", "bigint"; empty where there is nothing short to say
  std::string inverse;        ///< the statement that a down part lacks; empty when what is known does not make one
  /// For look-ups of what the down part did with it: the bare name and that of its table.
  ObjectType kind = OBJECT_TABLE;
  std::string name, table;
};

/// Rows or values that were there before, and that the down part gives an empty place again.
struct LostData {
  QualifiedName table;
  std::string shown;   ///< as PostgreSQL prints it
  std::string column;  ///< empty: the whole table
};

/// What statements do besides changing the schema, as they come by. Kept for migrations with a down part only.
struct PartEffects {
  bool unclear = false;  ///< something runs that the state cannot follow: dynamic SQL, functions, files not read
  std::vector<std::pair<QualifiedName, std::string>> written;  ///< tables and columns (empty: rows) that it fills
  struct Erased {
    QualifiedName table;
    std::string shown;
    bool truncate = false;
  };
  std::vector<Erased> erased;  ///< rows of tables that were there before, which it deletes

  void note(const Statement& statement, const SchemaState& state, bool conditional);
};

struct RoundTrip {
  std::vector<Difference> differences;
  std::vector<LostData> lost;
  PartEffects up, down;
};

/// Compares the state at the last checkpoint but one (before up), at the last one (after up) and now (after down).
/// Costs what the two parts changed, whatever the state holds.
RoundTrip round_trip(const SchemaState& state);

}  // namespace pgrehearse
