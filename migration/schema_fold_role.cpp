// SPDX-License-Identifier: Apache-2.0
// Roles, publications and comments.
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {
namespace {

Known known(bool value) { return value ? Known::yes : Known::no; }

void read_options(RoleState& role, const List* options) {
  for (const DefElem& element : each<DefElem>(options)) {
    std::string_view name = view(element.defname);
    Known* attribute = name == "superuser"       ? &role.superuser
                       : name == "bypassrls"     ? &role.bypass_rls
                       : name == "createrole"    ? &role.create_role
                       : name == "createdb"      ? &role.create_db
                       : name == "canlogin"      ? &role.login
                       : name == "isreplication" ? &role.replication
                       : name == "inherit"       ? &role.inherit
                                                 : nullptr;
    if (attribute) *attribute = known(option_is_on(element));
  }
}

void add_unique(std::vector<std::string>& names, std::string name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
}

}  // namespace

void Folder::edit_role(std::string_view name, auto change) {
  if (conditional_ || name.empty()) return;
  auto* old = d_.roles.find(name);
  RoleState role;
  if (old && *old) role = **old;
  role.name = name;
  change(role);
  d_.roles.set(name, std::make_shared<const RoleState>(std::move(role)), d_.logging());
}

void Folder::create_role(const CreateRoleStmt& statement) {
  if (auto* old = d_.roles.find(view(statement.role)); old && *old && (*old)->created_here) return;  // 42710
  edit_role(view(statement.role), [&](RoleState& role) {
    role.created_here = true;
    role.superuser = role.bypass_rls = role.create_role = role.create_db = role.replication = Known::no;
    role.inherit = Known::yes;
    role.login = known(statement.stmt_type == ROLESTMT_USER);
    role.member_of.clear();
    read_options(role, statement.options);
    auto* groups = option(statement.options, "addroleto");
    for (const RoleSpec& group : each<RoleSpec>(groups ? as<List>(groups->arg) : nullptr)) {
      add_unique(role.member_of, role_of(&group));
    }
  });
  for (std::string_view list : {"rolemembers", "adminmembers"}) {
    auto* members = option(statement.options, list);
    for (const RoleSpec& member : each<RoleSpec>(members ? as<List>(members->arg) : nullptr)) {
      edit_role(role_of(&member),
                [&](RoleState& role) { add_unique(role.member_of, std::string(view(statement.role))); });
    }
  }
}

void Folder::alter_role(const AlterRoleStmt& statement) {
  edit_role(role_of(statement.role), [&](RoleState& role) { read_options(role, statement.options); });
  auto* members = option(statement.options, "rolemembers");  // ALTER GROUP ... ADD USER
  for (const RoleSpec& member : each<RoleSpec>(members ? as<List>(members->arg) : nullptr)) {
    edit_role(role_of(&member), [&](RoleState& role) {
      std::erase(role.member_of, role_of(statement.role));
      if (statement.action > 0) role.member_of.push_back(role_of(statement.role));
    });
  }
}

void Folder::drop_role(const DropRoleStmt& statement) {
  if (conditional_) return;
  for (const RoleSpec& spec : each<RoleSpec>(statement.roles)) {
    std::string dropped = role_of(&spec);
    std::vector<std::string> members;
    for (const auto& [name, role] : d_.roles) {
      if (role && std::ranges::find(role->member_of, dropped) != role->member_of.end()) members.push_back(name);
    }
    for (const auto& member : members) {
      edit_role(member, [&](RoleState& role) { std::erase(role.member_of, dropped); });
    }
    d_.roles.set(dropped, nullptr, d_.logging());
  }
}

void Folder::grant_role(const GrantRoleStmt& statement) {
  bool option_only = false;  // REVOKE ADMIN OPTION FOR keeps the membership
  for (const DefElem& element : each<DefElem>(statement.opt)) option_only = !statement.is_grant && element.defname;
  if (option_only) return;
  for (const AccessPriv& granted : each<AccessPriv>(statement.granted_roles)) {
    for (const RoleSpec& grantee : each<RoleSpec>(statement.grantee_roles)) {
      edit_role(role_of(&grantee), [&](RoleState& role) {
        std::erase(role.member_of, view(granted.priv_name));
        if (statement.is_grant) role.member_of.emplace_back(view(granted.priv_name));
      });
    }
  }
}

namespace {

/// The tables and schemas that a publication statement names.
template <class Mention>
PublicationState named_in(const List* objects, const std::vector<std::string>& path, Mention mention) {
  PublicationState result;
  bool tables = true;
  for (const PublicationObjSpec& object : each<PublicationObjSpec>(objects)) {
    switch (object.pubobjtype) {
      case PUBLICATIONOBJ_TABLE: tables = true; break;
      case PUBLICATIONOBJ_TABLES_IN_SCHEMA: tables = false; break;
      case PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA:
        result.schemas.push_back(path.empty() ? "public" : path.front());
        continue;
      default: break;
    }
    if (tables && object.pubtable) {
      if (RelationId id = mention(object.pubtable->relation)) result.tables.push_back(id);
    } else if (object.name) {
      result.schemas.emplace_back(object.name);
    }
  }
  return result;
}

}  // namespace

void Folder::create_publication(const CreatePublicationStmt& statement) {
  if (conditional_) return;
  PublicationState publication =
      named_in(statement.pubobjects, d_.search_path, [&](const RangeVar* table) { return mention(table); });
  publication.name = view(statement.pubname);
  publication.all_tables = statement.for_all_tables;
  d_.publications.set(publication.name, std::make_shared<const PublicationState>(publication), d_.logging());
}

void Folder::alter_publication(const AlterPublicationStmt& statement) {
  auto* known_before = d_.publications.find(view(statement.pubname));
  if (conditional_ || !statement.pubobjects || !known_before || !*known_before) return;
  PublicationState publication = **known_before;
  PublicationState named =
      named_in(statement.pubobjects, d_.search_path, [&](const RangeVar* table) { return mention(table); });
  if (statement.action == AP_SetObjects) {
    publication.tables.clear();
    publication.schemas.clear();
  }
  for (RelationId table : named.tables) std::erase(publication.tables, table);
  for (const auto& schema : named.schemas) std::erase(publication.schemas, schema);
  if (statement.action != AP_DropObjects) {
    publication.tables.insert(publication.tables.end(), named.tables.begin(), named.tables.end());
    publication.schemas.insert(publication.schemas.end(), named.schemas.begin(), named.schemas.end());
  }
  d_.publications.set(publication.name, std::make_shared<const PublicationState>(publication), d_.logging());
}

/// Of relations and columns; what other objects are called for is asked by nobody.
void Folder::comment(const CommentStmt& statement) {
  if (conditional_) return;
  auto* names = as<List>(statement.object);
  switch (statement.objtype) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_SEQUENCE:
    case OBJECT_FOREIGN_TABLE:
      if (const RelationState* relation = d_.find(NameView(names))) {
        d_.mutate(relation->id)->comment = view(statement.comment);
      }
      return;
    case OBJECT_COLUMN: {
      std::vector<std::string> parts = names_of(names);
      if (parts.size() < 2) return;
      const RelationState* relation = d_.find(
          {parts.size() > 2 ? std::string_view(parts[parts.size() - 3]) : std::string_view(), parts[parts.size() - 2]});
      if (!relation || !relation->column(parts.back())) return;
      d_.mutate(relation->id)->columns.edit(parts.back())->comment = view(statement.comment);
      return;
    }
    default: return;
  }
}

}  // namespace pgrehearse
