// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "linter/context.h"

namespace pgrehearse {

class Commands;

/// One command of an ALTER TABLE; a view into the tree, that lives as long as the range that gave it out.
struct Command {
  const AlterTableStmt* table = nullptr;
  const AlterTableCmd* node = nullptr;
  int index = 0;
  const Commands* among = nullptr;

  const ColumnDef* column() const { return as<ColumnDef>(node->def); }
  const Constraint* constraint() const { return as<Constraint>(node->def); }
};

/// A range over an ALTER TABLE's commands of one kind. Rules run over it for each statement, so it copies nothing.
class Commands {
 public:
  using Wanted = bool (*)(const Command&, const Context&);
  /// None when `table` is null; `wanted` may leave some out.
  Commands(const AlterTableStmt* table, AlterTableType kind, const Context* context = nullptr, Wanted wanted = nullptr)
      : table_(table), kind_(kind), context_(context), wanted_(wanted) {}

  Commands(const Commands&) = delete;  // what it gives out points to it
  Commands& operator=(const Commands&) = delete;

  class iterator {
   public:
    using value_type = Command;
    using difference_type = ptrdiff_t;
    iterator(const Commands* all, int index) : all_(all), index_(index) { skip(); }
    Command operator*() const { return all_->at(index_); }
    iterator& operator++() {
      ++index_;
      skip();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return index_ == all_->count(); }

   private:
    void skip() {
      while (index_ < all_->count() && !all_->holds(index_)) ++index_;
    }
    const Commands* all_;
    int index_;
  };
  iterator begin() const { return {this, 0}; }
  std::default_sentinel_t end() const { return {}; }
  bool empty() const { return begin() == end(); }
  Command front() const { return *begin(); }

  /// Where the command at this place of the ALTER TABLE stands; see command_span.
  Span span(const Statement& statement, int index) const;

 private:
  int count() const { return table_ ? length(table_->cmds) : 0; }
  const AlterTableCmd* node(int index) const {
    return as<AlterTableCmd>(static_cast<const Node*>(table_->cmds->elements[index].ptr_value));
  }
  Command at(int index) const { return {table_, node(index), index, this}; }
  bool holds(int index) const {
    auto* command = node(index);
    return command && command->subtype == kind_ && (!wanted_ || wanted_(at(index), *context_));
  }

  const AlterTableStmt* table_;
  AlterTableType kind_;
  const Context* context_;
  Wanted wanted_;
  mutable std::optional<std::vector<Span>> spans_;  ///< read when a finding asks for one
};

/// The commands of this kind, when the statement is an ALTER TABLE on a table that others may be using.
Commands commands_on_used_table(const Statement& statement, const Context& context, AlterTableType kind);
/// The same for every table that is not temporary, new ones included.
Commands commands(const Statement& statement, AlterTableType kind);

/// Its DROP COLUMN of columns that other sessions may be using: neither missing nor new in this migration.
Commands drops_of_used_columns(const Statement& statement, const Context& context);

/// The bytes of one command: the whole statement when it is the only one.
Span command_span(const Statement& statement, const Command& command);

/// What this command alone does, the others of its ALTER TABLE aside.
Impact impact_of(const Statement& statement, Context& context, const Command& command);

/// The same for a command that may not stand in the statement: what if it were written like that?
Impact impact_of_command(const Statement& statement, Context& context, const AlterTableStmt& table,
                         AlterTableCmd& command);

/// The new column's constraint of that kind, or nullptr.
const Constraint* column_constraint(const ColumnDef& column, ConstrType kind);
/// ADD COLUMN IF NOT EXISTS of a column that is known to be there.
bool adds_nothing(const Context& context, const Command& command);
/// serial and its kin, which are no types: PostgreSQL makes an integer column with a sequence of them.
bool is_serial(const TypeName& type);

/// The relation's name as PostgreSQL prints it, which is also how Impact names it.
std::string shown_name(const Context& context, const RangeVar& relation);
/// "a, b" from a list of names, quoted where they must be.
std::string name_list(const List* names);
/// "orders_a_b_key": what PostgreSQL would call it, unless that name is taken.
std::string suggested_name(const RangeVar& table, const List* columns, std::string_view label);

}  // namespace pgrehearse
