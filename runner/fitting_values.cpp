// SPDX-License-Identifier: Apache-2.0
#include "runner/fitting_values.h"

#include <optional>

#include "runner/sample_values.h"

namespace pgrehearse {
namespace {

std::string where(const std::vector<std::string>& conditions) {
  std::string sql;
  for (const std::string& condition : conditions) {
    sql.append(sql.empty() ? " where (" : " and (").append(condition).append(")");
  }
  return sql;
}

/// Runs a query so that a failure of it is not one of the transaction: then no answer.
SqlResult<std::optional<Rows>> ask(Connection& session, const std::string& sql) {
  if (auto begun = session.run("savepoint pgrehearse_ask"); !begun) return std::unexpected(begun.error());
  auto answer = session.run(sql);
  auto ended = session.run(answer ? "release savepoint pgrehearse_ask" : "rollback to savepoint pgrehearse_ask");
  if (!ended) return std::unexpected(ended.error());
  return answer ? std::optional(std::move(*answer)) : std::nullopt;
}

}  // namespace

SqlResult<std::vector<std::string>> fitting_values(Connection& session, const ColumnShape& column,
                                                   const std::vector<std::string>& conditions) {
  std::vector<std::string> all = conditions;
  all.insert(all.end(), column.checks.begin(), column.checks.end());
  std::vector<std::string> tried = candidates(column, all);
  std::string list;
  for (const std::string& value : tried) list.append(list.empty() ? "" : ", ").append(quote_literal(value));
  // What a domain demands speaks of VALUE, which any column may be called.
  auto answer =
      ask(session, "select candidate from (select candidate, candidate::" + column.base + " as " + column.name +
                       (column.plain == "value" ? "" : ", candidate::" + column.base + " as value") +
                       " from pg_catalog.unnest(array[" + list + "]::pg_catalog.text[]) candidate) q" + where(all));
  if (!answer) return std::unexpected(answer.error());
  std::vector<std::string> found;
  if (*answer) {
    for (int i = 0; i < (*answer)->size(); ++i) found.emplace_back((*answer)->at(i, 0));
    return found;
  }
  // A candidate that is no value of the type ends the question for all: one by one then, and not all of them.
  constexpr size_t enough = 8;
  constexpr size_t patience = 120;
  for (size_t i = 0; i < tried.size() && i < patience && found.size() < enough; ++i) {
    // The value itself is asked for: what nobody asks for is not computed.
    auto one = ask(session, "select q." + column.name + " from (select " + quote_literal(tried[i]) +
                                "::" + column.cast + " as " + column.name + ") q" + where(conditions));
    if (!one) return std::unexpected(one.error());
    if (*one && (*one)->size() > 0) found.push_back(tried[i]);
  }
  return found;
}

}  // namespace pgrehearse
