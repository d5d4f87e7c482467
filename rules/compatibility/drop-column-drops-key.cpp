// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/cascade.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::drop_column_drops_key {
namespace {

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string columns_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "" : ", ") + (name.empty() ? "..." : quote_identifier(name));
  return " (" + text + ")";
}

std::string_view word_for(ConstraintKind kind) {
  switch (kind) {
    case ConstraintKind::unique: return "the unique constraint ";
    case ConstraintKind::foreign_key: return "the foreign key ";
    case ConstraintKind::exclusion: return "the exclusion constraint ";
    default: return "the check ";
  }
}

/// The statement makes an index or key on that table: what goes is being replaced.
bool makes_key(const Statement& statement, std::string_view table) {
  if (auto* index = statement.as<IndexStmt>()) return view(index->relation->relname) == table;
  auto added = commands(statement, AT_AddConstraint);
  return !added.empty() && view(added.front().table->relation->relname) == table;
}

/// Constraints and indexes that other columns have a part in, and that nothing in the statement names.
std::vector<std::string> lost_with(const RelationState& table, std::string_view column,
                                   const std::vector<std::string>& dropped_columns, const Statement& statement) {
  std::vector<std::string> lost;
  // What none of the remaining columns has a part in goes as one expects; what an earlier command takes was told there.
  auto concerns = [&](const std::vector<std::string>& columns) {
    if (!has(columns, column)) return false;
    auto first = std::ranges::find_if(dropped_columns, [&](const std::string& name) { return has(columns, name); });
    return *first == column &&
           !std::ranges::all_of(columns, [&](const std::string& name) { return has(dropped_columns, name); });
  };
  auto dropped = commands(statement, AT_DropConstraint);
  auto is_named = [&](const std::string& name) {
    return std::ranges::any_of(dropped, [&](const Command& command) { return view(command.node->name) == name; });
  };
  for (const ConstraintState& constraint : table.constraints) {
    // A primary key has a rule of its own.
    bool other = constraint.kind == ConstraintKind::primary_key || constraint.kind == ConstraintKind::not_null;
    if (other || !concerns(constraint.columns) || is_named(constraint.name)) continue;
    lost.push_back(std::string(word_for(constraint.kind)) + quote_identifier(constraint.name) +
                   columns_of(constraint.columns));
  }
  for (const IndexState& index : table.indexes) {
    if (index.constraint || is_named(index.name)) continue;
    std::vector<std::string> columns = index.columns;
    if (index.partial) columns.insert(columns.end(), index.reads.begin(), index.reads.end());
    bool key_stays = std::ranges::any_of(
        index.columns, [&](const std::string& name) { return !name.empty() && !has(dropped_columns, name); });
    if (!concerns(columns) || !key_stays) continue;
    lost.push_back((index.unique ? "the unique index " : "the index ") + quote_identifier(index.name) +
                   columns_of(index.columns));
  }
  return lost;
}

/// Columns of the table that this statement and others of the part drop, this one's first.
std::vector<std::string> dropped_columns(const Statement& statement, const Context& context, std::string_view table) {
  std::vector<std::string> columns;
  auto note = [&](const Statement& other) {
    for (const Command& command : commands(other, AT_DropColumn)) {
      if (view(command.table->relation->relname) == table) columns.emplace_back(view(command.node->name));
    }
    return false;
  };
  note(statement);
  any_other(statement, context, note);
  return columns;
}

/// Before PostgreSQL 15 columns that are computed from it go with it.
void add_generated(const RelationState& table, std::string_view column, const Statement& statement,
                   std::vector<std::string>& lost) {
  auto dropped = commands(statement, AT_DropColumn);
  for (const ColumnState& other : table.columns) {
    auto is_named = [&](const Command& command) { return view(command.node->name) == other.name; };
    if (!other.generation || !has(other.generation->columns, column) || std::ranges::any_of(dropped, is_named))
      continue;
    lost.push_back("the generated column " + quote_identifier(other.name));
  }
}

