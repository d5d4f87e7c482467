// SPDX-License-Identifier: Apache-2.0
#include "rules/support/roles.h"

#include "sql/lexer.h"

namespace pgrehearse {

const DefElem* role_option(const Statement& statement, std::string_view option) {
  const List* options = nullptr;
  if (auto* create = statement.as<CreateRoleStmt>()) options = create->options;
  if (auto* alter = statement.as<AlterRoleStmt>()) options = alter->options;
  for (const auto& element : each<DefElem>(options)) {
    if (view(element.defname) == option) return &element;
  }
  return nullptr;
}

std::string role_name(const Statement& statement) {
  if (auto* create = statement.as<CreateRoleStmt>()) return quote_identifier(view(create->role));
  auto* alter = statement.as<AlterRoleStmt>();
  if (!alter || !alter->role) return {};
  switch (alter->role->roletype) {
    case ROLESPEC_CSTRING: return quote_identifier(view(alter->role->rolename));
    case ROLESPEC_CURRENT_ROLE: return "CURRENT_ROLE";
    case ROLESPEC_SESSION_USER: return "SESSION_USER";
    default: return "CURRENT_USER";
  }
}

std::optional<Edit> replace_word(const Statement& statement, int location, std::string_view word, std::string by) {
  Span token = statement.token_at(location);
  if (!equals_ignoring_case(token.in(statement.source), word)) return std::nullopt;
  return Edit{token, std::move(by)};
}

}  // namespace pgrehearse
