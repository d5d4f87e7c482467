// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/concurrent.h"

namespace pgrehearse::rules::statement_forbidden_in_transaction {

/// Options of CREATE SUBSCRIPTION that make the publisher do something cannot be rolled back.
static bool creates_slot(const CreateSubscriptionStmt& create) {
  bool connect = true, slot = true;
  for (const DefElem& option : each<DefElem>(create.options)) {
    if (view(option.defname) == "connect") connect = option_is_on(option);
    if (view(option.defname) == "create_slot") slot = option_is_on(option);
  }
  return connect && slot;
}

/// The statement's name when PostgreSQL refuses it in a transaction of that version; the concurrent forms aside.
static std::string forbidden(const Statement& statement, const Context& context) {
  switch (statement.node->type) {
    case T_VacuumStmt: return statement.as<VacuumStmt>()->is_vacuumcmd ? "VACUUM" : "";
    case T_CreatedbStmt: return "CREATE DATABASE";
    case T_DropdbStmt: return "DROP DATABASE";
    case T_CreateTableSpaceStmt: return "CREATE TABLESPACE";
    case T_DropTableSpaceStmt: return "DROP TABLESPACE";
    case T_AlterSystemStmt: return "ALTER SYSTEM";
    case T_ClusterStmt: return statement.as<ClusterStmt>()->relation ? "" : "CLUSTER without a table";
    case T_DiscardStmt: return statement.as<DiscardStmt>()->target == DISCARD_ALL ? "DISCARD ALL" : "";
    case T_CreateSubscriptionStmt:
      return creates_slot(*statement.as<CreateSubscriptionStmt>()) ? "CREATE SUBSCRIPTION that makes its slot" : "";
    case T_ReindexStmt: {
      auto* reindex = statement.as<ReindexStmt>();
      if (!concurrent_form(statement).empty()) return "";
      switch (reindex->kind) {
        case REINDEX_OBJECT_SCHEMA: return "REINDEX SCHEMA";
        case REINDEX_OBJECT_SYSTEM: return "REINDEX SYSTEM";
        case REINDEX_OBJECT_DATABASE: return "REINDEX DATABASE";
        default: break;
      }
      auto* table = reindex->relation ? context.state().find(*reindex->relation) : nullptr;
      bool partitioned = table && table->kind == RelationKind::partitioned_table;
      return partitioned && context.settings().pg_version >= 14 ? "REINDEX of a partitioned table" : "";
    }
    default: return "";
  }
}

static void check(const Statement& statement, Context& context) {
  std::string name = forbidden(statement, context);
  if (name.empty() || !is_in_transaction(statement, context)) return;
  auto& finding = context.report(statement.span, name + " fails: it cannot run inside a transaction");
  finding.help = "Give it a file of its own that runs outside a transaction." + outside_transaction(statement, context);
}

Rule rule() {
  return {
      .info = {.id = "statement-forbidden-in-transaction",
               .title = "VACUUM, CREATE DATABASE and their kin inside a transaction",
               .category = Category::transactions,
               .severity = Severity::error,
               .why = R"(
PostgreSQL refuses these inside a transaction block, in a DO block, and in a query string of several statements (SQLSTATE
25001): `VACUUM`, `CREATE` and `DROP DATABASE`, `CREATE` and `DROP TABLESPACE`, `ALTER SYSTEM`, `DISCARD ALL`, `CLUSTER`
without a table, `REINDEX SCHEMA`, `SYSTEM` and `DATABASE`, `REINDEX` of a partitioned table (since 14), and
`CREATE SUBSCRIPTION` unless it makes no slot. It is the same on 12 to 18 else.

Most tools open a transaction around each file, so the migration fails there although it worked in psql. `ANALYZE` and
`REINDEX TABLE` are no problem.)",
               .instead = R"(
A file of its own that the tool runs without a transaction; or, for what concerns the server rather than the schema, not a
migration at all.)",
               .since = "0.1.0",
               .applies_to_down = true,
               .setup = "CREATE TABLE orders (id bigint PRIMARY KEY);\n"
                        "CREATE TABLE logs (at date PRIMARY KEY) PARTITION BY RANGE (at);",
               .bad = {{.sql = "VACUUM orders;", .sqlstate = "25001"},
                       {.sql = "BEGIN;\nALTER SYSTEM SET work_mem = '64MB';\nCOMMIT;",
                        .sqlstate = "25001",
                        .in_transaction = false},
                       {.sql = "CREATE DATABASE reports;", .sqlstate = "25001"},
                       {.sql = "REINDEX TABLE logs;", .sqlstate = "25001"},
                       {.sql = "DISCARD ALL;", .sqlstate = "25001"},
                       {.sql = "DO $$ BEGIN\n  VACUUM (ANALYZE) orders;\nEND $$;",
                        .sqlstate = "25001",
                        .in_transaction = false}},
               .good = {{.sql = "VACUUM orders;", .in_transaction = false},
                        {.sql = "ANALYZE orders;"},
                        {.sql = "REINDEX TABLE orders;"},
                        {.sql = "CLUSTER orders USING orders_pkey;"},
                        {.sql = "DISCARD TEMP;"},
                        {.sql = "CREATE SUBSCRIPTION s CONNECTION 'host=there' PUBLICATION p WITH (connect = false);"},
                        {.sql = "COMMIT;\nVACUUM orders;"}}},
      .nodes = {T_VacuumStmt, T_CreatedbStmt, T_DropdbStmt, T_CreateTableSpaceStmt, T_DropTableSpaceStmt,
                T_AlterSystemStmt, T_ClusterStmt, T_DiscardStmt, T_CreateSubscriptionStmt, T_ReindexStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::statement_forbidden_in_transaction
