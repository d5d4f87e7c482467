// SPDX-License-Identifier: Apache-2.0
#include "rules/support/parts.h"

#include <algorithm>

#include "migration/expansion.h"
#include "rules/support/repeatable.h"
#include "sql/parser.h"

namespace pgrehearse {
namespace {

/// The words that a statement which changes nothing may begin with: no other needs to be parsed.
bool may_do_nothing(std::string_view text) {
  static constexpr std::string_view words[] = {"select", "set", "reset", "begin", "start", "commit", "end", "rollback"};
  return std::ranges::any_of(words, [&](std::string_view word) {
    return text.size() >= word.size() && std::ranges::equal(text.substr(0, word.size()), word, {}, [](char c) {
             return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
           });
  });
}

bool does_nothing(const Statement& statement) {
  if (!statement.node || statement.as<TransactionStmt>() || statement.as<VariableSetStmt>()) return true;
  auto* select = statement.as<SelectStmt>();
  if (!select || select->op != SETOP_NONE || select->fromClause || select->intoClause || select->withClause)
    return false;
  for (const auto& target : each<ResTarget>(select->targetList)) {
    if (!as<A_Const>(target.val)) return false;
  }
  return !select->valuesLists;
}

}  // namespace

bool is_empty(const Part& part) {
  Script script = script_of(part);
  if (script.statements().size() > 5) return false;
  auto is_change = [&](const StatementSpan& span) { return !may_do_nothing(span.span.in(script.text())); };
  if (std::ranges::any_of(script.statements(), is_change)) return false;
  Parser parser;
  return std::ranges::all_of(script.statements(), [&](const StatementSpan& span) {
    auto statement = parser.parse(script, span);
    return statement && does_nothing(*statement);
  });
}

static bool all_statements(const Part& part, bool (*holds)(const Statement&)) {
  Script script = script_of(part);
  Parser parser;
  return std::ranges::all_of(script.statements(), [&](const StatementSpan& span) {
    auto statement = parser.parse(script, span);
    return statement && (does_nothing(*statement) || holds(*statement));
  });
}

bool only_edits_rows(const Part& part) {
  return all_statements(part, [](const Statement& statement) {
    return statement.as<UpdateStmt>() != nullptr || statement.as<DeleteStmt>() != nullptr;
  });
}

bool may_change_nothing(const Part& part) {
  return all_statements(
      part, [](const Statement& statement) { return changes_schema(statement) && is_repeatable(statement); });
}

bool includes_other_files(const Part& part) {
  if (part.section.in(part.file->text()).find("\\i") == std::string_view::npos) return false;
  Script script = script_of(part);  // those that could be read are not commands any more
  return std::ranges::any_of(script.commands(), [](const MetaCommand& command) {
    return command.name == "i" || command.name == "ir" || command.name.starts_with("include");
  });
}

Span head_of(const Part& part) {
  Script script(part.file, part.section);
  std::string_view text = script.text();
  uint32_t begin = script.statements().empty() ? part.section.begin : script.statements().front().span.begin;
  uint32_t limit = script.statements().empty() ? part.section.end : script.statements().front().span.end;
  while (begin < limit && (text[begin] == '\n' || text[begin] == '\r')) ++begin;
  auto end = static_cast<uint32_t>(std::min<size_t>(text.find_first_of("\r\n", begin), limit));
  return {begin, end};
}

std::string where_down_goes(const MigrationSet& set) {
  for (const Migration& migration : set.migrations) {
    if (!migration.down) continue;
    const std::string& path = migration.down->file->path();
    if (path == migration.up.file->path()) return " under this file's down marker";
    return " into a file of its own, named like " + path.substr(path.rfind('/') + 1);
  }
  return {};
}

}  // namespace pgrehearse
