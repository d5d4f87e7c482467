// SPDX-License-Identifier: Apache-2.0
// Which fields of each node type hold further nodes. PostgreSQL's own raw_expression_tree_walker recurses and knows no
// DDL; this one keeps its own stack, so that a chain of a million operators is read like a short one.
#include "sql/nodes.h"

namespace pgrehearse {

void NodeWalk::add_children(const Node* node) {
  switch (node->type) {
    case T_List:
      for (int i = 0; i < length(reinterpret_cast<const List*>(node)); ++i) {
        add(static_cast<const Node*>(reinterpret_cast<const List*>(node)->elements[i].ptr_value));
      }
      break;
    case T_A_ArrayExpr: {
      auto* n = reinterpret_cast<const A_ArrayExpr*>(node);
      add(n->elements);
      break;
    }
    case T_A_Expr: {
      auto* n = reinterpret_cast<const A_Expr*>(node);
      add(n->name);
      add(n->lexpr);
      add(n->rexpr);
      break;
    }
    case T_A_Indices: {
      auto* n = reinterpret_cast<const A_Indices*>(node);
      add(n->lidx);
      add(n->uidx);
      break;
    }
    case T_A_Indirection: {
      auto* n = reinterpret_cast<const A_Indirection*>(node);
      add(n->arg);
      add(n->indirection);
      break;
    }
    case T_AlterDatabaseSetStmt: {
      auto* n = reinterpret_cast<const AlterDatabaseSetStmt*>(node);
      add(n->setstmt);
      break;
    }
    case T_AlterDefaultPrivilegesStmt: {
      auto* n = reinterpret_cast<const AlterDefaultPrivilegesStmt*>(node);
      add(n->action);
      add(n->options);
      break;
    }
    case T_AlterDomainStmt: {
      auto* n = reinterpret_cast<const AlterDomainStmt*>(node);
      add(n->def);
      break;
    }
    case T_AlterForeignServerStmt: {
      auto* n = reinterpret_cast<const AlterForeignServerStmt*>(node);
      add(n->options);
      break;
    }
    case T_AlterFunctionStmt: {
      auto* n = reinterpret_cast<const AlterFunctionStmt*>(node);
      add(n->actions);
      break;
    }
    case T_AlterObjectSchemaStmt: {
      auto* n = reinterpret_cast<const AlterObjectSchemaStmt*>(node);
      add(n->relation);
      break;
    }
    case T_AlterPolicyStmt: {
      auto* n = reinterpret_cast<const AlterPolicyStmt*>(node);
      add(n->table);
      add(n->roles);
      add(n->qual);
      add(n->with_check);
      break;
    }
    case T_AlterPublicationStmt: {
      auto* n = reinterpret_cast<const AlterPublicationStmt*>(node);
      add(n->pubobjects);
      add(n->options);
      break;
    }
    case T_AlterRoleSetStmt: {
      auto* n = reinterpret_cast<const AlterRoleSetStmt*>(node);
      add(n->setstmt);
      break;
    }
    case T_AlterRoleStmt: {
      auto* n = reinterpret_cast<const AlterRoleStmt*>(node);
      add(n->options);
      break;
    }
    case T_AlterSeqStmt: {
      auto* n = reinterpret_cast<const AlterSeqStmt*>(node);
      add(n->sequence);
      add(n->options);
      break;
    }
    case T_AlterSubscriptionStmt: {
      auto* n = reinterpret_cast<const AlterSubscriptionStmt*>(node);
      add(n->options);
      break;
    }
    case T_AlterSystemStmt: {
      auto* n = reinterpret_cast<const AlterSystemStmt*>(node);
      add(n->setstmt);
      break;
    }
    case T_AlterTableCmd: {
      auto* n = reinterpret_cast<const AlterTableCmd*>(node);
      add(n->def);
      break;
    }
    case T_AlterTableStmt: {
      auto* n = reinterpret_cast<const AlterTableStmt*>(node);
      add(n->relation);
      add(n->cmds);
      break;
    }
    case T_AlterUserMappingStmt: {
      auto* n = reinterpret_cast<const AlterUserMappingStmt*>(node);
      add(n->options);
      break;
    }
    case T_BooleanTest: {
      auto* n = reinterpret_cast<const BooleanTest*>(node);
      add(n->arg);
      break;
    }
    case T_BoolExpr: {
      auto* n = reinterpret_cast<const BoolExpr*>(node);
      add(n->args);
      break;
    }
    case T_CallStmt: {
      auto* n = reinterpret_cast<const CallStmt*>(node);
      add(n->funccall);
      break;
    }
    case T_CaseExpr: {
      auto* n = reinterpret_cast<const CaseExpr*>(node);
      add(n->arg);
      add(n->args);
      add(n->defresult);
      break;
    }
    case T_CaseWhen: {
      auto* n = reinterpret_cast<const CaseWhen*>(node);
      add(n->expr);
      add(n->result);
      break;
    }
    case T_ClusterStmt: {
      auto* n = reinterpret_cast<const ClusterStmt*>(node);
      add(n->relation);
      break;
    }
    case T_CoalesceExpr: {
      auto* n = reinterpret_cast<const CoalesceExpr*>(node);
      add(n->args);
      break;
    }
    case T_CollateClause: {
      auto* n = reinterpret_cast<const CollateClause*>(node);
      add(n->arg);
      break;
    }
    case T_ColumnDef: {
      auto* n = reinterpret_cast<const ColumnDef*>(node);
      add(n->typeName);
      add(n->raw_default);
      add(n->constraints);
      break;
    }
    case T_CommentStmt: {
      auto* n = reinterpret_cast<const CommentStmt*>(node);
      add(n->object);
      break;
    }
    case T_CommonTableExpr: {
      auto* n = reinterpret_cast<const CommonTableExpr*>(node);
      add(n->ctequery);
      break;
    }
    case T_CompositeTypeStmt: {
      auto* n = reinterpret_cast<const CompositeTypeStmt*>(node);
      add(n->typevar);
      add(n->coldeflist);
      break;
    }
    case T_Constraint: {
      auto* n = reinterpret_cast<const Constraint*>(node);
      add(n->raw_expr);
      add(n->exclusions);
      add(n->pktable);
      add(n->options);
      add(n->where_clause);
      break;
    }
    case T_CopyStmt: {
      auto* n = reinterpret_cast<const CopyStmt*>(node);
      add(n->relation);
      add(n->query);
      add(n->options);
      add(n->whereClause);
      break;
    }
    case T_CreateDomainStmt: {
      auto* n = reinterpret_cast<const CreateDomainStmt*>(node);
      add(n->typeName);
      add(n->constraints);
      break;
    }
    case T_CreateEventTrigStmt: {
      auto* n = reinterpret_cast<const CreateEventTrigStmt*>(node);
      add(n->whenclause);
      break;
    }
    case T_CreateExtensionStmt: {
      auto* n = reinterpret_cast<const CreateExtensionStmt*>(node);
      add(n->options);
      break;
    }
    case T_CreateForeignServerStmt: {
      auto* n = reinterpret_cast<const CreateForeignServerStmt*>(node);
      add(n->options);
      break;
    }
    case T_CreateForeignTableStmt: {
      auto* n = reinterpret_cast<const CreateForeignTableStmt*>(node);
      add(n->base.relation);
      add(n->base.tableElts);
      add(n->base.inhRelations);
      add(n->base.partbound);
      add(n->base.constraints);
      add(n->options);
      break;
    }
    case T_CreateFunctionStmt: {
      auto* n = reinterpret_cast<const CreateFunctionStmt*>(node);
      add(n->parameters);
      add(n->returnType);
      add(n->options);
      add(n->sql_body);
      break;
    }
    case T_CreatePolicyStmt: {
      auto* n = reinterpret_cast<const CreatePolicyStmt*>(node);
      add(n->table);
      add(n->roles);
      add(n->qual);
      add(n->with_check);
      break;
    }
    case T_CreatePublicationStmt: {
      auto* n = reinterpret_cast<const CreatePublicationStmt*>(node);
      add(n->pubobjects);
      add(n->options);
      break;
    }
    case T_CreateRoleStmt: {
      auto* n = reinterpret_cast<const CreateRoleStmt*>(node);
      add(n->options);
      break;
    }
    case T_CreateSchemaStmt: {
      auto* n = reinterpret_cast<const CreateSchemaStmt*>(node);
      add(n->schemaElts);
      break;
    }
    case T_CreateSeqStmt: {
      auto* n = reinterpret_cast<const CreateSeqStmt*>(node);
      add(n->sequence);
      add(n->options);
      break;
    }
    case T_CreateStatsStmt: {
      auto* n = reinterpret_cast<const CreateStatsStmt*>(node);
      add(n->exprs);
      add(n->relations);
      break;
    }
    case T_CreateStmt: {
      auto* n = reinterpret_cast<const CreateStmt*>(node);
      add(n->relation);
      add(n->tableElts);
      add(n->inhRelations);
      add(n->partbound);
      add(n->partspec);
      add(n->ofTypename);
      add(n->constraints);
      add(n->options);
      break;
    }
    case T_CreateSubscriptionStmt: {
      auto* n = reinterpret_cast<const CreateSubscriptionStmt*>(node);
      add(n->options);
      break;
    }
    case T_CreateTableAsStmt: {
      auto* n = reinterpret_cast<const CreateTableAsStmt*>(node);
      add(n->query);
      add(n->into);
      break;
    }
    case T_CreateTrigStmt: {
      auto* n = reinterpret_cast<const CreateTrigStmt*>(node);
      add(n->relation);
      add(n->whenClause);
      add(n->constrrel);
      break;
    }
    case T_CreateUserMappingStmt: {
      auto* n = reinterpret_cast<const CreateUserMappingStmt*>(node);
      add(n->options);
      break;
    }
    case T_DeclareCursorStmt: {
      auto* n = reinterpret_cast<const DeclareCursorStmt*>(node);
      add(n->query);
      break;
    }
    case T_DefElem: {
      auto* n = reinterpret_cast<const DefElem*>(node);
      add(n->arg);
      break;
    }
    case T_DeleteStmt: {
      auto* n = reinterpret_cast<const DeleteStmt*>(node);
      add(n->relation);
      add(n->usingClause);
      add(n->whereClause);
      add(n->withClause);
      break;
    }
    case T_DoStmt: {
      auto* n = reinterpret_cast<const DoStmt*>(node);
      add(n->args);
      break;
    }
    case T_ExecuteStmt: {
      auto* n = reinterpret_cast<const ExecuteStmt*>(node);
      add(n->params);
      break;
    }
    case T_ExplainStmt: {
      auto* n = reinterpret_cast<const ExplainStmt*>(node);
      add(n->query);
      break;
    }
    case T_FuncCall: {
      auto* n = reinterpret_cast<const FuncCall*>(node);
      add(n->args);
      add(n->agg_order);
      add(n->agg_filter);
      add(n->over);
      break;
    }
    case T_FunctionParameter: {
      auto* n = reinterpret_cast<const FunctionParameter*>(node);
      add(n->argType);
      add(n->defexpr);
      break;
    }
    case T_GrantRoleStmt: {
      auto* n = reinterpret_cast<const GrantRoleStmt*>(node);
      add(n->granted_roles);
      add(n->grantee_roles);
      add(n->opt);
      break;
    }
    case T_GrantStmt: {
      auto* n = reinterpret_cast<const GrantStmt*>(node);
      add(n->objects);
      add(n->privileges);
      add(n->grantees);
      break;
    }
    case T_GroupingFunc: {
      auto* n = reinterpret_cast<const GroupingFunc*>(node);
      add(n->args);
      break;
    }
    case T_GroupingSet: {
      auto* n = reinterpret_cast<const GroupingSet*>(node);
      add(n->content);
      break;
    }
    case T_IndexElem: {
      auto* n = reinterpret_cast<const IndexElem*>(node);
      add(n->expr);
      break;
    }
    case T_IndexStmt: {
      auto* n = reinterpret_cast<const IndexStmt*>(node);
      add(n->relation);
      add(n->indexParams);
      add(n->indexIncludingParams);
      add(n->options);
      add(n->whereClause);
      break;
    }
    case T_InferClause: {
      auto* n = reinterpret_cast<const InferClause*>(node);
      add(n->indexElems);
      add(n->whereClause);
      break;
    }
    case T_InsertStmt: {
      auto* n = reinterpret_cast<const InsertStmt*>(node);
      add(n->relation);
      add(n->cols);
      add(n->selectStmt);
      add(n->onConflictClause);
      add(n->withClause);
      break;
    }
    case T_IntoClause: {
      auto* n = reinterpret_cast<const IntoClause*>(node);
      add(n->rel);
      add(n->viewQuery);
      break;
    }
    case T_JoinExpr: {
      auto* n = reinterpret_cast<const JoinExpr*>(node);
      add(n->larg);
      add(n->rarg);
      add(n->quals);
      break;
    }
    case T_LockingClause: {
      auto* n = reinterpret_cast<const LockingClause*>(node);
      add(n->lockedRels);
      break;
    }
    case T_LockStmt: {
      auto* n = reinterpret_cast<const LockStmt*>(node);
      add(n->relations);
      break;
    }
    case T_MergeStmt: {
      auto* n = reinterpret_cast<const MergeStmt*>(node);
      add(n->relation);
      add(n->sourceRelation);
      add(n->joinCondition);
      add(n->mergeWhenClauses);
      add(n->withClause);
      break;
    }
    case T_MergeWhenClause: {
      auto* n = reinterpret_cast<const MergeWhenClause*>(node);
      add(n->condition);
      add(n->targetList);
      add(n->values);
      break;
    }
    case T_MinMaxExpr: {
      auto* n = reinterpret_cast<const MinMaxExpr*>(node);
      add(n->args);
      break;
    }
    case T_MultiAssignRef: {
      auto* n = reinterpret_cast<const MultiAssignRef*>(node);
      add(n->source);
      break;
    }
    case T_NamedArgExpr: {
      auto* n = reinterpret_cast<const NamedArgExpr*>(node);
      add(n->arg);
      break;
    }
    case T_NullTest: {
      auto* n = reinterpret_cast<const NullTest*>(node);
      add(n->arg);
      break;
    }
    case T_OnConflictClause: {
      auto* n = reinterpret_cast<const OnConflictClause*>(node);
      add(n->infer);
      add(n->targetList);
      add(n->whereClause);
      break;
    }
    case T_PartitionBoundSpec: {
      auto* n = reinterpret_cast<const PartitionBoundSpec*>(node);
      add(n->listdatums);
      add(n->lowerdatums);
      add(n->upperdatums);
      break;
    }
    case T_PartitionCmd: {
      auto* n = reinterpret_cast<const PartitionCmd*>(node);
      add(n->name);
      add(n->bound);
      break;
    }
    case T_PartitionElem: {
      auto* n = reinterpret_cast<const PartitionElem*>(node);
      add(n->expr);
      break;
    }
    case T_PartitionSpec: {
      auto* n = reinterpret_cast<const PartitionSpec*>(node);
      add(n->partParams);
      break;
    }
    case T_PrepareStmt: {
      auto* n = reinterpret_cast<const PrepareStmt*>(node);
      add(n->query);
      break;
    }
    case T_PublicationObjSpec: {
      auto* n = reinterpret_cast<const PublicationObjSpec*>(node);
      add(n->pubtable);
      break;
    }
    case T_PublicationTable: {
      auto* n = reinterpret_cast<const PublicationTable*>(node);
      add(n->relation);
      add(n->whereClause);
      break;
    }
    case T_RangeFunction: {
      auto* n = reinterpret_cast<const RangeFunction*>(node);
      add(n->functions);
      break;
    }
    case T_RangeSubselect: {
      auto* n = reinterpret_cast<const RangeSubselect*>(node);
      add(n->subquery);
      break;
    }
    case T_RangeTableFunc: {
      auto* n = reinterpret_cast<const RangeTableFunc*>(node);
      add(n->docexpr);
      add(n->rowexpr);
      add(n->columns);
      break;
    }
    case T_RangeTableFuncCol: {
      auto* n = reinterpret_cast<const RangeTableFuncCol*>(node);
      add(n->colexpr);
      add(n->coldefexpr);
      break;
    }
    case T_RangeTableSample: {
      auto* n = reinterpret_cast<const RangeTableSample*>(node);
      add(n->relation);
      add(n->args);
      add(n->repeatable);
      break;
    }
    case T_RawStmt: {
      auto* n = reinterpret_cast<const RawStmt*>(node);
      add(n->stmt);
      break;
    }
    case T_RefreshMatViewStmt: {
      auto* n = reinterpret_cast<const RefreshMatViewStmt*>(node);
      add(n->relation);
      break;
    }
    case T_ReindexStmt: {
      auto* n = reinterpret_cast<const ReindexStmt*>(node);
      add(n->relation);
      add(n->params);
      break;
    }
    case T_RenameStmt: {
      auto* n = reinterpret_cast<const RenameStmt*>(node);
      add(n->relation);
      break;
    }
    case T_ResTarget: {
      auto* n = reinterpret_cast<const ResTarget*>(node);
      add(n->indirection);
      add(n->val);
      break;
    }
    case T_ReturnStmt: {
      auto* n = reinterpret_cast<const ReturnStmt*>(node);
      add(n->returnval);
      break;
    }
    case T_RowExpr: {
      auto* n = reinterpret_cast<const RowExpr*>(node);
      add(n->args);
      break;
    }
    case T_RuleStmt: {
      auto* n = reinterpret_cast<const RuleStmt*>(node);
      add(n->relation);
      add(n->whereClause);
      add(n->actions);
      break;
    }
    case T_SelectStmt: {
      auto* n = reinterpret_cast<const SelectStmt*>(node);
      add(n->distinctClause);
      add(n->intoClause);
      add(n->targetList);
      add(n->fromClause);
      add(n->whereClause);
      add(n->groupClause);
      add(n->havingClause);
      add(n->windowClause);
      add(n->valuesLists);
      add(n->sortClause);
      add(n->limitOffset);
      add(n->limitCount);
      add(n->lockingClause);
      add(n->withClause);
      add(n->larg);
      add(n->rarg);
      break;
    }
    case T_SortBy: {
      auto* n = reinterpret_cast<const SortBy*>(node);
      add(n->node);
      break;
    }
    case T_StatsElem: {
      auto* n = reinterpret_cast<const StatsElem*>(node);
      add(n->expr);
      break;
    }
    case T_SubLink: {
      auto* n = reinterpret_cast<const SubLink*>(node);
      add(n->testexpr);
      add(n->subselect);
      break;
    }
    case T_TableLikeClause: {
      auto* n = reinterpret_cast<const TableLikeClause*>(node);
      add(n->relation);
      break;
    }
    case T_TruncateStmt: {
      auto* n = reinterpret_cast<const TruncateStmt*>(node);
      add(n->relations);
      break;
    }
    case T_TypeCast: {
      auto* n = reinterpret_cast<const TypeCast*>(node);
      add(n->arg);
      add(n->typeName);
      break;
    }
    case T_TypeName: {
      auto* n = reinterpret_cast<const TypeName*>(node);
      add(n->typmods);
      break;
    }
    case T_UpdateStmt: {
      auto* n = reinterpret_cast<const UpdateStmt*>(node);
      add(n->relation);
      add(n->targetList);
      add(n->whereClause);
      add(n->fromClause);
      add(n->withClause);
      break;
    }
    case T_VacuumRelation: {
      auto* n = reinterpret_cast<const VacuumRelation*>(node);
      add(n->relation);
      break;
    }
    case T_VacuumStmt: {
      auto* n = reinterpret_cast<const VacuumStmt*>(node);
      add(n->options);
      add(n->rels);
      break;
    }
    case T_VariableSetStmt: {
      auto* n = reinterpret_cast<const VariableSetStmt*>(node);
      add(n->args);
      break;
    }
    case T_ViewStmt: {
      auto* n = reinterpret_cast<const ViewStmt*>(node);
      add(n->view);
      add(n->query);
      add(n->options);
      break;
    }
    case T_WindowDef: {
      auto* n = reinterpret_cast<const WindowDef*>(node);
      add(n->partitionClause);
      add(n->orderClause);
      add(n->startOffset);
      add(n->endOffset);
      break;
    }
    case T_WithClause: {
      auto* n = reinterpret_cast<const WithClause*>(node);
      add(n->ctes);
      break;
    }
    case T_XmlExpr: {
      auto* n = reinterpret_cast<const XmlExpr*>(node);
      add(n->named_args);
      add(n->args);
      break;
    }
    case T_XmlSerialize: {
      auto* n = reinterpret_cast<const XmlSerialize*>(node);
      add(n->expr);
      break;
    }
    default: break;
  }
}

const Node* NodeWalk::next() {
  while (near_ > 0) {
    const Node* node = nullptr;
    if (far_.empty()) {
      node = pending_[--near_];
    } else {
      node = far_.back();
      far_.pop_back();
    }
    add_children(node);
    if (node->type != T_List) return node;
  }
  return nullptr;
}

std::vector<const Node*> all_nodes(const Node* root) {
  std::vector<const Node*> found;
  for (NodeWalk walk(root); const Node* node = walk.next();) found.push_back(node);
  return found;
}

}  // namespace pgrehearse
