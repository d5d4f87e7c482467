// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/neighbours.h"
#include "sql/body.h"

namespace pgrehearse::rules::enum_value_used_in_same_transaction {
namespace {

struct NewLabel {
  QualifiedName type;  ///< resolved as far as known
  std::string label;
  std::vector<QualifiedName> tables;  ///< with a column of that type
};

/// Whether the statement evaluates the label as a value of that type.
bool uses(const Statement& statement, const NewLabel& value, const Context& context) {
  switch (statement.node->type) {
    case T_AlterEnumStmt:
    case T_CommentStmt:
    case T_CreateEnumStmt:
    case T_VariableSetStmt: return false;
    case T_CreateFunctionStmt: return false;  // PL/pgSQL looks at its body when it runs
    default: break;
  }
  if (statement.text.find(value.label) == std::string_view::npos) return false;
  bool table_of_type = false, cast_to_type = false, constant = false;
  for (const Node* node : all_nodes(statement.node)) {
    if (auto* cast = as<TypeCast>(node)) {
      auto* inner = as<A_Const>(cast->arg);
      bool same =
          inner && !inner->isnull && inner->val.node.type == T_String && view(inner->val.sval.sval) == value.label;
      cast_to_type |= same && last_name(cast->typeName->names) == value.type.name;
    } else if (auto* literal = as<A_Const>(node)) {
      constant |= !literal->isnull && literal->val.node.type == T_String && view(literal->val.sval.sval) == value.label;
    } else if (auto* relation = as<RangeVar>(node)) {
      QualifiedName name = context.state().resolve(qualified_name(*relation));
      table_of_type |= std::ranges::find(value.tables, name) != value.tables.end();
    }
  }
  return cast_to_type || (constant && table_of_type);
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  auto* alter = statement.as<AlterEnumStmt>();
  if (!alter || alter->oldVal || !alter->newVal || !is_in_transaction(statement, context)) return;
  QualifiedName written = qualified_name(alter->typeName);
  NewLabel value{.type = written, .label = alter->newVal, .tables = {}};
  if (auto* type = context.state().type(written)) {
    if (std::ranges::find(type->labels, value.label) != type->labels.end()) return;  // it is there already
    // PostgreSQL 17 and later know that nobody else can have seen a type of this transaction.
    if (context.settings().pg_version >= 17 && type->created_in == context.state().migration()) return;
    value.type = type->name;
    for (const auto& use : context.state().uses_of(type->name)) value.tables.push_back(use.table->name);
  }
  Span used;
  auto look = [&](const Statement& later) {
    if (auto* transaction = later.as<TransactionStmt>()) {
      return transaction->kind == TRANS_STMT_COMMIT || transaction->kind == TRANS_STMT_ROLLBACK;
    }
    if (auto* create = later.as<CreateStmt>()) {
      // A column of that type in a table that comes after the label.
      for (const ColumnDef& column : each<ColumnDef>(create->tableElts)) {
        if (column.typeName && last_name(column.typeName->names) == value.type.name) {
          value.tables.push_back(context.state().resolve(qualified_name(*create->relation)));
          break;
        }
      }
    }
    bool found = uses(later, value, context);
    if (auto body = body_of(later); !found && body && body->origin == Origin::do_block) {
      Parser parser;
      for_each_statement_in(
          *body, later.source, parser,
          [&](const Statement& inner, const BodyPiece&) { found = found || uses(inner, value, context); },
          [](const SyntaxError&) {});
    }
    if (found) used = later.span;
    return found;
  };
  any_later(statement, context, look);
  if (used.empty()) return;
  auto& finding =
      context.report(used, "the enum value '" + value.label + "' is used in the transaction that adds it, which fails");
  finding.help =
      "Add the value in a migration of its own, before this one: a new value can be used once its transaction is "
      "committed.";
  finding.related.push_back({finding.file, statement.span, "adds the value"});
}

Rule rule() {
  return {
      .info =
          {.id = "enum-value-used-in-same-transaction",
           .title = "A new enum value is used in the transaction that adds it",
           .category = Category::transactions,
           .severity = Severity::error,
           .why = R"(
`ALTER TYPE ... ADD VALUE` may run inside a transaction, but the new value must not be used before that is committed (SQLSTATE
55P04): not in an INSERT or UPDATE, a DEFAULT, a CHECK, an index predicate, a view, nor in a query. Most tools open a
transaction around each file.

It is allowed when the type itself was created in the same transaction: values of CREATE TYPE on every version, added ones since
PostgreSQL 17.)",
           .instead = R"(
Two migrations: one that adds the value, one that uses it.)",
           .since = "0.1.0",
           .setup = "CREATE TYPE mood AS ENUM ('sad', 'ok');\nCREATE TABLE people (id bigint, mood mood, note text);\n"
                    "CREATE TABLE notes (note text);",
           .bad = {{.sql = "ALTER TYPE mood ADD VALUE 'happy';\nUPDATE people SET mood = 'happy' WHERE id = 1;",
                    .sqlstate = "55P04"},
                   {.sql = "ALTER TYPE mood ADD VALUE 'happy' BEFORE 'ok';\nSELECT 'happy'::public.mood;",
                    .sqlstate = "55P04"},
                   {.sql = "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'happy';\n"
                           "ALTER TABLE people ALTER COLUMN mood SET DEFAULT 'happy';",
                    .sqlstate = "55P04"},
                   {.sql = "ALTER TYPE mood ADD VALUE 'happy';\n"
                           "DO $$ BEGIN\n  INSERT INTO people VALUES (1, 'happy');\nEND $$;",
                    .sqlstate = "55P04"},
                   {.sql = "CREATE TYPE size AS ENUM ('s');\nALTER TYPE size ADD VALUE 'm';\nSELECT 'm'::size;",
                    .pg_version = 16}},
           .good =
               {{.sql = "ALTER TYPE mood ADD VALUE 'happy';\nALTER TABLE people ADD COLUMN other mood;"},
                {.sql = "ALTER TYPE mood ADD VALUE 'happy';\nUPDATE people SET mood = 'happy' WHERE id = 1;",
                 .in_transaction = false},
                {.sql = "ALTER TYPE mood ADD VALUE 'happy';\nINSERT INTO notes VALUES ('happy');"},
                {.sql = "CREATE TYPE size AS ENUM ('s');\nALTER TYPE size ADD VALUE 'm';\nSELECT 'm'::size;",
                 .min_server = 17,
                 .pg_version = 17},
                {.sql =
                     "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';\nUPDATE people SET mood = 'fine' WHERE id = 1;"}}},
      .nodes = {T_AlterEnumStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::enum_value_used_in_same_transaction
