// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/second_run.h"

namespace pgrehearse::rules::create_without_idempotent_form {
namespace {

struct Created {
  std::string_view what;  ///< empty: there is a form with IF NOT EXISTS or OR REPLACE
  ObjectType kind = OBJECT_TYPE;
  std::string name;
  std::string_view condition = "duplicate_object";
  std::string table = {};
};

std::string shown(const Created& created) {
  return std::string(created.what) + (created.name.empty() ? "" : " " + quote_identifier(created.name));
}

Created created_by_definition(const DefineStmt& define) {
  std::string name(last_name(define.defnames));
  switch (define.kind) {
    case OBJECT_TYPE: return {"TYPE", OBJECT_TYPE, name};
    case OBJECT_OPERATOR: return {"OPERATOR", OBJECT_OPERATOR, name, "duplicate_function"};
    case OBJECT_AGGREGATE:
      if (define.replace) return {};
      return {"AGGREGATE", OBJECT_AGGREGATE, name, "duplicate_function"};
    case OBJECT_TSCONFIGURATION: return {"TEXT SEARCH CONFIGURATION", define.kind, name};
    case OBJECT_TSDICTIONARY: return {"TEXT SEARCH DICTIONARY", define.kind, name};
    default: return {};
  }
}

Created created(const Statement& statement) {
  auto text = [](const char* name) { return std::string(view(name)); };
  switch (statement.node->type) {
    case T_CreateEnumStmt:
      return {"TYPE", OBJECT_TYPE, std::string(last_name(statement.as<CreateEnumStmt>()->typeName))};
    case T_CreateRangeStmt:
      return {"TYPE", OBJECT_TYPE, std::string(last_name(statement.as<CreateRangeStmt>()->typeName))};
    case T_CompositeTypeStmt: return {"TYPE", OBJECT_TYPE, text(statement.as<CompositeTypeStmt>()->typevar->relname)};
    case T_CreateDomainStmt:
      return {"DOMAIN", OBJECT_DOMAIN, std::string(last_name(statement.as<CreateDomainStmt>()->domainname))};
    case T_CreateRoleStmt: return {"ROLE", OBJECT_ROLE, text(statement.as<CreateRoleStmt>()->role)};
    case T_CreatePublicationStmt:
      return {"PUBLICATION", OBJECT_PUBLICATION, text(statement.as<CreatePublicationStmt>()->pubname)};
    case T_CreateSubscriptionStmt:
      return {"SUBSCRIPTION", OBJECT_SUBSCRIPTION, text(statement.as<CreateSubscriptionStmt>()->subname)};
    case T_CreateEventTrigStmt:
      return {"EVENT TRIGGER", OBJECT_EVENT_TRIGGER, text(statement.as<CreateEventTrigStmt>()->trigname)};
    case T_CreateCastStmt: return {"CAST", OBJECT_CAST, ""};
    case T_CreateFdwStmt: return {"FOREIGN DATA WRAPPER", OBJECT_FDW, text(statement.as<CreateFdwStmt>()->fdwname)};
    case T_CreateTrigStmt: {
      auto* trigger = statement.as<CreateTrigStmt>();
      if (!trigger->isconstraint) return {};
      return {"CONSTRAINT TRIGGER", OBJECT_TRIGGER, text(trigger->trigname), "duplicate_object",
              text(trigger->relation->relname)};
    }
    case T_DefineStmt: return created_by_definition(*statement.as<DefineStmt>());
    default: return {};
  }
}

void check(const Statement& statement, Context& context) {
  if (!fails_again(context)) return;
  Created found = created(statement);
  if (found.what.empty()) return;
  if (!found.name.empty() && context.dropped_earlier(found.kind, found.name, found.table)) return;
  auto& finding = context.report(statement.span, "CREATE " + shown(found) + " fails when the file runs again");
  finding.help =
      "There is no CREATE " + std::string(found.what) +
      " with IF NOT EXISTS or OR REPLACE. Put it into a DO block that passes over what is there: DO $$ BEGIN ...; "
      "EXCEPTION WHEN " +
      std::string(found.condition) + " THEN NULL; END $$.";
  if (statement.as<CreateSubscriptionStmt>()) {
    finding.help =
        "There is no CREATE SUBSCRIPTION IF NOT EXISTS, and with a replication slot it cannot run in a DO block: make "
        "subscriptions outside the migrations.";
    return;
  }
  finding.fix = wrap_in_guard(statement, found.condition);
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "create-without-idempotent-form",
           .title = "CREATE TYPE, DOMAIN, ROLE, ... without a guard in a file that may run again",
           .category = Category::idempotency,
           .severity = Severity::warning,
           .why = R"(
Types, domains, roles, publications, subscriptions, operators, casts, event triggers, foreign data wrappers and constraint
triggers have neither `IF NOT EXISTS` nor `OR REPLACE`, on any version up to 18 (`CREATE OR REPLACE CONSTRAINT TRIGGER` is
refused with 0A000). A second run stops here with SQLSTATE 42710 (duplicate_object), for operators and aggregates 42723
(duplicate_function), and all that stands below in the file is not applied.

This rule looks only at layouts whose files may run twice. Select it by its id to have it everywhere.)",
           .instead = R"(
```sql
DO $$ BEGIN
  CREATE TYPE mood AS ENUM ('sad', 'happy');
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;
```

Name the one condition, never `others`. A type that is there keeps its old labels or columns. What nothing depends on yet
can also be dropped with `IF EXISTS` before it.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint);\nCREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS "
                    "'BEGIN RETURN NEW; END';",
           .bad =
               {{.sql = "CREATE TYPE mood AS ENUM ('sad', 'happy');"},
                {.sql =
                     "CREATE DOMAIN code AS text CHECK (VALUE <> '');\nCREATE TYPE point3 AS (x int, y int, z int);"},
                {.sql = "CREATE ROLE reporting NOLOGIN;"},
                {.sql = "CREATE CONSTRAINT TRIGGER t AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f();"},
                {.sql = "CREATE PUBLICATION changes FOR TABLE orders;"}},
           .good = {{.sql = "DO $$ BEGIN\n  CREATE TYPE mood AS ENUM ('sad', 'happy');\n"
                            "EXCEPTION WHEN duplicate_object THEN NULL;\nEND $$;"},
                    {.sql = "DROP TYPE IF EXISTS mood;\nCREATE TYPE mood AS ENUM ('sad', 'happy');"},
                    {.sql = "DO $$ BEGIN\n  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reporting') THEN\n"
                            "    CREATE ROLE reporting NOLOGIN;\n  END IF;\nEND $$;"},
                    {.sql = "DROP TRIGGER IF EXISTS t ON orders;\n"
                            "CREATE CONSTRAINT TRIGGER t AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f();"},
                    {.sql = "CREATE OR REPLACE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int);"}}},
      .nodes = {T_CreateEnumStmt, T_CreateRangeStmt, T_CompositeTypeStmt, T_CreateDomainStmt, T_CreateRoleStmt,
                T_CreatePublicationStmt, T_CreateSubscriptionStmt, T_CreateEventTrigStmt, T_CreateCastStmt,
                T_CreateFdwStmt, T_CreateTrigStmt, T_DefineStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::create_without_idempotent_form
