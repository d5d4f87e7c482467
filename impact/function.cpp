// SPDX-License-Identifier: Apache-2.0
// CREATE FUNCTION: the validator of LANGUAGE sql analyzes the body (fmgr_sql_validator() in pg_proc.c).
#include "impact/effects.h"
#include "sql/body.h"

namespace pgrehearse {

void create_function_impact(const Statement& statement, Effects& effects) {
  auto* function = statement.as<CreateFunctionStmt>();
  if (function->sql_body) return rewrite_query_impact(function->sql_body, effects);
  if (effects.state.setting("check_function_bodies").value_or("on") == "off") return;
  auto body = body_of(statement);
  if (!body || body->language != "sql") return;
  Parser parser;
  for_each_statement_in(
      *body, statement.source, parser,
      [&](const Statement& inner, const BodyPiece&) {
        // COPY, DDL and the like are not looked into before they run.
        bool query = inner.as<SelectStmt>() || inner.as<InsertStmt>() || inner.as<UpdateStmt>() ||
                     inner.as<DeleteStmt>() || inner.as<MergeStmt>();
        if (query) rewrite_query_impact(inner.node, effects);
      },
      [](const SyntaxError&) {});
}

}  // namespace pgrehearse
