// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/key_history.h"
#include "rules/support/new_columns.h"

namespace pgrehearse::rules::table_without_primary_key {

/// "(order_id, item_id)" when the table has no more than a few columns and two of them point to other tables.
static std::string key_of_pairs(const CreateStmt& create) {
  std::vector<std::string> pointing;
  int columns = 0;
  for (const Node& element : each<Node>(create.tableElts)) {
    auto* column = as<ColumnDef>(&element);
    if (column) ++columns;
    if (column && column_constraint(*column, CONSTR_FOREIGN))
      pointing.push_back(quote_identifier(view(column->colname)));
    auto* constraint = as<Constraint>(&element);
    if (!constraint || constraint->contype != CONSTR_FOREIGN || length(constraint->fk_attrs) != 1) continue;
    pointing.push_back(quote_identifier(string_value(first(constraint->fk_attrs))));
  }
  return pointing.size() == 2 && columns <= 4 ? "PRIMARY KEY (" + pointing[0] + ", " + pointing[1] + ")"
                                              : std::string();
}

static void check(const Statement& statement, Context& context) {
  auto* create = statement.as<CreateStmt>();
  if (!create || !makes_lasting_table(*create, context)) return;
  const RangeVar& table = *create->relation;
  // A partition has its parent's key, a child often no need of one; a partitioned table's must hold the partition key.
  if (create->partbound || create->partspec || length(create->inhRelations) || !new_keys(*create).empty()) return;
  if (table.relpersistence == RELPERSISTENCE_UNLOGGED || length(create->tableElts) == 0) return;
  for (const Node& element : each<Node>(create->tableElts)) {
    if (as<TableLikeClause>(&element)) return;
  }
  bool settled = key_history(context).follows(context, statement, qualified_name(table), [](const KeyMention& later) {
    return later.kind == KeyMention::Kind::unique || later.kind == KeyMention::Kind::other_table;
  });
  if (settled) return;
  auto& finding = context.report(statement.token_at(table.location),
                                 shown_name(context, table) +
                                     " has no primary key: nothing tells two equal rows apart, and "
                                     "logical replication refuses to UPDATE and DELETE them");
  std::string pair = key_of_pairs(*create);
  finding.help =
      pair.empty() ? "Add a column such as id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, or PRIMARY KEY over the "
                     "columns that tell the rows apart."
                   : "Add " + pair + ", which also keeps the same pair from coming twice.";
}

Rule rule() {
  return {
      .info =
          {.id = "table-without-primary-key",
           .title = "A new table without a primary key",
           .category = Category::design,
           .severity = Severity::warning,
           .why = R"(
Without a key the same row can come in twice, by a retry of the application or a second run of an INSERT, and then no
statement deletes one of the two without the other but by `ctid`. A table of a publication that has no key takes INSERTs, but every UPDATE and
DELETE fails (SQLSTATE 55000, 12 to 18): that is also how managed services move a database to a new major version.
Tools that repair bloat without a lock (pg_repack) and that copy in batches want one too.

Quiet about temporary and unlogged tables, partitions, partitioned tables, inheriting tables, copies made with LIKE or `CREATE TABLE
AS`, tables with any UNIQUE or EXCLUDE constraint, and when a later statement or migration adds a key or a unique index, or drops,
renames or attaches the table.)",
           .instead = R"(
`id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY`, or for tables that join two others `PRIMARY KEY (order_id, item_id)`.)",
           .since = "0.1.0",
           .bad = {{.sql = "CREATE PUBLICATION everything FOR ALL TABLES;\nCREATE TABLE orders (code text);\n"
                           "INSERT INTO orders VALUES ('a');\nDELETE FROM orders WHERE code = 'a';",
                    .sqlstate = "55000"},
                   {.sql = "CREATE TABLE a (id bigint PRIMARY KEY);\n"
                           "CREATE TABLE pairs (x bigint REFERENCES a, y bigint REFERENCES a);"},
                   {.sql =
                        "CREATE TABLE IF NOT EXISTS visits (at timestamptz);\nCREATE INDEX visits_at ON visits (at);"},
                   {.sql = "CREATE TABLE visits (at timestamptz);\nCREATE UNIQUE INDEX some ON visits (at) WHERE at > "
                           "'2026-01-01';"}},
           .good = {{.sql =
                         "CREATE PUBLICATION everything FOR ALL TABLES;\nCREATE TABLE orders (code text PRIMARY KEY);\n"
                         "INSERT INTO orders VALUES ('a');\nDELETE FROM orders WHERE code = 'a';"},
                    {.sql = "CREATE TABLE orders (id bigint NOT NULL);\nALTER TABLE ONLY orders ADD PRIMARY KEY (id);"},
                    {.sql =
                         "CREATE TABLE orders (code text);\nALTER TABLE orders ADD COLUMN id bigserial PRIMARY KEY;"},
                    {.sql = "CREATE TABLE orders (code text NOT NULL);\nCREATE UNIQUE INDEX orders_code ON "
                            "public.orders (code);"},
                    {.sql = "CREATE TABLE orders (code text NOT NULL UNIQUE);"},
                    {.sql = "CREATE TABLE log (at date) PARTITION BY RANGE (at);\n"
                            "CREATE TABLE log_1 PARTITION OF log DEFAULT;"},
                    {.sql = "CREATE TABLE log (at date) PARTITION BY RANGE (at);\nCREATE TABLE log_1 (at date);\n"
                            "ALTER TABLE log ATTACH PARTITION log_1 DEFAULT;"},
                    {.sql = "CREATE TABLE base (id bigint PRIMARY KEY);\nCREATE TABLE child (n int) INHERITS (base);"},
                    {.sql = "CREATE UNLOGGED TABLE load (n int);\nCREATE TEMP TABLE x (n int);"},
                    {.sql = "CREATE TABLE load (n int);\nDROP TABLE load;"},
                    {.sql = "CREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE kept AS SELECT * FROM orders;\n"
                            "CREATE TABLE copy (LIKE orders INCLUDING DEFAULTS);"},
                    {.sql = "CREATE TABLE orders (code text);\nDO $$ BEGIN\n  ALTER TABLE orders ADD PRIMARY KEY "
                            "(code);\nEND $$;"}}},
      .nodes = {T_CreateStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::table_without_primary_key
