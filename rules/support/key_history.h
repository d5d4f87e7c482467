// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "linter/context.h"

namespace pgrehearse {

/// What one statement of the set does for the keys and indexes of a table.
struct KeyMention {
  enum class Kind : unsigned char {
    index,        ///< that looks up rows by its leading column: btree or hash, of whole columns
    unique,       ///< a primary key, a unique constraint or a unique index over all rows; an index as well
    drop_part,    ///< of the column or constraint in `columns`
    other_table,  ///< dropped, renamed, moved, or made a partition or child of another
  };
  Kind kind = Kind::index;
  QualifiedName table;
  Span span;
  std::vector<std::string> columns;
  std::vector<std::string> predicate_columns;  ///< of a partial index
};

/// The mentions of a set's up parts, DO bodies included. Read when a rule first asks, so that only sets in which
/// something looks amiss pay for it.
class KeyHistory {
 public:
  explicit KeyHistory(const MigrationSet& set);
  /// Whether a statement behind this one, in this migration or a later one, is about that table and satisfies `wanted`.
  bool follows(const Context& context, const Statement& statement, const QualifiedName& table,
               const std::function<bool(const KeyMention&)>& wanted) const;

 private:
  struct Placed {
    size_t migration;
    KeyMention mention;
  };
  std::map<std::string, std::vector<Placed>, std::less<>> by_table_;
};

/// The one of this run.
const KeyHistory& key_history(Context& context);

}  // namespace pgrehearse
