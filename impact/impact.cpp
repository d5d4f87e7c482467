// SPDX-License-Identifier: Apache-2.0
#include "impact/impact.h"

#include <algorithm>

#include "impact/effects.h"
#include "sql/body.h"

namespace pgrehearse {
namespace {

void lock_statement_impact(const LockStmt& statement, Effects& effects) {
  for (const RangeVar& relation : each<RangeVar>(statement.relations)) {
    Target table = effects.target(relation);
    if (table.missing) return effects.fail("42P01");
    auto mode = static_cast<LockMode>(statement.mode);
    effects.lock_tree(table, mode, relation.inh);
    if (!table.state || table.state->kind != RelationKind::view) continue;
    for (RelationId id : table.state->reads) effects.lock(id, mode);
  }
}

void policy_impact(const RangeVar* relation, std::initializer_list<const Node*> expressions, Effects& effects) {
  if (!relation) return;
  Target table = effects.target(*relation);
  if (table.missing) return effects.fail("42P01");
  effects.lock(table, LockMode::access_exclusive);
  for (const Node* expression : expressions) {
    if (expression) mention_impact(expression, effects);
  }
}

/// What the statements of a DO block do is asked one by one; only what cannot be read is said here.
void do_impact(const Statement& statement, Effects& effects) {
  auto body = body_of(statement);
  if (!body || body->language != "plpgsql") return effects.unknown("what the DO block does is not known");
  for (const BodyPiece& piece : plpgsql_pieces(body->text)) {
    if (piece.kind == BodyPiece::Kind::execute) return effects.unknown("it executes SQL that is made at run time");
  }
}

void statistics_impact(const CreateStatsStmt& statement, Effects& effects) {
  for (const RangeVar& relation : each<RangeVar>(statement.relations)) {
    effects.lock(effects.target(relation), LockMode::share_update_exclusive);
  }
}

void sequence_owner_impact(const CreateSeqStmt& statement, Effects& effects) {
  for (const DefElem& option : each<DefElem>(statement.options)) {
    auto* names = as<List>(option.arg);
    if (view(option.defname) != "owned_by" || length(names) < 2) continue;
    auto part = [&](int i) {
      return std::string(string_value(static_cast<const Node*>(names->elements[i].ptr_value)));
    };
    int count = length(names);
    QualifiedName table{count > 2 ? part(count - 3) : std::string(), part(count - 2)};
    effects.lock(effects.target(table), LockMode::access_share);
  }
}

void dispatch(const Statement& statement, const Node* node, Effects& effects) {
  switch (node->type) {
    case T_AlterTableStmt: return alter_table_impact(*as<AlterTableStmt>(node), effects);
    case T_IndexStmt: return create_index_impact(*as<IndexStmt>(node), effects);
    case T_ReindexStmt: return reindex_impact(*as<ReindexStmt>(node), effects);
    case T_ClusterStmt: return cluster_impact(*as<ClusterStmt>(node), effects);
    case T_VacuumStmt: return vacuum_impact(*as<VacuumStmt>(node), effects);
    case T_DropStmt: return drop_impact(*as<DropStmt>(node), effects);
    case T_TruncateStmt: return truncate_impact(*as<TruncateStmt>(node), effects);
    case T_CreateStmt: return create_table_impact(*as<CreateStmt>(node), effects);
    case T_CreateForeignTableStmt: return create_table_impact(as<CreateForeignTableStmt>(node)->base, effects);
    case T_CreateTableAsStmt: return create_as_impact(*as<CreateTableAsStmt>(node), effects);
    case T_ViewStmt: return create_view_impact(*as<ViewStmt>(node), effects);
    case T_RefreshMatViewStmt: return refresh_impact(*as<RefreshMatViewStmt>(node), effects);
    case T_RenameStmt: return rename_impact(*as<RenameStmt>(node), effects);
    case T_AlterObjectSchemaStmt: return set_schema_impact(*as<AlterObjectSchemaStmt>(node), effects);
    case T_AlterObjectDependsStmt: {
      auto* depends = reinterpret_cast<const AlterObjectDependsStmt*>(node);
      if (!depends->relation) return;
      QualifiedName name = qualified_name(*depends->relation);
      if (auto index = effects.state.index(name)) return effects.lock(index.index->id, LockMode::access_exclusive);
      return effects.lock(effects.target(name), LockMode::access_exclusive);
    }
    case T_AlterDomainStmt: return domain_impact(*as<AlterDomainStmt>(node), effects);
    case T_AlterSeqStmt: return sequence_impact(*as<AlterSeqStmt>(node), effects);
    case T_CreateSeqStmt: return sequence_owner_impact(*as<CreateSeqStmt>(node), effects);
    case T_CommentStmt: return comment_impact(*as<CommentStmt>(node), effects);
    case T_GrantStmt: return grant_impact(*as<GrantStmt>(node), effects);
    case T_CreatePublicationStmt:
    case T_AlterPublicationStmt: return publication_impact(node, effects);
    case T_CreateTrigStmt: return trigger_impact(*as<CreateTrigStmt>(node), effects);
    case T_CreatePolicyStmt: {
      auto* policy = as<CreatePolicyStmt>(node);
      return policy_impact(policy->table, {policy->qual, policy->with_check}, effects);
    }
    case T_AlterPolicyStmt: {
      auto* policy = as<AlterPolicyStmt>(node);
      return policy_impact(policy->table, {policy->qual, policy->with_check}, effects);
    }
    case T_RuleStmt: {
      auto* rule = as<RuleStmt>(node);
      policy_impact(rule->relation, {}, effects);
      for (const Node& action : each<Node>(rule->actions)) analyze_impact(&action, effects);
      return;
    }
    case T_DiscardStmt:
      if (as<DiscardStmt>(node)->target == DISCARD_ALL) effects.refuses_transaction();
      return;
    case T_CreateFunctionStmt: return create_function_impact(statement, effects);
    case T_CreateStatsStmt: return statistics_impact(*as<CreateStatsStmt>(node), effects);
    case T_LockStmt: return lock_statement_impact(*as<LockStmt>(node), effects);
    case T_CreateSchemaStmt:
      for (const Node& element : each<Node>(as<CreateSchemaStmt>(node)->schemaElts)) {
        // Its other elements stand on what it creates itself.
        if (element.type == T_CreateStmt) dispatch(statement, &element, effects);
      }
      return;
    case T_SelectStmt:
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt: return query_impact(node, effects);
    case T_CopyStmt: return copy_impact(*as<CopyStmt>(node), effects);
    case T_ExplainStmt: {
      auto* explain = as<ExplainStmt>(node);
      for (const DefElem& option : each<DefElem>(explain->options)) {
        if (view(option.defname) == "analyze" && option_is_on(option))
          return dispatch(statement, explain->query, effects);
      }
      return plan_impact(explain->query, effects);
    }
    case T_PrepareStmt: return rewrite_query_impact(as<PrepareStmt>(node)->query, effects);
    case T_DeclareCursorStmt: return plan_impact(as<DeclareCursorStmt>(node)->query, effects);
    case T_CreatedbStmt:
    case T_DropdbStmt:
    case T_CreateTableSpaceStmt:
    case T_DropTableSpaceStmt:
    case T_AlterSystemStmt: return static_cast<void>(effects.refuses_transaction());
    case T_DoStmt: return do_impact(statement, effects);
    case T_CallStmt: return effects.unknown("what the procedure does is not known");
    case T_ExecuteStmt: return effects.unknown("what the prepared statement does is not known");
    case T_ReassignOwnedStmt:
    case T_DropOwnedStmt: return effects.unknown("which relations the role owns is not known");
    case T_AlterTableMoveAllStmt: return effects.unknown("which relations the tablespace holds is not known");
    case T_AlterExtensionStmt: return effects.unknown("what the extension's script does is not known");
    default: return;
  }
}

}  // namespace

Impact impact(const Statement& statement, const SchemaState& state, int pg_version) {
  Effects effects(state, pg_version);
  if (statement.node) dispatch(statement, statement.node, effects);
  return effects.finish();
}

}  // namespace pgrehearse
