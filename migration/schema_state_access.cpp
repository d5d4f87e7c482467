// SPDX-License-Identifier: Apache-2.0
// What SchemaState answers about privileges, roles and publications.
#include <algorithm>

#include "migration/schema_data.h"

namespace pgrehearse {
namespace {

/// What one list of grants says of one role alone; unknown: nothing.
Known listed(const std::vector<GrantState>& grants, std::string_view role, std::string_view privilege,
             std::string_view column) {
  Known answer = Known::unknown;
  for (const GrantState& grant : grants) {
    if (grant.grantee != role || grant.privilege != privilege) continue;
    bool covers = grant.columns.empty() || (!column.empty() && grant.columns.front() == column);
    if (covers && grant.in_force) return Known::yes;
    if (covers) answer = Known::no;
  }
  return answer;
}

}  // namespace

std::string SchemaState::current_role() const {
  if (data_->settings.empty()) return {};
  for (std::string_view name : {"role", "session_authorization"}) {
    auto value = setting(name);
    if (value && *value != "none" && *value != "default") return *value;
  }
  return {};
}

const RoleState* SchemaState::role(std::string_view name) const {
  auto* found = data_->roles.find(name);
  return found ? found->get() : nullptr;
}

Known SchemaState::role_exists(std::string_view name) const {
  auto* found = data_->roles.find(name);
  return !found ? Known::unknown : *found ? Known::yes : Known::no;
}

Known SchemaState::is_member(std::string_view name, std::string_view of) const {
  if (name == of) return Known::yes;
  std::vector<std::string_view> roles{name};
  bool all_known = true;
  for (size_t i = 0; i < roles.size(); ++i) {
    const RoleState* member = role(roles[i]);
    all_known = all_known && member && member->created_here;
    if (!member) continue;
    for (const std::string& group : member->member_of) {
      if (group == of) return Known::yes;
      if (std::ranges::find(roles, group) == roles.end()) roles.push_back(group);
    }
  }
  return all_known ? Known::no : Known::unknown;
}

Known SchemaState::granted(const RelationState& relation, std::string_view name, std::string_view privilege,
                           std::string_view column) const {
  if (!relation.owner.empty() && is_member(name, relation.owner) == Known::yes) return Known::yes;
  Known own = listed(relation.grants, name, privilege, column);
  if (own == Known::yes || listed(relation.grants, "public", privilege, column) == Known::yes) return Known::yes;
  for (const GrantState& grant : relation.grants) {
    bool this_one = grant.privilege == privilege && grant.in_force &&
                    (grant.columns.empty() || (!column.empty() && grant.columns.front() == column));
    if (this_one && grant.grantee != "public" && is_member(name, grant.grantee) == Known::yes) return Known::yes;
  }
  if (own == Known::no) return Known::no;
  return relation.created_in && !relation.uncertain ? Known::no : Known::unknown;
}

Known SchemaState::granted(const FunctionState& function, std::string_view name) const {
  if (!function.owner.empty() && is_member(name, function.owner) == Known::yes) return Known::yes;
  for (const GrantState& grant : function.grants) {
    bool covers = grant.grantee == "public" || is_member(name, grant.grantee) == Known::yes;
    if (covers && grant.in_force) return Known::yes;
  }
  return Known::no;  // functions are known only when they were made here
}

std::vector<GrantState> SchemaState::schema_grants(std::string_view schema) const {
  auto* facts = data_->schema_facts.find(schema);
  return facts && *facts ? (*facts)->grants : std::vector<GrantState>();
}

std::string SchemaState::schema_owner(std::string_view schema) const {
  auto* facts = data_->schema_facts.find(schema);
  return facts && *facts ? (*facts)->owner : std::string();
}

Known SchemaState::granted_in_schema(std::string_view schema, std::string_view name, std::string_view privilege) const {
  std::string owner = schema_owner(schema);
  if (!owner.empty() && is_member(name, owner) == Known::yes) return Known::yes;
  std::vector<GrantState> grants = schema_grants(schema);
  for (const GrantState& grant : grants) {
    bool covers = grant.grantee == "public" || is_member(name, grant.grantee) == Known::yes;
    if (covers && grant.privilege == privilege && grant.in_force) return Known::yes;
  }
  if (listed(grants, name, privilege, {}) == Known::no) return Known::no;
  const bool* made = data_->schemas.find(schema);
  return made && *made ? Known::no : Known::unknown;
}

const PublicationState* SchemaState::publication(std::string_view name) const {
  auto* found = data_->publications.find(name);
  return found ? found->get() : nullptr;
}

Known SchemaState::published(const RelationState& relation) const {
  for (const auto& [name, publication] : data_->publications) {
    if (!publication) continue;
    bool sends = publication->all_tables ||
                 std::ranges::find(publication->tables, relation.id) != publication->tables.end() ||
                 std::ranges::find(publication->schemas, relation.name.schema) != publication->schemas.end();
    if (sends) return Known::yes;
  }
  return Known::unknown;
}

}  // namespace pgrehearse
