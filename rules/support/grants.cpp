// SPDX-License-Identifier: Apache-2.0
#include "rules/support/grants.h"

#include <algorithm>

namespace pgrehearse {
namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return result;
}

void join(std::string& list, std::string_view item) {
  if (!list.empty()) list += ", ";
  list += item;
}

std::string_view kind(ObjectType type) {
  switch (type) {
    case OBJECT_TABLE: return "TABLE";
    case OBJECT_SEQUENCE: return "SEQUENCE";
    case OBJECT_DATABASE: return "DATABASE";
    case OBJECT_DOMAIN: return "DOMAIN";
    case OBJECT_FDW: return "FOREIGN DATA WRAPPER";
    case OBJECT_FOREIGN_SERVER: return "FOREIGN SERVER";
    case OBJECT_FUNCTION: return "FUNCTION";
    case OBJECT_LANGUAGE: return "LANGUAGE";
    case OBJECT_LARGEOBJECT: return "LARGE OBJECT";
    case OBJECT_PARAMETER_ACL: return "PARAMETER";
    case OBJECT_PROCEDURE: return "PROCEDURE";
    case OBJECT_ROUTINE: return "ROUTINE";
    case OBJECT_SCHEMA: return "SCHEMA";
    case OBJECT_TABLESPACE: return "TABLESPACE";
    case OBJECT_TYPE: return "TYPE";
    default: return "OBJECT";
  }
}

std::string object_name(const Node& node) {
  if (auto* relation = as<RangeVar>(&node)) return display_name(*relation);
  if (auto* function = as<ObjectWithArgs>(&node)) return display_name(qualified_name(function->objname));
  if (auto* names = as<List>(&node)) return display_name(qualified_name(names));
  return quote_identifier(string_value(&node));
}

}  // namespace

std::string granted(const GrantStmt& grant) {
  std::string list;
  for (const auto& privilege : each<AccessPriv>(grant.privileges)) {
    std::string one = privilege.priv_name ? upper(view(privilege.priv_name)) : "ALL";
    std::string columns;
    for (const auto& column : each<String>(privilege.cols)) join(columns, quote_identifier(view(column.sval)));
    if (!columns.empty()) one += " (" + columns + ")";
    join(list, one);
  }
  return list.empty() ? "ALL" : list;
}

std::string target(const GrantStmt& grant) {
  std::string names;
  for (const Node& object : each<Node>(grant.objects)) join(names, object_name(object));
  std::string prefix(kind(grant.objtype));
  if (grant.targtype == ACL_TARGET_ALL_IN_SCHEMA) return "ALL " + prefix + "S IN SCHEMA " + names;
  return grant.objtype == OBJECT_TABLE ? names : prefix + " " + names;
}

bool names_only(const GrantStmt& grant, std::initializer_list<std::string_view> privileges) {
  for (const auto& privilege : each<AccessPriv>(grant.privileges)) {
    if (std::ranges::find(privileges, view(privilege.priv_name)) == privileges.end()) return false;
  }
  return length(grant.privileges) > 0;
}

bool grants_definer_function(const GrantStmt& grant, const Context& context) {
  for (const auto& target : each<ObjectWithArgs>(grant.objects)) {
    for (const FunctionState* function : context.state().functions(qualified_name(target.objname))) {
      if (function->security_definer) return true;
    }
  }
  return false;
}

}  // namespace pgrehearse
