// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "runner/connection.h"
#include "runner/table_shape.h"

namespace pgrehearse {

/// What a migration asks of rows that older tables did not ask yet, as the server told by refusing them: production's
/// rows will be like that, or the migration could not run there.
class RowLessons {
 public:
  /// True when the error taught something new: NOT NULL, a key over duplicates, a foreign key without its row.
  bool learn(const SqlError& error);
  /// Shapes as they will have to be.
  void apply(std::map<uint32_t, TableShape>& tables) const;

 private:
  struct Lesson {
    std::string sqlstate;
    std::string table;                 ///< without its schema
    std::vector<std::string> columns;  ///< as they are
    std::string parent;                ///< that a foreign key refers to, by its primary key
    friend bool operator==(const Lesson&, const Lesson&) = default;
  };
  std::vector<Lesson> lessons_;
};

}  // namespace pgrehearse
