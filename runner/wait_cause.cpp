// SPDX-License-Identifier: Apache-2.0
#include "runner/wait_cause.h"

#include <algorithm>
#include <optional>

#include "migration/expansion.h"
#include "runner/named_tables.h"
#include "runner/statement_words.h"

namespace pgrehearse {
namespace {

/// A probe that comes just before a lock is taken waits for it too.
constexpr std::chrono::milliseconds just_before{1};

bool took_lock(const ObservedStatement& statement, const std::string& table, bool write) {
  return std::ranges::any_of(statement.impact.relations, [&](const RelationImpact& relation) {
    return relation.name == table && (write ? blocks_writes(relation.lock) : blocks_reads(relation.lock));
  });
}

bool changes_rows(std::string_view text, const std::string& table) {
  Words words = words_of(text);
  return words.first != "insert" && words.first != "create" && !controls_transaction(words) &&
         words_in({text}).contains(table);
}

}  // namespace

Span cause_of(const Probes::Wait& wait, const ProbedTable& table, const Applied& applied, const Part& part) {
  const auto& statements = applied.statements;
  if (statements.empty()) return first_statement(part);
  size_t running = 0;
  for (size_t i = 0; i < statements.size(); ++i) {
    if (applied.began[i] <= wait.begin + just_before) running = i;
  }
  std::string_view text = script_of(part).text();
  std::string bare = bare_name(table.name);
  auto is_cause = [&](size_t i) {
    return wait.rows ? changes_rows(statements[i].span.in(text), bare)
                     : took_lock(statements[i], table.shown, wait.write);
  };
  // What runs by itself does not tell its locks: it may have taken any.
  if (!wait.rows && !statements[running].impact.known) return statements[running].span;
  for (size_t i = running + 1; i-- > 0;) {
    if (is_cause(i)) return statements[i].span;
  }
  for (size_t i = running + 1; i < statements.size(); ++i) {
    if (is_cause(i)) return statements[i].span;
  }
  return statements[running].span;
}

}  // namespace pgrehearse
