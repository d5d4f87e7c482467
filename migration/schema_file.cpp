// SPDX-License-Identifier: Apache-2.0
#include "migration/schema_file.h"

#include <algorithm>

#include "sql/parser.h"
#include "sql/script.h"

namespace pgrehearse {
namespace {

/// Whether the statement is about roles, which a throw-away server does not have, or about the dump's own session.
bool is_for_production_only(const Statement& statement) {
  switch (statement.node->type) {
    case T_GrantStmt:
    case T_GrantRoleStmt:
    case T_AlterDefaultPrivilegesStmt:
    case T_AlterOwnerStmt:
    case T_CreateRoleStmt:
    case T_AlterRoleStmt:
    case T_CreateSubscriptionStmt: return true;
    case T_AlterTableStmt:
      for (const AlterTableCmd& command : each<AlterTableCmd>(statement.as<AlterTableStmt>()->cmds)) {
        if (command.subtype != AT_ChangeOwner) return false;
      }
      return true;
    case T_CommentStmt: return statement.as<CommentStmt>()->objtype == OBJECT_EXTENSION;
    case T_VariableSetStmt:
      // pg_dump of 17 and later sets it; older servers do not know it.
      return view(statement.as<VariableSetStmt>()->name) == "transaction_timeout";
    case T_CreateSchemaStmt: return view(statement.as<CreateSchemaStmt>()->schemaname) == "public";
    case T_CreatePolicyStmt:
      for (const RoleSpec& role : each<RoleSpec>(statement.as<CreatePolicyStmt>()->roles)) {
        if (role.roletype == ROLESPEC_CSTRING) return true;
      }
      return false;
    default: return false;
  }
}

}  // namespace

void start_from_schema(MigrationSet& set, const std::shared_ptr<const SourceFile>& file) {
  Migration schema;
  schema.description = "the schema that the migrations start from";
  schema.up = {file, {0, static_cast<uint32_t>(file->text().size())}, RunMode::statements, false};
  schema.context_only = true;
  set.migrations.insert(set.migrations.begin(), std::move(schema));
}

RehearsableSchema rehearsable_schema(const std::shared_ptr<const SourceFile>& file) {
  RehearsableSchema result;
  std::string text(file->text());
  Parser parser;
  Script script(file);
  for (const StatementSpan& span : script.statements()) {
    auto statement = parser.parse(script, span);
    if (!statement || !statement->node || !is_for_production_only(*statement)) continue;
    size_t end = span.span.end;
    if (end < text.size() && text[end] == ';') ++end;
    for (size_t i = span.span.begin; i < end; ++i) {
      if (text[i] != '\n') text[i] = ' ';
    }
    ++result.left_out;
  }
  result.file = std::make_shared<const SourceFile>(file->path(), std::move(text));
  return result;
}

}  // namespace pgrehearse
