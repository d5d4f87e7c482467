// SPDX-License-Identifier: Apache-2.0
// Which fields of each node type hold further nodes. PostgreSQL's own raw_expression_tree_walker recurses and knows no
// DDL; this one keeps its own stack, so that a chain of a million operators is read like a short one.
#include "sql/nodes.h"

namespace pgrehearse {
namespace {

class Pending {
 public:
  explicit Pending(std::vector<const Node*>& nodes) : nodes_(nodes) {}
  template <class T>
  void add(const T* child) {
    if (child) nodes_.push_back(reinterpret_cast<const Node*>(child));
  }

 private:
  std::vector<const Node*>& nodes_;
};

void add_children(const Node* node, Pending pending) {
  switch (node->type) {
    case T_List:
      for (int i = 0; i < length(reinterpret_cast<const List*>(node)); ++i) {
        pending.add(static_cast<const Node*>(reinterpret_cast<const List*>(node)->elements[i].ptr_value));
      }
      break;
    case T_A_ArrayExpr: {
      auto* n = reinterpret_cast<const A_ArrayExpr*>(node);
      pending.add(n->elements);
      break;
    }
    case T_A_Expr: {
      auto* n = reinterpret_cast<const A_Expr*>(node);
      pending.add(n->name);
      pending.add(n->lexpr);
      pending.add(n->rexpr);
      break;
    }
    case T_A_Indices: {
      auto* n = reinterpret_cast<const A_Indices*>(node);
      pending.add(n->lidx);
      pending.add(n->uidx);
      break;
    }
    case T_A_Indirection: {
      auto* n = reinterpret_cast<const A_Indirection*>(node);
      pending.add(n->arg);
      pending.add(n->indirection);
      break;
    }
    case T_AlterDatabaseSetStmt: {
      auto* n = reinterpret_cast<const AlterDatabaseSetStmt*>(node);
      pending.add(n->setstmt);
      break;
    }
    case T_AlterDefaultPrivilegesStmt: {
      auto* n = reinterpret_cast<const AlterDefaultPrivilegesStmt*>(node);
      pending.add(n->action);
      pending.add(n->options);
      break;
    }
    case T_AlterDomainStmt: {
      auto* n = reinterpret_cast<const AlterDomainStmt*>(node);
      pending.add(n->def);
      break;
    }
    case T_AlterForeignServerStmt: {
      auto* n = reinterpret_cast<const AlterForeignServerStmt*>(node);
      pending.add(n->options);
      break;
    }
    case T_AlterFunctionStmt: {
      auto* n = reinterpret_cast<const AlterFunctionStmt*>(node);
      pending.add(n->actions);
      break;
    }
    case T_AlterObjectSchemaStmt: {
      auto* n = reinterpret_cast<const AlterObjectSchemaStmt*>(node);
      pending.add(n->relation);
      break;
    }
    case T_AlterPolicyStmt: {
      auto* n = reinterpret_cast<const AlterPolicyStmt*>(node);
      pending.add(n->table);
      pending.add(n->roles);
      pending.add(n->qual);
      pending.add(n->with_check);
      break;
    }
    case T_AlterPublicationStmt: {
      auto* n = reinterpret_cast<const AlterPublicationStmt*>(node);
      pending.add(n->pubobjects);
      pending.add(n->options);
      break;
    }
    case T_AlterRoleSetStmt: {
      auto* n = reinterpret_cast<const AlterRoleSetStmt*>(node);
      pending.add(n->setstmt);
      break;
    }
    case T_AlterRoleStmt: {
      auto* n = reinterpret_cast<const AlterRoleStmt*>(node);
      pending.add(n->options);
      break;
    }
    case T_AlterSeqStmt: {
      auto* n = reinterpret_cast<const AlterSeqStmt*>(node);
      pending.add(n->sequence);
      pending.add(n->options);
      break;
    }
    case T_AlterSubscriptionStmt: {
      auto* n = reinterpret_cast<const AlterSubscriptionStmt*>(node);
      pending.add(n->options);
      break;
    }
    case T_AlterSystemStmt: {
      auto* n = reinterpret_cast<const AlterSystemStmt*>(node);
      pending.add(n->setstmt);
      break;
    }
    case T_AlterTableCmd: {
      auto* n = reinterpret_cast<const AlterTableCmd*>(node);
      pending.add(n->def);
      break;
    }
    case T_AlterTableStmt: {
      auto* n = reinterpret_cast<const AlterTableStmt*>(node);
      pending.add(n->relation);
      pending.add(n->cmds);
      break;
    }
    case T_AlterUserMappingStmt: {
      auto* n = reinterpret_cast<const AlterUserMappingStmt*>(node);
      pending.add(n->options);
      break;
    }
    case T_BooleanTest: {
      auto* n = reinterpret_cast<const BooleanTest*>(node);
      pending.add(n->arg);
      break;
    }
    case T_BoolExpr: {
      auto* n = reinterpret_cast<const BoolExpr*>(node);
      pending.add(n->args);
      break;
    }
    case T_CallStmt: {
      auto* n = reinterpret_cast<const CallStmt*>(node);
      pending.add(n->funccall);
      break;
    }
    case T_CaseExpr: {
      auto* n = reinterpret_cast<const CaseExpr*>(node);
      pending.add(n->arg);
      pending.add(n->args);
      pending.add(n->defresult);
      break;
    }
    case T_CaseWhen: {
      auto* n = reinterpret_cast<const CaseWhen*>(node);
      pending.add(n->expr);
      pending.add(n->result);
      break;
    }
    case T_ClusterStmt: {
      auto* n = reinterpret_cast<const ClusterStmt*>(node);
      pending.add(n->relation);
      break;
    }
    case T_CoalesceExpr: {
      auto* n = reinterpret_cast<const CoalesceExpr*>(node);
      pending.add(n->args);
      break;
    }
    case T_CollateClause: {
      auto* n = reinterpret_cast<const CollateClause*>(node);
      pending.add(n->arg);
      break;
    }
    case T_ColumnDef: {
      auto* n = reinterpret_cast<const ColumnDef*>(node);
      pending.add(n->typeName);
      pending.add(n->raw_default);
      pending.add(n->constraints);
      break;
    }
    case T_CommentStmt: {
      auto* n = reinterpret_cast<const CommentStmt*>(node);
      pending.add(n->object);
      break;
    }
    case T_CommonTableExpr: {
      auto* n = reinterpret_cast<const CommonTableExpr*>(node);
      pending.add(n->ctequery);
      break;
    }
    case T_CompositeTypeStmt: {
      auto* n = reinterpret_cast<const CompositeTypeStmt*>(node);
      pending.add(n->typevar);
      pending.add(n->coldeflist);
      break;
    }
    case T_Constraint: {
      auto* n = reinterpret_cast<const Constraint*>(node);
      pending.add(n->raw_expr);
      pending.add(n->exclusions);
      pending.add(n->pktable);
      pending.add(n->options);
      pending.add(n->where_clause);
      break;
    }
    case T_CopyStmt: {
      auto* n = reinterpret_cast<const CopyStmt*>(node);
      pending.add(n->relation);
      pending.add(n->query);
      pending.add(n->options);
      pending.add(n->whereClause);
      break;
    }
    case T_CreateDomainStmt: {
      auto* n = reinterpret_cast<const CreateDomainStmt*>(node);
      pending.add(n->typeName);
      pending.add(n->constraints);
      break;
    }
    case T_CreateEventTrigStmt: {
      auto* n = reinterpret_cast<const CreateEventTrigStmt*>(node);
      pending.add(n->whenclause);
      break;
    }
    case T_CreateExtensionStmt: {
      auto* n = reinterpret_cast<const CreateExtensionStmt*>(node);
      pending.add(n->options);
      break;
    }
    case T_CreateForeignServerStmt: {
      auto* n = reinterpret_cast<const CreateForeignServerStmt*>(node);
      pending.add(n->options);
      break;
    }
    case T_CreateForeignTableStmt: {
      auto* n = reinterpret_cast<const CreateForeignTableStmt*>(node);
      pending.add(n->base.relation);
      pending.add(n->base.tableElts);
      pending.add(n->base.inhRelations);
      pending.add(n->base.partbound);
      pending.add(n->base.constraints);
      pending.add(n->options);
      break;
    }
    case T_CreateFunctionStmt: {
      auto* n = reinterpret_cast<const CreateFunctionStmt*>(node);
      pending.add(n->parameters);
      pending.add(n->returnType);
      pending.add(n->options);
      pending.add(n->sql_body);
      break;
    }
    case T_CreatePolicyStmt: {
      auto* n = reinterpret_cast<const CreatePolicyStmt*>(node);
      pending.add(n->table);
      pending.add(n->roles);
      pending.add(n->qual);
      pending.add(n->with_check);
      break;
    }
    case T_CreatePublicationStmt: {
      auto* n = reinterpret_cast<const CreatePublicationStmt*>(node);
      pending.add(n->pubobjects);
      pending.add(n->options);
      break;
    }
    case T_CreateRoleStmt: {
      auto* n = reinterpret_cast<const CreateRoleStmt*>(node);
      pending.add(n->options);
      break;
    }
    case T_CreateSchemaStmt: {
      auto* n = reinterpret_cast<const CreateSchemaStmt*>(node);
      pending.add(n->schemaElts);
      break;
    }
    case T_CreateSeqStmt: {
      auto* n = reinterpret_cast<const CreateSeqStmt*>(node);
      pending.add(n->sequence);
      pending.add(n->options);
      break;
    }
    case T_CreateStatsStmt: {
      auto* n = reinterpret_cast<const CreateStatsStmt*>(node);
      pending.add(n->exprs);
      pending.add(n->relations);
      break;
    }
    case T_CreateStmt: {
      auto* n = reinterpret_cast<const CreateStmt*>(node);
      pending.add(n->relation);
      pending.add(n->tableElts);
      pending.add(n->inhRelations);
      pending.add(n->partbound);
      pending.add(n->partspec);
      pending.add(n->ofTypename);
      pending.add(n->constraints);
      pending.add(n->options);
      break;
    }
    case T_CreateSubscriptionStmt: {
      auto* n = reinterpret_cast<const CreateSubscriptionStmt*>(node);
      pending.add(n->options);
      break;
    }
    case T_CreateTableAsStmt: {
      auto* n = reinterpret_cast<const CreateTableAsStmt*>(node);
      pending.add(n->query);
      pending.add(n->into);
      break;
    }
    case T_CreateTrigStmt: {
      auto* n = reinterpret_cast<const CreateTrigStmt*>(node);
      pending.add(n->relation);
      pending.add(n->whenClause);
      pending.add(n->constrrel);
      break;
    }
    case T_CreateUserMappingStmt: {
      auto* n = reinterpret_cast<const CreateUserMappingStmt*>(node);
      pending.add(n->options);
      break;
    }
    case T_DeclareCursorStmt: {
      auto* n = reinterpret_cast<const DeclareCursorStmt*>(node);
      pending.add(n->query);
      break;
    }
    case T_DefElem: {
      auto* n = reinterpret_cast<const DefElem*>(node);
      pending.add(n->arg);
      break;
    }
    case T_DeleteStmt: {
      auto* n = reinterpret_cast<const DeleteStmt*>(node);
      pending.add(n->relation);
      pending.add(n->usingClause);
      pending.add(n->whereClause);
      pending.add(n->withClause);
      break;
    }
    case T_DoStmt: {
      auto* n = reinterpret_cast<const DoStmt*>(node);
      pending.add(n->args);
      break;
    }
    case T_ExecuteStmt: {
      auto* n = reinterpret_cast<const ExecuteStmt*>(node);
      pending.add(n->params);
      break;
    }
    case T_ExplainStmt: {
      auto* n = reinterpret_cast<const ExplainStmt*>(node);
      pending.add(n->query);
      break;
    }
    case T_FuncCall: {
      auto* n = reinterpret_cast<const FuncCall*>(node);
      pending.add(n->args);
      pending.add(n->agg_order);
      pending.add(n->agg_filter);
      pending.add(n->over);
      break;
    }
    case T_FunctionParameter: {
      auto* n = reinterpret_cast<const FunctionParameter*>(node);
      pending.add(n->argType);
      pending.add(n->defexpr);
      break;
    }
    case T_GrantRoleStmt: {
      auto* n = reinterpret_cast<const GrantRoleStmt*>(node);
      pending.add(n->granted_roles);
      pending.add(n->grantee_roles);
      pending.add(n->opt);
      break;
    }
    case T_GrantStmt: {
      auto* n = reinterpret_cast<const GrantStmt*>(node);
      pending.add(n->objects);
      pending.add(n->privileges);
      pending.add(n->grantees);
      break;
    }
    case T_GroupingFunc: {
      auto* n = reinterpret_cast<const GroupingFunc*>(node);
      pending.add(n->args);
      break;
    }
    case T_GroupingSet: {
      auto* n = reinterpret_cast<const GroupingSet*>(node);
      pending.add(n->content);
      break;
    }
    case T_IndexElem: {
      auto* n = reinterpret_cast<const IndexElem*>(node);
      pending.add(n->expr);
      break;
    }
    case T_IndexStmt: {
      auto* n = reinterpret_cast<const IndexStmt*>(node);
      pending.add(n->relation);
      pending.add(n->indexParams);
      pending.add(n->indexIncludingParams);
      pending.add(n->options);
      pending.add(n->whereClause);
      break;
    }
    case T_InferClause: {
      auto* n = reinterpret_cast<const InferClause*>(node);
      pending.add(n->indexElems);
      pending.add(n->whereClause);
      break;
    }
    case T_InsertStmt: {
      auto* n = reinterpret_cast<const InsertStmt*>(node);
      pending.add(n->relation);
      pending.add(n->cols);
      pending.add(n->selectStmt);
      pending.add(n->onConflictClause);
      pending.add(n->withClause);
      break;
    }
    case T_IntoClause: {
      auto* n = reinterpret_cast<const IntoClause*>(node);
      pending.add(n->rel);
      pending.add(n->viewQuery);
      break;
    }
    case T_JoinExpr: {
      auto* n = reinterpret_cast<const JoinExpr*>(node);
      pending.add(n->larg);
      pending.add(n->rarg);
      pending.add(n->quals);
      break;
    }
    case T_LockingClause: {
      auto* n = reinterpret_cast<const LockingClause*>(node);
      pending.add(n->lockedRels);
      break;
    }
    case T_LockStmt: {
      auto* n = reinterpret_cast<const LockStmt*>(node);
      pending.add(n->relations);
      break;
    }
    case T_MergeStmt: {
      auto* n = reinterpret_cast<const MergeStmt*>(node);
      pending.add(n->relation);
      pending.add(n->sourceRelation);
      pending.add(n->joinCondition);
      pending.add(n->mergeWhenClauses);
      pending.add(n->withClause);
      break;
    }
    case T_MergeWhenClause: {
      auto* n = reinterpret_cast<const MergeWhenClause*>(node);
      pending.add(n->condition);
      pending.add(n->targetList);
      pending.add(n->values);
      break;
    }
    case T_MinMaxExpr: {
      auto* n = reinterpret_cast<const MinMaxExpr*>(node);
      pending.add(n->args);
      break;
    }
    case T_MultiAssignRef: {
      auto* n = reinterpret_cast<const MultiAssignRef*>(node);
      pending.add(n->source);
      break;
    }
    case T_NamedArgExpr: {
      auto* n = reinterpret_cast<const NamedArgExpr*>(node);
      pending.add(n->arg);
      break;
    }
    case T_NullTest: {
      auto* n = reinterpret_cast<const NullTest*>(node);
      pending.add(n->arg);
      break;
    }
    case T_OnConflictClause: {
      auto* n = reinterpret_cast<const OnConflictClause*>(node);
      pending.add(n->infer);
      pending.add(n->targetList);
      pending.add(n->whereClause);
      break;
    }
    case T_PartitionBoundSpec: {
      auto* n = reinterpret_cast<const PartitionBoundSpec*>(node);
      pending.add(n->listdatums);
      pending.add(n->lowerdatums);
      pending.add(n->upperdatums);
      break;
    }
    case T_PartitionCmd: {
      auto* n = reinterpret_cast<const PartitionCmd*>(node);
      pending.add(n->name);
      pending.add(n->bound);
      break;
    }
    case T_PartitionElem: {
      auto* n = reinterpret_cast<const PartitionElem*>(node);
      pending.add(n->expr);
      break;
    }
    case T_PartitionSpec: {
      auto* n = reinterpret_cast<const PartitionSpec*>(node);
      pending.add(n->partParams);
      break;
    }
    case T_PrepareStmt: {
      auto* n = reinterpret_cast<const PrepareStmt*>(node);
      pending.add(n->query);
      break;
    }
    case T_PublicationObjSpec: {
      auto* n = reinterpret_cast<const PublicationObjSpec*>(node);
      pending.add(n->pubtable);
      break;
    }
    case T_PublicationTable: {
      auto* n = reinterpret_cast<const PublicationTable*>(node);
      pending.add(n->relation);
      pending.add(n->whereClause);
      break;
    }
    case T_RangeFunction: {
      auto* n = reinterpret_cast<const RangeFunction*>(node);
      pending.add(n->functions);
      break;
    }
    case T_RangeSubselect: {
      auto* n = reinterpret_cast<const RangeSubselect*>(node);
      pending.add(n->subquery);
      break;
    }
    case T_RangeTableFunc: {
      auto* n = reinterpret_cast<const RangeTableFunc*>(node);
      pending.add(n->docexpr);
      pending.add(n->rowexpr);
      pending.add(n->columns);
      break;
    }
    case T_RangeTableFuncCol: {
      auto* n = reinterpret_cast<const RangeTableFuncCol*>(node);
      pending.add(n->colexpr);
      pending.add(n->coldefexpr);
      break;
    }
    case T_RangeTableSample: {
      auto* n = reinterpret_cast<const RangeTableSample*>(node);
      pending.add(n->relation);
      pending.add(n->args);
      pending.add(n->repeatable);
      break;
    }
    case T_RawStmt: {
      auto* n = reinterpret_cast<const RawStmt*>(node);
      pending.add(n->stmt);
      break;
    }
    case T_RefreshMatViewStmt: {
      auto* n = reinterpret_cast<const RefreshMatViewStmt*>(node);
      pending.add(n->relation);
      break;
    }
    case T_ReindexStmt: {
      auto* n = reinterpret_cast<const ReindexStmt*>(node);
      pending.add(n->relation);
      pending.add(n->params);
      break;
    }
    case T_RenameStmt: {
      auto* n = reinterpret_cast<const RenameStmt*>(node);
      pending.add(n->relation);
      break;
    }
    case T_ResTarget: {
      auto* n = reinterpret_cast<const ResTarget*>(node);
      pending.add(n->indirection);
      pending.add(n->val);
      break;
    }
    case T_ReturnStmt: {
      auto* n = reinterpret_cast<const ReturnStmt*>(node);
      pending.add(n->returnval);
      break;
    }
    case T_RowExpr: {
      auto* n = reinterpret_cast<const RowExpr*>(node);
      pending.add(n->args);
      break;
    }
    case T_RuleStmt: {
      auto* n = reinterpret_cast<const RuleStmt*>(node);
      pending.add(n->relation);
      pending.add(n->whereClause);
      pending.add(n->actions);
      break;
    }
    case T_SelectStmt: {
      auto* n = reinterpret_cast<const SelectStmt*>(node);
      pending.add(n->distinctClause);
      pending.add(n->intoClause);
      pending.add(n->targetList);
      pending.add(n->fromClause);
      pending.add(n->whereClause);
      pending.add(n->groupClause);
      pending.add(n->havingClause);
      pending.add(n->windowClause);
      pending.add(n->valuesLists);
      pending.add(n->sortClause);
      pending.add(n->limitOffset);
      pending.add(n->limitCount);
      pending.add(n->lockingClause);
      pending.add(n->withClause);
      pending.add(n->larg);
      pending.add(n->rarg);
      break;
    }
    case T_SortBy: {
      auto* n = reinterpret_cast<const SortBy*>(node);
      pending.add(n->node);
      break;
    }
    case T_StatsElem: {
      auto* n = reinterpret_cast<const StatsElem*>(node);
      pending.add(n->expr);
      break;
    }
    case T_SubLink: {
      auto* n = reinterpret_cast<const SubLink*>(node);
      pending.add(n->testexpr);
      pending.add(n->subselect);
      break;
    }
    case T_TableLikeClause: {
      auto* n = reinterpret_cast<const TableLikeClause*>(node);
      pending.add(n->relation);
      break;
    }
    case T_TruncateStmt: {
      auto* n = reinterpret_cast<const TruncateStmt*>(node);
      pending.add(n->relations);
      break;
    }
    case T_TypeCast: {
      auto* n = reinterpret_cast<const TypeCast*>(node);
      pending.add(n->arg);
      pending.add(n->typeName);
      break;
    }
    case T_TypeName: {
      auto* n = reinterpret_cast<const TypeName*>(node);
      pending.add(n->typmods);
      break;
    }
    case T_UpdateStmt: {
      auto* n = reinterpret_cast<const UpdateStmt*>(node);
      pending.add(n->relation);
      pending.add(n->targetList);
      pending.add(n->whereClause);
      pending.add(n->fromClause);
      pending.add(n->withClause);
      break;
    }
    case T_VacuumRelation: {
      auto* n = reinterpret_cast<const VacuumRelation*>(node);
      pending.add(n->relation);
      break;
    }
    case T_VacuumStmt: {
      auto* n = reinterpret_cast<const VacuumStmt*>(node);
      pending.add(n->options);
      pending.add(n->rels);
      break;
    }
    case T_VariableSetStmt: {
      auto* n = reinterpret_cast<const VariableSetStmt*>(node);
      pending.add(n->args);
      break;
    }
    case T_ViewStmt: {
      auto* n = reinterpret_cast<const ViewStmt*>(node);
      pending.add(n->view);
      pending.add(n->query);
      pending.add(n->options);
      break;
    }
    case T_WindowDef: {
      auto* n = reinterpret_cast<const WindowDef*>(node);
      pending.add(n->partitionClause);
      pending.add(n->orderClause);
      pending.add(n->startOffset);
      pending.add(n->endOffset);
      break;
    }
    case T_WithClause: {
      auto* n = reinterpret_cast<const WithClause*>(node);
      pending.add(n->ctes);
      break;
    }
    case T_XmlExpr: {
      auto* n = reinterpret_cast<const XmlExpr*>(node);
      pending.add(n->named_args);
      pending.add(n->args);
      break;
    }
    case T_XmlSerialize: {
      auto* n = reinterpret_cast<const XmlSerialize*>(node);
      pending.add(n->expr);
      break;
    }
    default: break;
  }
}

}  // namespace

std::vector<const Node*> all_nodes(const Node* root) {
  std::vector<const Node*> found;
  std::vector<const Node*> pending;
  if (root) pending.push_back(root);
  while (!pending.empty()) {
    const Node* node = pending.back();
    pending.pop_back();
    if (node->type != T_List) found.push_back(node);
    add_children(node, Pending(pending));
  }
  return found;
}

}  // namespace pgrehearse
