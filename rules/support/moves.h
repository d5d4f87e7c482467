// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "linter/context.h"

namespace pgrehearse {

/// What the statements of a part make and where they put rows and values, for rules about drops that something around
/// them explains. Names are without schemas: two of one name in a part are rare. Statements inside DO bodies are not
/// read, nor is a part whose trees are not kept together (Context::neighbours).
class Moves {
 public:
  explicit Moves(const Context& context);

  /// The column is added (again) by this statement or behind it, as a column of its own: not generated, and not given
  /// values by an UPDATE after that.
  bool added_again(const Statement& statement, std::string_view table, std::string_view column) const;
  /// The table is created behind the statement, and nothing copies rows into it from another table.
  bool created_again(const Statement& statement, std::string_view table) const;

  /// A new column that an UPDATE has filled takes the name behind the statement: the name stays, with other values.
  bool replaced(const Statement& statement, std::string_view table, std::string_view column) const;

  /// Where an earlier statement copies that column to: "orders.remark" or "notes", new in this part; empty: nowhere.
  std::string copied_to(const Statement& statement, std::string_view table, std::string_view column) const;
  /// The new table into which an earlier INSERT copies rows of that one; empty: none, or one that then takes its name.
  std::string rows_copied_to(const Statement& statement, std::string_view table) const;

 private:
  struct Copy {
    uint32_t at = 0;
    std::string to;
  };
  using Places = std::map<std::string, std::vector<uint32_t>, std::less<>>;
  using Copies = std::map<std::string, std::vector<Copy>, std::less<>>;
  void note(const Statement& statement);
  void note_update(const Statement& statement, const UpdateStmt& update);
  void note_insert(const Statement& statement, const InsertStmt& insert);
  void note_copy(Copies& copies, std::string from, uint32_t at, std::string to);

  void note_rename(const Statement& statement, const RenameStmt& rename);

  Places added_, filled_, replaced_, created_, filled_tables_, named_by_rename_;
  Copies copied_, rows_copied_;
};

/// Of the part at hand; read once.
const Moves& moves(Context& context);

}  // namespace pgrehearse
