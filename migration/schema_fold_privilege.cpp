// SPDX-License-Identifier: Apache-2.0
// GRANT, REVOKE, default privileges, owners.
#include <algorithm>
#include <span>

#include "migration/schema_fold.h"

namespace pgrehearse {
namespace {

using Names = std::vector<std::string>;

/// What ALL means for a kind of object; MAINTAIN, of 17 and later, aside.
std::span<const std::string_view> all_privileges(ObjectType object) {
  static constexpr std::string_view of_sequence[] = {"usage", "select", "update"};
  static constexpr std::string_view of_schema[] = {"usage", "create"};
  static constexpr std::string_view of_function[] = {"execute"};
  static constexpr std::string_view of_table[] = {"select",   "insert",     "update", "delete",
                                                  "truncate", "references", "trigger"};
  static constexpr std::string_view of_others[] = {"usage"};
  switch (object) {
    case OBJECT_SEQUENCE: return of_sequence;
    case OBJECT_SCHEMA: return of_schema;
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE: return of_function;
    case OBJECT_TABLE: return of_table;
    default: return of_others;
  }
}

/// Each privilege of each role, once for each column, as the statement has them.
std::vector<GrantState> written(const GrantStmt& statement) {
  static constexpr std::string_view all_of_columns[] = {"select", "insert", "update", "references"};
  std::vector<GrantState> result;
  result.reserve(static_cast<size_t>(std::max(length(statement.privileges), 1) * length(statement.grantees)));
  auto add = [&](std::string_view privilege, const Names& columns) {
    for (const RoleSpec& role : each<RoleSpec>(statement.grantees)) {
      result.push_back({role_of(&role), std::string(privilege), columns, statement.grant_option, statement.is_grant});
    }
  };
  if (!statement.privileges) {
    for (std::string_view privilege : all_privileges(statement.objtype)) add(privilege, {});
  }
  for (const AccessPriv& privilege : each<AccessPriv>(statement.privileges)) {
    std::string_view one = view(privilege.priv_name);
    std::span<const std::string_view> names(&one, 1);
    if (!privilege.priv_name) names = all_of_columns;  // ALL (columns)
    for (std::string_view name : names) {
      if (!privilege.cols) add(name, {});
      for (const auto& column : names_of(privilege.cols)) add(name, {column});
    }
  }
  return result;
}

void put(std::vector<GrantState>& grants, const GrantState& change, bool only_option) {
  auto same = std::ranges::find_if(grants, [&](const GrantState& known) {
    return known.grantee == change.grantee && known.privilege == change.privilege && known.columns == change.columns;
  });
  if (!change.in_force && !only_option && change.columns.empty()) {
    for (auto& known : grants) {  // takes the columns' too
      if (known.grantee == change.grantee && known.privilege == change.privilege) {
        known.in_force = known.grantable = false;
      }
    }
  }
  if (same == grants.end()) {
    if (!only_option) grants.push_back(change);
    return;
  }
  if (only_option) {
    same->grantable = false;
    return;
  }
  same->grantable = change.in_force && (same->grantable || change.grantable);
  same->in_force = change.in_force;
}

void put_all(std::vector<GrantState>& grants, const std::vector<GrantState>& changes, const GrantStmt& statement) {
  bool only_option = !statement.is_grant && statement.grant_option;
  for (const GrantState& change : changes) put(grants, change, only_option);
}

bool is_function(ObjectType type) {
  return type == OBJECT_FUNCTION || type == OBJECT_PROCEDURE || type == OBJECT_ROUTINE || type == OBJECT_AGGREGATE;
}

}  // namespace

std::string role_of(const RoleSpec* role) {
  if (!role) return {};
  switch (role->roletype) {
    case ROLESPEC_CSTRING: return std::string(view(role->rolename));
    case ROLESPEC_PUBLIC: return "public";
    case ROLESPEC_SESSION_USER: return "session_user";
    default: return "current_user";
  }
}

void Folder::edit_schema(std::string_view schema, auto change) {
  auto* known = d_.schema_facts.find(schema);
  SchemaState::Data::SchemaFacts facts;
  if (known && *known) facts = **known;
  change(facts);
  d_.schema_facts.set(schema, std::make_shared<const SchemaState::Data::SchemaFacts>(std::move(facts)), d_.logging());
}

void Folder::set_owner_of_schema(std::string_view schema, std::string_view owner) {
  edit_schema(schema, [&](auto& facts) { facts = {std::string(owner), {}}; });
}

void Folder::grant(const GrantStmt& statement) {
  if (conditional_ || statement.targtype == ACL_TARGET_DEFAULTS) return;
  std::vector<GrantState> changes = written(statement);
  auto on_relation = [&](RelationId id) {
    if (d_.get(id)) put_all(d_.mutate(id)->grants, changes, statement);
  };
  if (statement.targtype == ACL_TARGET_ALL_IN_SCHEMA) {
    for (const String& schema : each<String>(statement.objects)) {
      for (const RelationState* relation : state_.relations_in_schema(view(schema.sval))) {
        bool sequence = relation->kind == RelationKind::sequence;
        if (sequence == (statement.objtype == OBJECT_SEQUENCE) && !is_function(statement.objtype)) {
          on_relation(relation->id);
        }
      }
      if (!is_function(statement.objtype)) continue;
      std::vector<QualifiedName> names;
      for (const auto& [name, overloads] : d_.functions) {
        if (name.schema == view(schema.sval) && overloads) names.push_back(name);
      }
      for (const auto& name : names) {
        std::vector<FunctionState> overloads = **d_.functions.find(name);
        for (auto& function : overloads) {
          bool wanted =
              statement.objtype == OBJECT_ROUTINE || function.procedure == (statement.objtype == OBJECT_PROCEDURE);
          if (wanted) put_all(function.grants, changes, statement);
        }
        d_.functions.set(name, std::make_shared<const std::vector<FunctionState>>(std::move(overloads)), d_.logging());
      }
    }
    return;
  }
  for (const Node& object : each<Node>(statement.objects)) {
    if (auto* relation = as<RangeVar>(&object)) {
      on_relation(mention(relation));
    } else if (auto* function = as<ObjectWithArgs>(&object)) {
      edit_functions(*function, [&](FunctionState& known) { put_all(known.grants, changes, statement); });
    } else if (statement.objtype == OBJECT_SCHEMA) {
      edit_schema(string_value(&object), [&](auto& facts) { put_all(facts.grants, changes, statement); });
    }
  }
}

void Folder::alter_default_privileges(const AlterDefaultPrivilegesStmt& statement) {
  if (conditional_ || !statement.action) return;
  Names roles, schemas;
  for (const DefElem& element : each<DefElem>(statement.options)) {
    auto* list = as<List>(element.arg);
    if (view(element.defname) == "schemas") schemas = names_of(list);
    for (const RoleSpec& role : each<RoleSpec>(view(element.defname) == "roles" ? list : nullptr)) {
      roles.push_back(role_of(&role));
    }
  }
  std::string runner = state_.current_role();
  if (roles.empty()) roles.push_back(runner);
  if (schemas.empty()) schemas.emplace_back();
  auto* known = d_.default_privileges.find("");
  std::vector<SchemaState::Data::DefaultPrivilege> list;
  if (known && *known) list = **known;
  for (const auto& change : written(*statement.action)) {
    for (const auto& role : roles) {
      for (const auto& schema : schemas) {
        list.push_back({role == "current_user" ? runner : role, schema, statement.action->objtype, change});
      }
    }
  }
  d_.default_privileges.set("", std::make_shared<const decltype(list)>(std::move(list)), d_.logging());
}

/// `grants` holds what such objects are given without any default privileges. Those of a schema add to the global ones.
void Folder::apply_default_privileges(std::vector<GrantState>& grants, ObjectType object,
                                      std::string_view schema) const {
  auto* known = d_.default_privileges.find("");
  if (!known || !*known) return;
  std::string runner = state_.current_role();
  std::vector<GrantState> of_schema;
  for (const auto& entry : **known) {
    bool same_kind = entry.object == object || (is_function(entry.object) && is_function(object));
    if (!same_kind || entry.role != runner) continue;
    if (entry.schema.empty()) {
      put(grants, entry.grant, false);
    } else if (entry.schema == schema) {
      put(of_schema, entry.grant, false);
    }
  }
  for (const auto& grant : of_schema) {
    if (grant.in_force) put(grants, grant, false);
  }
}

void Folder::alter_owner(const AlterOwnerStmt& statement) {
  if (conditional_) return;
  std::string owner = role_of(statement.newowner);
  if (statement.relation) {
    if (RelationState* relation = mutate_mentioned(statement.relation)) relation->owner = owner;
  } else if (auto* function = as<ObjectWithArgs>(statement.object)) {
    edit_functions(*function, [&](FunctionState& known) { known.owner = owner; });
  } else if (statement.objectType == OBJECT_SCHEMA) {
    edit_schema(string_value(statement.object), [&](auto& facts) { facts.owner = owner; });
  }
}

void Folder::reassign_owned(const ReassignOwnedStmt& statement) {
  if (conditional_) return;
  Names roles;
  for (const RoleSpec& role : each<RoleSpec>(statement.roles)) roles.push_back(role_of(&role));
  auto is_one = [&](const std::string& owner) { return std::ranges::find(roles, owner) != roles.end(); };
  std::string owner = role_of(statement.newrole);
  for (const RelationState* relation : state_.all_relations()) {
    if (is_one(relation->owner)) d_.mutate(relation->id)->owner = owner;
  }
  std::vector<std::pair<QualifiedName, std::vector<FunctionState>>> functions;
  for (const auto& [name, overloads] : d_.functions) {
    if (overloads && std::ranges::any_of(*overloads, is_one, &FunctionState::owner)) {
      functions.emplace_back(name, *overloads);
    }
  }
  for (auto& [name, overloads] : functions) {
    for (auto& function : overloads) {
      if (is_one(function.owner)) function.owner = owner;
    }
    d_.functions.set(name, std::make_shared<const std::vector<FunctionState>>(std::move(overloads)), d_.logging());
  }
  Names schemas;
  for (const auto& [name, facts] : d_.schema_facts) {
    if (facts && is_one(facts->owner)) schemas.push_back(name);
  }
  for (const auto& schema : schemas) edit_schema(schema, [&](auto& facts) { facts.owner = owner; });
}

/// Drops what the roles own and takes every privilege from them.
void Folder::drop_owned(const DropOwnedStmt& statement) {
  if (conditional_) return;
  Names roles;
  for (const RoleSpec& role : each<RoleSpec>(statement.roles)) roles.push_back(role_of(&role));
  auto is_one = [&](const std::string& name) { return std::ranges::find(roles, name) != roles.end(); };
  auto revoke = [&](std::vector<GrantState>& grants) {
    std::erase_if(grants, [&](const GrantState& grant) { return is_one(grant.grantee); });
  };
  std::vector<RelationId> owned, granted;
  for (const RelationState* relation : state_.all_relations()) {
    if (is_one(relation->owner)) owned.push_back(relation->id);
    bool named = std::ranges::any_of(relation->grants, is_one, &GrantState::grantee) ||
                 std::ranges::any_of(relation->policies, [&](const PolicyState& policy) {
                   return std::ranges::any_of(policy.roles, is_one);
                 });
    if (named) granted.push_back(relation->id);
  }
  for (RelationId id : owned) drop_relation(id, true);
  for (RelationId id : granted) {
    RelationState* relation = d_.mutate(id);
    if (!relation) continue;
    revoke(relation->grants);
    std::erase_if(relation->policies,
                  [&](PolicyState& policy) { return std::erase_if(policy.roles, is_one) > 0 && policy.roles.empty(); });
  }
  std::vector<std::pair<QualifiedName, std::vector<FunctionState>>> functions;
  for (const auto& [name, overloads] : d_.functions) {
    if (overloads) functions.emplace_back(name, *overloads);
  }
  for (auto& [name, overloads] : functions) {
    std::erase_if(overloads, [&](const FunctionState& function) { return is_one(function.owner); });
    for (auto& function : overloads) revoke(function.grants);
    d_.functions.set(name, std::make_shared<const std::vector<FunctionState>>(std::move(overloads)), d_.logging());
  }
  Names schemas, gone;
  for (const auto& [name, facts] : d_.schema_facts) {
    if (facts) (is_one(facts->owner) ? gone : schemas).push_back(name);
  }
  for (const auto& schema : schemas) edit_schema(schema, [&](auto& facts) { revoke(facts.grants); });
  for (const auto& schema : gone) drop_schema(schema, true);
}

}  // namespace pgrehearse
