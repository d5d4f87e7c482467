// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "linter/context.h"

namespace pgrehearse {

/// One command of an ALTER TABLE; a view into the tree.
struct Command {
  const AlterTableStmt* table = nullptr;
  const AlterTableCmd* node = nullptr;
  int index = 0;
  Span span;  ///< in the file; empty: see command_span

  const ColumnDef* column() const { return as<ColumnDef>(node->def); }
  const Constraint* constraint() const { return as<Constraint>(node->def); }
};

/// The commands of this kind, when the statement is an ALTER TABLE on a table that others may be using.
std::vector<Command> commands_on_used_table(const Statement& statement, const Context& context, AlterTableType kind);
/// The same for every table that is not temporary, new ones included.
std::vector<Command> commands(const Statement& statement, AlterTableType kind);

/// Its DROP COLUMN of columns that other sessions may be using: neither missing nor new in this migration.
std::vector<Command> drops_of_used_columns(const Statement& statement, const Context& context);

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
