// SPDX-License-Identifier: Apache-2.0
#include "rules/support/row_security.h"

#include "core/ascii.h"
#include "migration/expansion.h"
#include "sql/body.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

template <class Take>
std::vector<RowSecurityMention> read(const Part& part, std::string_view word, Take take) {
  std::vector<RowSecurityMention> found;
  // Spares the second reading of files, and of statements, that cannot mention it.
  if (!contains_ignoring_case(part.section.in(part.file->text()), word)) return found;
  Script script = script_of(part);
  Parser parser, body_parser;
  for (const StatementSpan& span : script.statements()) {
    if (!contains_ignoring_case(span.span.in(script.text()), word)) continue;
    auto statement = parser.parse(script, span);
    if (!statement || !statement->node) continue;
    take(*statement, found);
    auto body = body_of(*statement);
    if (!body || body->origin != Origin::do_block) continue;
    for_each_statement_in(
        *body, statement->source, body_parser, [&](const Statement& inner, const BodyPiece&) { take(inner, found); },
        [](const SyntaxError&) {});
  }
  return found;
}

bool is_same_table(const QualifiedName& a, const QualifiedName& b) {
  return a.name == b.name && (a.schema == b.schema || a.schema.empty() || b.schema.empty());
}

template <class Find>
bool found_later(const Context& context, const QualifiedName& table, Find find) {
  bool after = false;
  for (const Migration& migration : context.set().migrations) {
    if (after) {
      for (const auto& mention : find(migration.up)) {
        if (is_same_table(mention.table, table)) return true;
      }
    }
    after = after || &migration == &context.migration();
  }
  return false;
}

}  // namespace

std::vector<RowSecurityMention> enabled_row_security(const Part& part) {
  return read(part, "security", [](const Statement& statement, std::vector<RowSecurityMention>& found) {
    auto* alter = statement.as<AlterTableStmt>();
    if (!alter) return;
    for (const auto& command : each<AlterTableCmd>(alter->cmds)) {
      if (command.subtype != AT_EnableRowSecurity) continue;
      found.push_back({qualified_name(*alter->relation),
                       statement.span,
                       statement.token_at(alter->relation->location),
                       {},
                       statement.origin == Origin::top_level});
    }
  });
}

std::vector<RowSecurityMention> created_policies(const Part& part) {
  return read(part, "policy", [](const Statement& statement, std::vector<RowSecurityMention>& found) {
    auto* create = statement.as<CreatePolicyStmt>();
    if (!create) return;
    found.push_back({qualified_name(*create->table), statement.span, statement.token_at(create->table->location),
                     std::string(view(create->policy_name)), statement.origin == Origin::top_level});
  });
}

bool enabled_later(const Context& context, const QualifiedName& table) {
  return found_later(context, table, enabled_row_security);
}

bool policy_created_later(const Context& context, const QualifiedName& table) {
  return found_later(context, table, created_policies);
}

}  // namespace pgrehearse
