// SPDX-License-Identifier: Apache-2.0
#include "rules/support/alter_table.h"

#include <algorithm>

#include "impact/impact.h"
#include "sql/lexer.h"

namespace pgrehearse {

/// The spans of all commands, in one pass; none when there is one only or they cannot be told apart.
static std::vector<Span> command_spans(const Statement& statement, const AlterTableStmt& table) {
  std::vector<Span> spans;
  if (length(table.cmds) == 1 || table.relation->location < 0) return spans;
  // Behind the table's name commands stand between commas that no bracket encloses.
  Lexer lexer(statement.text, static_cast<uint32_t>(table.relation->location));
  Token token = lexer.next_significant();
  auto is = [&](std::string_view text) { return token.span.in(statement.text) == text; };
  for (token = lexer.next_significant(); is("."); token = lexer.next_significant()) lexer.next_significant();
  if (is("*")) token = lexer.next_significant();

  Span span;
  auto close = [&] {
    spans.push_back(
        {statement.file_offset(static_cast<int>(span.begin)), statement.file_offset(static_cast<int>(span.end))});
    span = {};
  };
  for (int depth = 0; token.kind != TokenKind::end; token = lexer.next_significant()) {
    if (depth == 0 && is(",")) {
      close();
      continue;
    }
    if (is("(") || is("[")) ++depth;
    if (is(")") || is("]")) --depth;
    if (span.empty()) span.begin = token.span.begin;
    span.end = token.span.end;
  }
  close();
  if (spans.size() != static_cast<size_t>(length(table.cmds))) spans.clear();
  return spans;
}

Span Commands::span(const Statement& statement, int index) const {
  if (!spans_) spans_ = command_spans(statement, *table_);
  return spans_->empty() ? statement.span : (*spans_)[static_cast<size_t>(index)];
}

static const AlterTableStmt* altered_table(const Statement& statement) {
  auto* table = statement.as<AlterTableStmt>();
  bool lasts = table && table->objtype == OBJECT_TABLE && table->relation->relpersistence != RELPERSISTENCE_TEMP;
  return lasts ? table : nullptr;
}

Commands commands(const Statement& statement, AlterTableType kind) { return {altered_table(statement), kind}; }

Commands commands_on_used_table(const Statement& statement, const Context& context, AlterTableType kind) {
  auto* table = altered_table(statement);
  return {table && context.is_used(*table->relation) ? table : nullptr, kind};
}

Commands drops_of_used_columns(const Statement& statement, const Context& context) {
  auto* table = altered_table(statement);
  auto is_used = [](const Command& command, const Context& here) {
    QualifiedName relation = qualified_name(*command.table->relation);
    std::string_view column = view(command.node->name);
    if (here.state().has_column(relation, column) == Known::no) return false;
    auto* known = here.state().column(relation, column);
    return !known || known->created_in != here.state().migration() || known->inherited;
  };
  return {table && context.is_used(*table->relation) ? table : nullptr, AT_DropColumn, &context, is_used};
}

Span command_span(const Statement& statement, const Command& command) {
  return command.among ? command.among->span(statement, command.index) : statement.span;
}

Impact impact_of(const Statement& statement, Context& context, const Command& command) {
  if (length(command.table->cmds) == 1) return context.impact();
  return impact_of_command(statement, context, *command.table, const_cast<AlterTableCmd&>(*command.node));
}

Impact impact_of_command(const Statement& statement, Context& context, const AlterTableStmt& table,
                         AlterTableCmd& command) {
  ListCell cell{.ptr_value = &command};
  List one{};
  one.type = T_List;
  one.length = one.max_length = 1;
  one.elements = &cell;
  AlterTableStmt alone = table;
  alone.cmds = &one;
  Statement part = statement;
  part.node = reinterpret_cast<const Node*>(&alone);
  return impact(part, context.state(), context.settings().pg_version);
}

const Constraint* column_constraint(const ColumnDef& column, ConstrType kind) {
  for (const Constraint& constraint : each<Constraint>(column.constraints)) {
    if (constraint.contype == kind) return &constraint;
  }
  return nullptr;
}

bool adds_nothing(const Context& context, const Command& command) {
  auto* column = command.column();
  return command.node->missing_ok && column &&
         context.state().has_column(qualified_name(*command.table->relation), view(column->colname)) == Known::yes;
}

bool is_serial(const TypeName& type) {
  static constexpr std::string_view names[] = {"smallserial", "serial2", "serial", "serial4", "bigserial", "serial8"};
  return length(type.names) == 1 && std::ranges::find(names, last_name(type.names)) != std::end(names);
}

std::string shown_name(const Context& context, const RangeVar& relation) {
  return context.state().display_name_of(relation);
}

std::string name_list(const List* names) {
  std::string text;
  for (const Node& name : each<Node>(names)) {
    if (!text.empty()) text += ", ";
    text += quote_identifier(string_value(&name));
  }
  return text;
}

std::string suggested_name(const RangeVar& table, const List* columns, std::string_view label) {
  std::string name(view(table.relname));
  for (const Node& column : each<Node>(columns)) name.append("_").append(string_value(&column));
  return quote_identifier(name.append("_").append(label));
}

}  // namespace pgrehearse
