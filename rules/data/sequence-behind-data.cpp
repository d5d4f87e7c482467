// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <set>

#include "core/ascii.h"
#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::sequence_behind_data {
namespace {

/// Values that the sequence gives itself, or never reaches.
bool is_harmless(const Node* value) {
  if (!value || as<SetToDefault>(value)) return true;
  if (auto* constant = as<A_Const>(value)) {
    return constant->isnull || (constant->val.node.type == T_Integer && constant->val.ival.ival <= 0);
  }
  auto* negative = as<A_Expr>(value);
  if (negative && !negative->lexpr && last_name(negative->name) == "-") return true;
  static constexpr std::array own{"nextval", "currval", "lastval"};
  bool from_sequence = false;
  for_each_node<FuncCall>(value, [&](const FuncCall& call) {
    from_sequence = from_sequence || std::ranges::find(own, last_name(call.funcname)) != own.end();
  });
  return from_sequence;
}

/// Whether INSERT gives that column (by its place in the list) values of its own.
bool gives_values(const InsertStmt& insert, int place) {
  auto* select = as<SelectStmt>(insert.selectStmt);
  if (!select) return false;
  for (const List& row : each<List>(select->valuesLists)) {
    if (place < row.length && !is_harmless(static_cast<const Node*>(row.elements[place].ptr_value))) return true;
  }
  if (select->valuesLists || place >= length(select->targetList)) return false;
  auto* target = as<ResTarget>(static_cast<const Node*>(select->targetList->elements[place].ptr_value));
  return target && !is_harmless(target->val);
}

bool is_unique(const RelationState& table, const std::string& column) {
  return std::ranges::any_of(table.indexes, [&](const IndexState& index) {
    return index.unique && !index.partial && index.columns == std::vector{column};
  });
}

/// The part goes on to set a sequence, in whatever way: a hint, read from its words.
bool is_set_later(const Statement& statement, const Context& context) {
  const Part& part = context.part();
  if (part.expansion) return true;
  std::string_view rest =
      statement.source.substr(statement.span.end, part.section.end - std::min(part.section.end, statement.span.end));
  return contains_ignoring_case(rest, "setval") || contains_ignoring_case(rest, "restart");
}

/// Once for each table of a part: the first such rows decide.
bool was_seen(Context& context, RelationId table) {
  struct Seen {
    const Part* part = nullptr;
    std::set<RelationId> tables;
  };
  static constexpr char address = 0;
  auto& kept = context.kept(&address);
  if (!kept) kept = std::make_shared<Seen>();
  auto& seen = *static_cast<Seen*>(kept.get());
  if (seen.part != &context.part()) seen = {&context.part(), {}};
  return !seen.tables.insert(table).second;
}

void check(const Statement& statement, Context& context) {
  auto* insert = statement.as<InsertStmt>();
  if (!insert || !insert->selectStmt || statement.origin != Origin::top_level) return;
  auto* table = context.state().find(*insert->relation);
  if (!table || !table->complete || table->persistence == Persistence::temporary) return;
  int place = -1;
  for (const auto& target : each<ResTarget>(insert->cols)) {
    ++place;
    auto* column = table->column(view(target.name));
    bool counts = column && (column->identity == Identity::by_default || column->default_sequence);
    if (!counts || !is_unique(*table, column->name) || !gives_values(*insert, place)) continue;
    if (was_seen(context, table->id) || is_set_later(statement, context)) return;
    RelationId id = column->sequence ? column->sequence : column->default_sequence;
    auto* sequence = context.state().relation(id);
    std::string shown = context.state().display_name(*table), name = quote_identifier(column->name);
    auto& finding =
        context.report(statement.token_at(target.location),
                       "these rows bring their own " + name + ", and the sequence of " + shown + "." + name +
                           " does not move: an INSERT that leaves it out may get a value that is taken");
    finding.help = "Let the sequence begin behind them: SELECT setval(" +
                   (sequence ? "'" + context.state().display_name(*sequence) + "'"
                             : "pg_get_serial_sequence('" + shown + "', '" + column->name + "')") +
                   ", (SELECT max(" + name + ") FROM " + shown +
                   ")); or leave the column out and let the sequence give the values.";
    return;
  }
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "sequence-behind-data",
           .title = "Rows with explicit ids, and a sequence that does not know of them",
           .category = Category::data,
           .severity = Severity::warning,
           .why = R"(
A serial or identity column draws from its sequence only when an INSERT leaves the column out. Rows that bring their
own ids do not move it. The next INSERT that leaves the column out gets 1, or whatever the sequence has come to, and
fails with SQLSTATE 23505 on each id that is taken: the application's first INSERTs, often long after the migration.
It is the same on PostgreSQL 12 to 18.

Not reported when something behind the rows says `setval` or `RESTART`, for ids below 1, and for columns that no key
keeps unique.)",
           .instead = R"(
`SELECT setval(pg_get_serial_sequence('orders', 'id'), (SELECT max(id) FROM orders));` behind the rows. Or leave the
ids to the sequence.)",
           .since = "0.2.0",
           .setup = "CREATE TABLE states (id serial PRIMARY KEY, name text);\n"
                    "CREATE TABLE kinds (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name text);\n"
                    "CREATE TABLE plain (id bigint PRIMARY KEY, name text);",
           .bad =
               {{.sql = "INSERT INTO states (id, name) VALUES (1001, 'new'), (1002, 'done');"},
                {.sql = "INSERT INTO kinds (name, id) SELECT name, id FROM plain;"},
                {.sql =
                     "CREATE TABLE carts (id bigserial PRIMARY KEY);\nINSERT INTO carts (id) VALUES (DEFAULT), (7);\n"
                     "INSERT INTO carts (id) VALUES (8);"}},
           .good = {{.sql =
                         "INSERT INTO states (id, name) VALUES (1001, 'new');\nSELECT setval('states_id_seq', 1001);"},
                    {.sql = "INSERT INTO states (name) VALUES ('new');"},
                    {.sql = "INSERT INTO states (id, name) VALUES (DEFAULT, 'new'), (-1, 'none');"},
                    {.sql = "INSERT INTO plain (id, name) VALUES (1001, 'new');"},
                    {.sql = "INSERT INTO kinds (id, name) VALUES (1001, 'new');\nALTER TABLE kinds ALTER COLUMN id "
                            "RESTART WITH 2000;"},
                    {.sql = "INSERT INTO not_seen_here (id) VALUES (1);"}}},
      .nodes = {T_InsertStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::sequence_behind_data
