// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/do_guards.h"

namespace pgrehearse::rules::do_guard_wrong_condition {
namespace {

struct Condition {
  std::string_view sqlstate;
  std::string_view name;
};
constexpr Condition duplicate_object = {"42710", "duplicate_object"};
constexpr Condition duplicate_table = {"42P07", "duplicate_table"};
constexpr Condition duplicate_column = {"42701", "duplicate_column"};
constexpr Condition duplicate_function = {"42723", "duplicate_function"};
constexpr Condition duplicate_schema = {"42P06", "duplicate_schema"};
constexpr Condition invalid_table_definition = {"42P16", "invalid_table_definition"};
constexpr Condition undefined_object = {"42704", "undefined_object"};

const Condition* of_alter(const AlterTableStmt& alter) {
  if (length(alter.cmds) != 1) return nullptr;
  auto* command = as<AlterTableCmd>(first(alter.cmds));
  if (command->subtype == AT_AddColumn) return command->missing_ok ? nullptr : &duplicate_column;
  auto* constraint = as<Constraint>(command->def);
  if (command->subtype != AT_AddConstraint || !constraint) return nullptr;
  if (constraint->indexname) return &undefined_object;
  switch (constraint->contype) {
    case CONSTR_CHECK:
    case CONSTR_FOREIGN: return constraint->conname ? &duplicate_object : nullptr;
    case CONSTR_UNIQUE:
    case CONSTR_EXCLUSION: return constraint->conname ? &duplicate_table : nullptr;
    case CONSTR_PRIMARY: return &invalid_table_definition;
    default: return nullptr;
  }
}

/// What the statement raises when its object is there already; nullptr: nothing, or it is not known.
const Condition* second_time(const Statement& statement) {
  switch (statement.node->type) {
    case T_CreateStmt: return statement.as<CreateStmt>()->if_not_exists ? nullptr : &duplicate_table;
    case T_CreateTableAsStmt: return statement.as<CreateTableAsStmt>()->if_not_exists ? nullptr : &duplicate_table;
    case T_CreateSeqStmt: return statement.as<CreateSeqStmt>()->if_not_exists ? nullptr : &duplicate_table;
    case T_ViewStmt: return statement.as<ViewStmt>()->replace ? nullptr : &duplicate_table;
    case T_IndexStmt: {
      auto* index = statement.as<IndexStmt>();
      return index->if_not_exists || !index->idxname ? nullptr : &duplicate_table;
    }
    case T_CreateSchemaStmt: return statement.as<CreateSchemaStmt>()->if_not_exists ? nullptr : &duplicate_schema;
    case T_CreateFunctionStmt: return statement.as<CreateFunctionStmt>()->replace ? nullptr : &duplicate_function;
    case T_CreateTrigStmt: return statement.as<CreateTrigStmt>()->replace ? nullptr : &duplicate_object;
    case T_CreateExtensionStmt: return statement.as<CreateExtensionStmt>()->if_not_exists ? nullptr : &duplicate_object;
    case T_CreateEnumStmt:
    case T_CreateRangeStmt:
    case T_CompositeTypeStmt:
    case T_CreateDomainStmt:
    case T_CreateRoleStmt:
    case T_CreatePolicyStmt:
    case T_CreatePublicationStmt: return &duplicate_object;
    case T_AlterEnumStmt: {
      auto* change = statement.as<AlterEnumStmt>();
      return change->oldVal || change->skipIfNewValExists ? nullptr : &duplicate_object;
    }
    case T_AlterTableStmt: return of_alter(*statement.as<AlterTableStmt>());
    default: return nullptr;
  }
}

constexpr std::string_view meant_for_duplicates[] = {"duplicate_object",   "42710", "duplicate_table",  "42P07",
                                                     "duplicate_column",   "42701", "duplicate_schema", "42P06",
                                                     "duplicate_function", "42723", "unique_violation", "23505"};

bool catches(const BodyHandler& handler, const Condition& condition) {
  return std::ranges::any_of(handler.conditions, [&](const std::string& caught) {
    bool whole_class = caught == "syntax_error_or_access_rule_violation" || caught == "42000";
    return caught == "others" || caught == condition.name || caught == condition.sqlstate || whole_class;
  });
}

bool is_guard(const BodyHandler& handler) {
  return std::ranges::any_of(handler.conditions, [](const std::string& caught) {
    return std::ranges::find(meant_for_duplicates, caught) != std::end(meant_for_duplicates);
  });
}

void check(const Statement& statement, Context& context) {
  auto body = body_of(statement);
  if (!body || body->language != "plpgsql") return;
  BodyOutline outline = plpgsql_outline(body->text);
  if (outline.handlers.empty() || outline.handlers.size() > 500) return;
  Parser parser;
  for (const BodyPiece& piece : outline.pieces) {
    if (!piece.caught || piece.kind != BodyPiece::Kind::statement) continue;
    auto parsed = parser.parse_piece(statement.source, piece.sql, piece.span.begin, &body->offsets, body->origin);
    const Condition* expected = parsed && parsed->node ? second_time(*parsed) : nullptr;
    if (!expected) continue;
    // Every WHEN around the statement counts, however far out.
    bool guard = false, caught = false;
    for (const BodyHandler& handler : outline.handlers) {
      if (!handler.block.contains(piece.span)) continue;
      guard |= is_guard(handler);
      caught |= catches(handler, *expected);
    }
    if (!guard || caught) continue;
    auto& finding = context.report(in_file(*body, piece.span),
                                   "the EXCEPTION clause does not catch what this statement raises "
                                   "when its object is there");
    finding.help = "Name " + std::string(expected->name) + " (SQLSTATE " + std::string(expected->sqlstate) + ").";
  }
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "do-guard-wrong-condition",
           .title = "An EXCEPTION clause that names another condition than the statement raises",
           .category = Category::idempotency,
           .severity = Severity::warning,
           .why = R"(
The guard looks right and never fires: the second run fails all the same. What says "it is there already" differs by kind,
on all versions:

| statement | condition |
|---|---|
| CREATE TABLE, INDEX, SEQUENCE, VIEW; ADD CONSTRAINT ... UNIQUE or EXCLUDE (their index is a relation) | duplicate_table |
| CREATE TYPE, DOMAIN, ROLE, POLICY, TRIGGER, EXTENSION; ADD VALUE; ADD CONSTRAINT ... CHECK or FOREIGN KEY | duplicate_object |
| ADD COLUMN | duplicate_column |
| CREATE FUNCTION, PROCEDURE | duplicate_function |
| CREATE SCHEMA | duplicate_schema |
| ADD PRIMARY KEY | invalid_table_definition |
| ADD CONSTRAINT ... USING INDEX | undefined_object |)",
           .instead = "The condition of the table above, or a guard that looks into the catalog first.",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint, code text);",
           .bad = {{.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE (code);\n"
                           "EXCEPTION WHEN duplicate_object THEN NULL;\nEND $$;"},
                   {.sql = "DO $$ BEGIN\n  CREATE TABLE carts (id bigint);\nEXCEPTION WHEN duplicate_object THEN "
                           "NULL;\nEND $$;"},
                   {.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD COLUMN note text;\n"
                           "EXCEPTION WHEN SQLSTATE '42710' THEN RAISE NOTICE 'there';\nEND $$;"},
                   {.sql =
                        "DO $$ BEGIN\n  CREATE TYPE mood AS ENUM ('sad');\n  ALTER TABLE orders ADD PRIMARY KEY (id);\n"
                        "EXCEPTION WHEN duplicate_object OR duplicate_table THEN NULL;\nEND $$;"}},
           .good = {{.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE (code);\n"
                            "EXCEPTION WHEN duplicate_object OR duplicate_table THEN NULL;\nEND $$;"},
                    {.sql = "DO $$ BEGIN\n  CREATE TYPE mood AS ENUM ('sad');\nEXCEPTION WHEN duplicate_object THEN "
                            "NULL;\nEND $$;"},
                    {.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD COLUMN note text;\n"
                            "EXCEPTION WHEN undefined_table THEN NULL;\nEND $$;"},
                    {.sql = "DO $$ BEGIN\n  CREATE TABLE IF NOT EXISTS carts (id bigint);\n"
                            "EXCEPTION WHEN duplicate_object THEN NULL;\nEND $$;"},
                    {.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD COLUMN note text;\nEXCEPTION WHEN SQLSTATE '42701' "
                            "THEN NULL;\n"
                            "END $$;"}}},
      .nodes = {T_DoStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::do_guard_wrong_condition
