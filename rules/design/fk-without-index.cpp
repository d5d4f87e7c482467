// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/key_history.h"
#include "rules/support/new_columns.h"
#include "sql/edit.h"

namespace pgrehearse::rules::fk_without_index {
namespace {

/// A foreign key that the statement makes.
struct NewForeignKey {
  const Constraint* constraint = nullptr;
  std::vector<std::string> columns;
  bool new_column = false;  ///< of a column or table that the statement makes too
};

std::vector<NewForeignKey> new_foreign_keys(const Statement& statement, const Context& context) {
  std::vector<NewForeignKey> found;
  auto take = [&](const Constraint* constraint, std::vector<std::string> columns, bool new_column) {
    if (constraint && constraint->contype == CONSTR_FOREIGN)
      found.push_back({constraint, std::move(columns), new_column});
  };
  for (const NewColumn& added : new_columns(statement, context)) {
    for (const auto& constraint : each<Constraint>(added.column->constraints)) {
      take(&constraint, {std::string(view(added.column->colname))}, true);
    }
  }
  if (auto* create = statement.as<CreateStmt>()) {
    if (!makes_lasting_table(*create, context)) return {};
    for (const auto& constraint : each<Constraint>(create->tableElts))
      take(&constraint, string_list(constraint.fk_attrs), true);
  }
  for (const Command& command : commands(statement, AT_AddConstraint)) {
    if (auto* constraint = command.constraint()) take(constraint, string_list(constraint->fk_attrs), false);
  }
  return found;
}

bool holds(const std::vector<std::string>& columns, std::string_view name) {
  return std::ranges::find(columns, name) != columns.end();
}

/// An index that begins with one of the key's columns finds the rows, or nearly: with a key of several columns the rest
/// is compared row by row. A partial one helps when its condition is about these columns only, such as IS NOT NULL.
bool serves(const std::vector<std::string>& index, const std::vector<std::string>& predicate,
            const std::vector<std::string>& columns) {
  return !index.empty() && holds(columns, index.front()) &&
         std::ranges::all_of(predicate, [&](const std::string& read) { return holds(columns, read); });
}

bool served_by_statement(const Statement& statement, const std::vector<std::string>& columns) {
  if (auto* create = statement.as<CreateStmt>()) {
    for (const NewKey& key : new_keys(*create)) {
      if (serves(key.columns, {}, columns) || key.kind == CONSTR_EXCLUSION) return true;
    }
    for (const Node& element : each<Node>(create->tableElts)) {
      if (as<TableLikeClause>(&element)) return true;  // may bring indexes
    }
    return false;
  }
  for (const Command& command : commands(statement, AT_AddConstraint)) {
    auto* constraint = command.constraint();
    bool key = constraint && (constraint->contype == CONSTR_PRIMARY || constraint->contype == CONSTR_UNIQUE);
    if (key && (constraint->indexname || serves(string_list(constraint->keys), {}, columns))) return true;
  }
  for (const Command& command : commands(statement, AT_AddColumn)) {
    auto* column = command.column();
    if (!column || !holds(columns, view(column->colname))) continue;
    if (column_constraint(*column, CONSTR_PRIMARY) || column_constraint(*column, CONSTR_UNIQUE)) return true;
  }
  return false;
}

/// By an index that is there already; yes as well when the table's indexes are not all known.
bool served_by_state(const Context& context, const RangeVar& table, const NewForeignKey& key) {
  if (key.new_column) return false;
  auto* known = context.state().find(table);
  if (!known || !known->complete || known->uncertain) return true;
  if (known->persistence == Persistence::temporary) return true;
  return std::ranges::any_of(known->indexes, [&](const IndexState& index) {
    static const std::vector<std::string> none;
    return (index.method == "btree" || index.method == "hash") &&
           serves(index.columns, index.partial ? index.reads : none, key.columns);
  });
}

bool is_settled(const Statement& statement, Context& context, const RangeVar& table, const NewForeignKey& key) {
  std::string_view name = view(key.constraint->conname);
  std::string generated = std::string(view(table.relname)) + "_" + key.columns.front() + "_fkey";
  return key_history(context).follows(context, statement, qualified_name(table), [&](const KeyMention& later) {
    if (later.kind == KeyMention::Kind::other_table) return true;
    if (later.kind == KeyMention::Kind::drop_part) {
      const std::string& part = later.columns.front();
      return holds(key.columns, part) || part == (name.empty() ? std::string_view(generated) : name);
    }
    return later.columns.empty() || serves(later.columns, later.predicate_columns, key.columns);
  });
}

/// ON DELETE CASCADE and its kin say that rows of the other table do get deleted.
bool expects_deletes(const Constraint& constraint) {
  return constraint.fk_del_action == FKCONSTR_ACTION_CASCADE || constraint.fk_del_action == FKCONSTR_ACTION_SETNULL ||
         constraint.fk_del_action == FKCONSTR_ACTION_SETDEFAULT;
}

std::string joined(const std::vector<std::string>& columns, std::string_view between, bool quoted) {
  std::string text;
  for (const std::string& column : columns) {
    if (!text.empty()) text += between;
    text += quoted ? quote_identifier(column) : column;
  }
  return text;
}

void check(const Statement& statement, Context& context) {
  auto* create = statement.as<CreateStmt>();
  auto* alter = statement.as<AlterTableStmt>();
  for (const NewForeignKey& key : new_foreign_keys(statement, context)) {
    const RangeVar& table = create ? *create->relation : *alter->relation;
    if (key.columns.empty() || !is_enforced(*key.constraint) || served_by_statement(statement, key.columns) ||
        served_by_state(context, table, key) || is_settled(statement, context, table, key)) {
      continue;
    }
    std::string shown = shown_name(context, table), other = shown_name(context, *key.constraint->pktable);
    std::string list = joined(key.columns, ", ", true);
    auto& finding = context.report(statement.token_at(key.constraint->location),
                                   "no index of " + shown + " begins with " + list +
                                       ": each row that is deleted from " + other + " reads all of " + shown);
    bool used = alter && context.is_used(table);
    // An empty table can get its index at any time before it is large.
    if (!used || !expects_deletes(*key.constraint)) finding.severity = Severity::info;
    std::string name = std::string(view(table.relname)) + "_" + joined(key.columns, "_", false) + "_idx";
    std::string index = quote_identifier(name) + " ON " + shown + " (" + list + ")";
    finding.help = used ? (key.new_column ? "In the next migration" : "Before the foreign key, in a migration") +
                              std::string(", outside a transaction: CREATE INDEX CONCURRENTLY ") + index + "."
                        : "Add CREATE INDEX " + index + ".";
    if (!used && statement.origin == Origin::top_level && name.size() < NAMEDATALEN) {
      finding.fix =
          Fix{"Create the index behind it", Fix::Safety::unsafe, {append(statement, ";\nCREATE INDEX " + index)}};
    }
  }
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "fk-without-index",
           .title = "A foreign key whose columns no index begins with",
           .category = Category::design,
           .severity = Severity::warning,
           .why = R"(
PostgreSQL indexes the referenced side of a foreign key by itself, never the referencing one. When a row of the referenced
table is deleted, or its key changes, the server looks for rows that point to it, and without an index that is one read of the whole
referencing table for each deleted row, while the row's lock is held. A clean-up of a thousand parents then reads the child a
thousand times. Joins from parent to child read all of it too. The same on 12 to 18.

`ON DELETE CASCADE`, `SET NULL` and `SET DEFAULT` say that deletes happen; on a table that is in use they make this a
warning. Otherwise it is only told of: a new table can get its index before it is large, and lists whose rows are never
deleted need none.

Quiet when any index, primary key or unique constraint begins with one of the key's columns, here or later in the file or the set,
and when the indexes of the table are not all known.)",
           .instead = R"(
An index on the columns, in the same migration when the table is new. On a table that is in use `CREATE INDEX CONCURRENTLY`
in a migration outside a transaction: before the one with the foreign key, or right behind the one that adds column and key at once.)",
           .since = "0.1.0",
           .setup =
               "CREATE TABLE customers (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint, customer bigint);",
           .bad = {{.sql = "CREATE TABLE carts (id bigint PRIMARY KEY, customer bigint REFERENCES customers ON DELETE "
                           "CASCADE);"},
                   {.sql = "CREATE TABLE carts (id bigint, customer bigint,\n"
                           "  FOREIGN KEY (customer) REFERENCES customers (id), PRIMARY KEY (id, customer));"},
                   {.sql = "ALTER TABLE orders ADD CONSTRAINT owner FOREIGN KEY (customer) REFERENCES customers ON "
                           "DELETE SET "
                           "NULL NOT VALID;"},
                   {.sql = "ALTER TABLE orders ADD COLUMN payer bigint REFERENCES customers;"},
                   {.sql = "CREATE TABLE carts (id bigint, customer bigint REFERENCES customers);\n"
                           "CREATE INDEX carts_open ON carts (customer) WHERE id > 7;\n"
                           "CREATE INDEX carts_id ON carts (id, customer);"}},
           .good = {{.sql = "CREATE TABLE carts (id bigint, customer bigint REFERENCES customers);\n"
                            "CREATE INDEX ON carts (customer, id);"},
                    {.sql = "CREATE TABLE carts (customer bigint PRIMARY KEY REFERENCES customers);"},
                    {.sql = "CREATE TABLE carts (id bigint, customer bigint REFERENCES customers, PRIMARY KEY "
                            "(customer, id));"},
                    {.sql = "CREATE TABLE carts (customer bigint REFERENCES customers);\n"
                            "CREATE INDEX ON carts (customer) WHERE customer IS NOT NULL;"},
                    {.sql = "CREATE TABLE carts (customer bigint REFERENCES customers);\n"
                            "CREATE INDEX ON carts USING hash (customer);"},
                    {.sql = "CREATE INDEX orders_customer ON orders (customer);\n"
                            "ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customers;"},
                    {.sql = "ALTER TABLE not_seen_here ADD FOREIGN KEY (customer) REFERENCES customers;"},
                    {.sql = "ALTER TABLE orders ADD COLUMN payer bigint UNIQUE REFERENCES customers;"},
                    {.sql = "CREATE TABLE carts (customer bigint REFERENCES customers);\nDROP TABLE carts;"},
                    {.sql = "-- file: 1.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (x bigint "
                            "REFERENCES a);\n"
                            "-- file: 2.sql\nCREATE INDEX b_x ON b (x);\n"},
                    {.sql =
                         "CREATE TABLE pairs (a bigint, b bigint);\nCREATE UNIQUE INDEX ON pairs (a, b);\n"
                         "CREATE TABLE marks (b bigint, a bigint, n int, FOREIGN KEY (a, b) REFERENCES pairs (a, b));\n"
                         "CREATE INDEX ON marks (b);"}}},
      .nodes = {T_CreateStmt, T_AlterTableStmt},
      .commands = {AT_AddColumn, AT_AddConstraint},
      .check = check};
}

}  // namespace pgrehearse::rules::fk_without_index
