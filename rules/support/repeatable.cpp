// SPDX-License-Identifier: Apache-2.0
#include "rules/support/repeatable.h"

namespace pgrehearse {
namespace {

/// Commands that say how the table shall be, whatever it was before.
bool is_repeatable(const AlterTableCmd& command) {
  switch (command.subtype) {
    case AT_AddColumn:
    case AT_DropColumn:
    case AT_DropConstraint: return command.missing_ok;
    case AT_AddConstraint:
    case AT_AddIdentity:
    case AT_DropIdentity:
    case AT_AttachPartition:
    case AT_DetachPartition:
    case AT_DetachPartitionFinalize:
    case AT_AddInherit:
    case AT_DropInherit: return false;
    default: return true;
  }
}

}  // namespace

bool changes_schema(const Statement& statement) {
  switch (statement.node->type) {
    case T_SelectStmt:
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
    case T_CopyStmt:
    case T_TruncateStmt:
    case T_VariableSetStmt:
    case T_VariableShowStmt:
    case T_TransactionStmt:
    case T_ConstraintsSetStmt:
    case T_DiscardStmt:
    case T_CommentStmt:
    case T_GrantStmt:
    case T_GrantRoleStmt:
    case T_AlterDefaultPrivilegesStmt:
    case T_VacuumStmt:
    case T_ReindexStmt:
    case T_ClusterStmt:
    case T_RefreshMatViewStmt:
    case T_CheckPointStmt:
    case T_LockStmt:
    case T_NotifyStmt:
    case T_ListenStmt:
    case T_UnlistenStmt:
    case T_ExplainStmt:
    case T_DoStmt:
    case T_CallStmt:
    case T_LoadStmt: return false;
    default: return true;
  }
}

bool is_repeatable(const Statement& statement) {
  if (!changes_schema(statement)) {
    switch (statement.node->type) {
      case T_InsertStmt: return statement.as<InsertStmt>()->onConflictClause != nullptr;
      case T_CopyStmt: return false;
      default: return true;
    }
  }
  if (auto* index = statement.as<IndexStmt>()) return index->if_not_exists;
  if (auto* drop = statement.as<DropStmt>()) return drop->missing_ok;
  if (auto* create = statement.as<CreateStmt>()) return create->if_not_exists;
  if (auto* create = statement.as<CreateTableAsStmt>()) return create->if_not_exists;
  if (auto* create = statement.as<CreateSchemaStmt>()) return create->if_not_exists;
  if (auto* create = statement.as<CreateSeqStmt>()) return create->if_not_exists;
  if (auto* create = statement.as<CreateExtensionStmt>()) return create->if_not_exists;
  if (auto* create = statement.as<CreateStatsStmt>()) return create->if_not_exists;
  if (auto* create = statement.as<CreateFunctionStmt>()) return create->replace;
  if (auto* create = statement.as<CreateTrigStmt>()) return create->replace;
  if (auto* create = statement.as<ViewStmt>()) return create->replace;
  if (auto* create = statement.as<RuleStmt>()) return create->replace;
  if (auto* create = statement.as<DefineStmt>()) return create->replace || create->if_not_exists;
  if (auto* alter = statement.as<AlterEnumStmt>()) return alter->skipIfNewValExists;
  if (auto* alter = statement.as<AlterTableStmt>()) {
    for (const AlterTableCmd& command : each<AlterTableCmd>(alter->cmds)) {
      if (!is_repeatable(command)) return false;
    }
    return true;
  }
  switch (statement.node->type) {
    case T_AlterFunctionStmt:
    case T_AlterOwnerStmt:
    case T_AlterSeqStmt:
    case T_AlterRoleStmt:
    case T_AlterRoleSetStmt:
    case T_AlterDatabaseSetStmt:
    case T_AlterPolicyStmt:
    case T_AlterSystemStmt: return true;
    default: return false;
  }
}

}  // namespace pgrehearse