void check(const Statement& statement, Context& context) {
  std::optional<std::vector<std::string>> dropped;
  for (const Command& command : commands_on_used_table(statement, context, AT_DropColumn)) {
    const RangeVar& relation = *command.table->relation;
    auto* table = context.state().find(relation);
    std::string_view column = view(command.node->name);
    if (!table || !table->column(column)) continue;
    if (!dropped) dropped = dropped_columns(statement, context, table->name.name);
    auto lost = lost_with(*table, column, *dropped, statement);
    bool replaced =
        !commands(statement, AT_AddConstraint).empty() ||
        any_other(statement, context, [&](const Statement& other) { return makes_key(other, table->name.name); });
    if (replaced) lost.clear();
    if (context.settings().pg_version > 0 && context.settings().pg_version < 15)
      add_generated(*table, column, statement, lost);
    if (lost.empty()) continue;
    std::string name = shown_name(context, relation) + "." + quote_identifier(column);
    auto& finding =
        context.report(command_span(statement, command), "dropping " + name + " silently drops " + listed(lost) +
                                                             " too, in which other columns have a part");
    finding.help =
        "Drop " + std::string(lost.size() == 1 ? "it" : "them") +
        " by name in the statement before, so that reviewers see it, and make first what the remaining columns of " +
        shown_name(context, relation) + " still need, in a migration before this one.";
  }
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "drop-column-drops-key",
           .title = "DROP COLUMN that silently drops keys and indexes of other columns",
           .category = Category::compatibility,
           .severity = Severity::warning,
           .why = R"(
A column takes every index, UNIQUE, FOREIGN KEY, EXCLUDE and CHECK constraint with it that names it, also those in
which other columns have a part, and indexes whose WHERE names it. No CASCADE is needed and no NOTICE tells. From then
on the remaining columns may hold duplicates, `ON CONFLICT` over them fails with SQLSTATE 42P10, and queries that the
index served read the whole table. It is the same on PostgreSQL 12 to 18. Before 15 generated columns that are
computed from the column vanish too; newer servers refuse (SQLSTATE 2BP01).

An index or constraint of nothing but that column goes with it unsaid, which is what one expects. So does everything
when the migration makes another key or index on the table. Primary keys are the concern of `drop-pk-or-replica-key`.)",
           .instead = R"(
Name what goes: `DROP INDEX CONCURRENTLY` or `DROP CONSTRAINT` before the `DROP COLUMN`. And build what shall remain
first, such as an index on the other columns, outside a transaction.)",
           .since = "0.2.0",
           .setup =
               "CREATE TABLE orders (id bigint PRIMARY KEY, tenant int UNIQUE, code text, gone_at date, note text,\n"
               "  base int, twice int GENERATED ALWAYS AS (base * 2) STORED,\n"
               "  CONSTRAINT orders_code UNIQUE (tenant, code), CONSTRAINT span CHECK (gone_at > '2020-01-01' OR "
               "tenant > 0));\n"
               "CREATE INDEX orders_open ON orders (code) WHERE gone_at IS NULL;",
           .bad = {{.sql = "ALTER TABLE orders DROP COLUMN tenant;",
                    .locks = {{{.name = "orders", .lock = LockMode::access_exclusive},
                               {.name = "orders_code", .lock = LockMode::access_exclusive},
                               {.name = "orders_tenant_key", .lock = LockMode::access_exclusive}}}},
                   {.sql = "ALTER TABLE orders ADD COLUMN state text, DROP COLUMN IF EXISTS gone_at;"},
                   {.sql = "ALTER TABLE orders DROP COLUMN base;", .pg_version = 14}},
           .good =
               {{.sql = "ALTER TABLE orders DROP COLUMN note;"},
                {.sql = "ALTER TABLE orders DROP CONSTRAINT span, DROP tenant, DROP COLUMN code;"},
                {.sql = "ALTER TABLE orders DROP COLUMN base;", .sqlstate = "2BP01", .min_server = 15},
                {.sql = "ALTER TABLE orders DROP CONSTRAINT orders_code, DROP CONSTRAINT span, DROP COLUMN tenant;"},
                {.sql = "DROP INDEX orders_open;\nALTER TABLE orders DROP CONSTRAINT span;\n"
                        "ALTER TABLE orders DROP COLUMN gone_at;"},
                {.sql = "ALTER TABLE orders DROP COLUMN tenant;\nCREATE UNIQUE INDEX orders_by_code ON orders (code);"},
                {.sql = "CREATE TABLE carts (a int, b int, UNIQUE (a, b));\nALTER TABLE carts DROP COLUMN a;"},
                {.sql = "ALTER TABLE orders DROP COLUMN IF EXISTS never_was_there;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_DropColumn},
      .check = check};
}

}  // namespace pgrehearse::rules::drop_column_drops_key
