// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "linter/rule.h"
#include "rules/support/second_run.h"
#include "sql/edit.h"

namespace pgrehearse::rules::create_no_guard {
namespace {

/// What is created without IF NOT EXISTS although there is such a form.
struct Created {
  std::array<std::string_view, 2> words;  ///< lower case, after CREATE, one or two; none: nothing of the kind
  std::string name;
  std::string_view sqlstate;
  bool can_guard = true;
};

Created unguarded(const Statement& statement) {
  switch (statement.node->type) {
    case T_CreateSchemaStmt: {
      auto* schema = statement.as<CreateSchemaStmt>();
      if (schema->if_not_exists) return {};
      std::string_view name = schema->schemaname ? view(schema->schemaname) : view(schema->authrole->rolename);
      return {{"schema"}, quote_identifier(name), "42P06", !schema->schemaElts};
    }
    case T_CreateSeqStmt: {
      auto* sequence = statement.as<CreateSeqStmt>();
      if (sequence->if_not_exists || sequence->sequence->relpersistence == RELPERSISTENCE_TEMP) return {};
      return {{"sequence"}, display_name(*sequence->sequence), "42P07"};
    }
    case T_CreateExtensionStmt: {
      auto* extension = statement.as<CreateExtensionStmt>();
      if (extension->if_not_exists) return {};
      return {{"extension"}, quote_identifier(view(extension->extname)), "42710"};
    }
    case T_CreateTableAsStmt: {
      auto* query = statement.as<CreateTableAsStmt>();
      if (query->objtype != OBJECT_MATVIEW || query->if_not_exists) return {};
      return {{"materialized", "view"}, display_name(*query->into->rel), "42P07"};
    }
    case T_CreateStatsStmt: {
      auto* statistics = statement.as<CreateStatsStmt>();
      if (statistics->if_not_exists || !statistics->defnames) return {};
      return {{"statistics"}, display_name(qualified_name(statistics->defnames)), "42710"};
    }
    case T_CreateForeignTableStmt: {
      auto* table = statement.as<CreateForeignTableStmt>();
      if (table->base.if_not_exists) return {};
      return {{"foreign", "table"}, display_name(*table->base.relation), "42P07"};
    }
    case T_CreateForeignServerStmt: {
      auto* server = statement.as<CreateForeignServerStmt>();
      if (server->if_not_exists) return {};
      return {{"server"}, quote_identifier(view(server->servername)), "42710"};
    }
    case T_CreateUserMappingStmt: {
      auto* mapping = statement.as<CreateUserMappingStmt>();
      if (mapping->if_not_exists) return {};
      return {{"user", "mapping"}, "on " + quote_identifier(view(mapping->servername)), "42710"};
    }
    case T_DefineStmt: {
      auto* define = statement.as<DefineStmt>();
      if (define->kind != OBJECT_COLLATION || define->if_not_exists) return {};
      return {{"collation"}, display_name(qualified_name(define->defnames)), "42710"};
    }
    default: return {};
  }
}

bool dropped_before(const Statement& statement, const Context& context) {
  if (auto* schema = statement.as<CreateSchemaStmt>()) {
    return context.dropped_earlier(OBJECT_SCHEMA, view(schema->schemaname));
  }
  if (auto* sequence = statement.as<CreateSeqStmt>()) {
    return context.dropped_earlier(OBJECT_SEQUENCE, view(sequence->sequence->relname));
  }
  if (auto* extension = statement.as<CreateExtensionStmt>()) {
    return context.dropped_earlier(OBJECT_EXTENSION, view(extension->extname));
  }
  if (auto* query = statement.as<CreateTableAsStmt>()) {
    return context.dropped_earlier(OBJECT_MATVIEW, view(query->into->rel->relname));
  }
  if (auto* statistics = statement.as<CreateStatsStmt>()) {
    return context.dropped_earlier(OBJECT_STATISTIC_EXT, last_name(statistics->defnames));
  }
  if (auto* table = statement.as<CreateForeignTableStmt>()) {
    return context.dropped_earlier(OBJECT_FOREIGN_TABLE, view(table->base.relation->relname));
  }
  if (auto* server = statement.as<CreateForeignServerStmt>()) {
    return context.dropped_earlier(OBJECT_FOREIGN_SERVER, view(server->servername));
  }
  return false;
}

void check(const Statement& statement, Context& context) {
  if (!fails_again(context)) return;
  Created created = unguarded(statement);
  auto [first, second] = created.words;
  if (first.empty() || dropped_before(statement, context)) return;
  std::string what = "CREATE";
  for (std::string_view word : created.words) {
    if (!word.empty()) what += ' ';
    for (char c : word) what += static_cast<char>(c - 'a' + 'A');
  }
  auto& finding = context.report(statement.span,
                                 what + " " + created.name + " without IF NOT EXISTS fails when the file runs again");
  if (!created.can_guard) {
    finding.help =
        "Write CREATE SCHEMA IF NOT EXISTS, and the objects inside it as statements of their own: the two do not go "
        "together.";
    return;
  }
  finding.help =
      "Write " + what + " IF NOT EXISTS: a second run gets SQLSTATE " + std::string(created.sqlstate) + " here.";
  constexpr const char* guard = " IF NOT EXISTS";
  if (auto edit =
          second.empty() ? insert_after(statement, {first}, guard) : insert_after(statement, {first, second}, guard)) {
    finding.fix = Fix{"Add IF NOT EXISTS", Fix::Safety::safe, {*edit}};
  }
}

}  // namespace

const Rule& rule() {
  static constexpr Rule rule = {
      .info = {.id = "create-no-guard",
               .title =
                   "CREATE of a schema, sequence, extension, ... without IF NOT EXISTS in a file that may run again",
               .category = Category::idempotency,
               .severity = Severity::warning,
               .why = R"(
A second run stops here, and all that stands below in the file is not applied: SQLSTATE 42P06 for a schema, 42P07 for a
sequence, materialized view or foreign table, 42710 for an extension, a collation, a server, a user mapping or statistics.
The same on all versions.

This rule looks only at layouts whose files may run twice. Select it by its id to have it everywhere.)",
               .instead = R"(
`CREATE ... IF NOT EXISTS`, which all of these kinds have. It compares nothing but the name: a materialized view that is
there keeps its old query. A drop before it in the same file does as well. `CREATE SCHEMA IF NOT EXISTS` cannot hold other
statements.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint, code text);",
               .bad = {{.sql = "CREATE SCHEMA shop;"},
                       {.sql = "CREATE SEQUENCE numbers START 100;"},
                       {.sql = "CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM orders;"},
                       {.sql = "CREATE STATISTICS orders_codes ON id, code FROM orders;"},
                       {.sql = "CREATE SCHEMA shop CREATE TABLE carts (id bigint);"},
                       {.sql = "CREATE EXTENSION pgcrypto;"}},
               .good = {{.sql = "CREATE SCHEMA IF NOT EXISTS shop;"},
                        {.sql = "DROP MATERIALIZED VIEW IF EXISTS totals;\n"
                                "CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM orders;"},
                        {.sql = "CREATE TEMP SEQUENCE numbers;"},
                        {.sql = "DO $$ BEGIN\n  CREATE SEQUENCE numbers;\n"
                                "EXCEPTION WHEN duplicate_table THEN NULL;\nEND $$;"},
                        {.sql = "CREATE EXTENSION IF NOT EXISTS pgcrypto;"}}},
      .nodes = {T_CreateSchemaStmt, T_CreateSeqStmt, T_CreateExtensionStmt, T_CreateTableAsStmt, T_CreateStatsStmt,
                T_CreateForeignTableStmt, T_CreateForeignServerStmt, T_CreateUserMappingStmt, T_DefineStmt},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::create_no_guard
