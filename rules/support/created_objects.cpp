// SPDX-License-Identifier: Apache-2.0
#include "rules/support/created_objects.h"

#include "rules/support/neighbours.h"

namespace pgrehearse {
namespace {

void visit_alter(const AlterTableStmt& alter, FunctionRef<void(const CreatedObject&)> visit) {
  std::string_view table = view(alter.relation->relname);
  for (const auto& command : each<AlterTableCmd>(alter.cmds)) {
    if (auto* column = as<ColumnDef>(command.def); column && command.subtype == AT_AddColumn) {
      visit({OBJECT_COLUMN, view(column->colname), table});
    } else if (auto* constraint = as<Constraint>(command.def); constraint && command.subtype == AT_AddConstraint) {
      visit({OBJECT_TABCONSTRAINT, view(constraint->conname), table});
    }
  }
}

}  // namespace

void for_each_created_object(const Statement& statement, FunctionRef<void(const CreatedObject&)> visit) {
  auto add = [&](ObjectType kind, std::string_view name, std::string_view table = {}) { visit({kind, name, table}); };
  switch (statement.node->type) {
    case T_CreateStmt: add(OBJECT_TABLE, view(statement.as<CreateStmt>()->relation->relname)); break;
    case T_CreateTableAsStmt: add(OBJECT_TABLE, view(statement.as<CreateTableAsStmt>()->into->rel->relname)); break;
    case T_CreateForeignTableStmt:
      add(OBJECT_TABLE, view(statement.as<CreateForeignTableStmt>()->base.relation->relname));
      break;
    case T_ViewStmt: add(OBJECT_VIEW, view(statement.as<ViewStmt>()->view->relname)); break;
    case T_CreateSeqStmt: add(OBJECT_SEQUENCE, view(statement.as<CreateSeqStmt>()->sequence->relname)); break;
    case T_IndexStmt: add(OBJECT_INDEX, view(statement.as<IndexStmt>()->idxname)); break;
    case T_CreateEnumStmt: add(OBJECT_TYPE, last_name(statement.as<CreateEnumStmt>()->typeName)); break;
    case T_CreateRangeStmt: add(OBJECT_TYPE, last_name(statement.as<CreateRangeStmt>()->typeName)); break;
    case T_CompositeTypeStmt: add(OBJECT_TYPE, view(statement.as<CompositeTypeStmt>()->typevar->relname)); break;
    case T_CreateDomainStmt: add(OBJECT_TYPE, last_name(statement.as<CreateDomainStmt>()->domainname)); break;
    case T_CreateFunctionStmt: add(OBJECT_FUNCTION, last_name(statement.as<CreateFunctionStmt>()->funcname)); break;
    case T_DefineStmt: add(statement.as<DefineStmt>()->kind, last_name(statement.as<DefineStmt>()->defnames)); break;
    case T_CreateSchemaStmt: add(OBJECT_SCHEMA, view(statement.as<CreateSchemaStmt>()->schemaname)); break;
    case T_CreateExtensionStmt: add(OBJECT_EXTENSION, view(statement.as<CreateExtensionStmt>()->extname)); break;
    case T_CreateRoleStmt: add(OBJECT_ROLE, view(statement.as<CreateRoleStmt>()->role)); break;
    case T_CreatePublicationStmt: add(OBJECT_PUBLICATION, view(statement.as<CreatePublicationStmt>()->pubname)); break;
    case T_CreatePolicyStmt: {
      auto* policy = statement.as<CreatePolicyStmt>();
      add(OBJECT_POLICY, view(policy->policy_name), view(policy->table->relname));
      break;
    }
    case T_CreateTrigStmt: {
      auto* trigger = statement.as<CreateTrigStmt>();
      add(OBJECT_TRIGGER, view(trigger->trigname), view(trigger->relation->relname));
      break;
    }
    case T_RuleStmt: {
      auto* rule = statement.as<RuleStmt>();
      add(OBJECT_RULE, view(rule->rulename), view(rule->relation->relname));
      break;
    }
    case T_AlterTableStmt: visit_alter(*statement.as<AlterTableStmt>(), visit); break;
    case T_RenameStmt: {
      auto* rename = statement.as<RenameStmt>();
      std::string_view table = rename->relation ? view(rename->relation->relname) : std::string_view();
      bool of_table = rename->renameType == OBJECT_COLUMN || rename->renameType == OBJECT_TABCONSTRAINT;
      add(rename->renameType, view(rename->newname), of_table ? table : std::string_view());
      break;
    }
    default: break;
  }
}

bool created_later(const Statement& statement, const Context& context, ObjectType kind, std::string_view name,
                   std::string_view table) {
  return any_later(statement, context, [&](const Statement& later) {
    bool found = false;
    for_each_created_object(later, [&](const CreatedObject& object) {
      found |= object.name == name && object.table == table && object_family(object.kind) == object_family(kind);
    });
    return found;
  });
}

}  // namespace pgrehearse
