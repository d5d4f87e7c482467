// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string_view>

#include "impact/effects.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

struct Entry {
  std::string_view name;
  std::string_view by_major;  ///< i, s, v or - for each of `majors`
};

#define PGREHEARSE_VOLATILITY_MAJORS(...) constexpr int majors[] = {__VA_ARGS__};
#define PGREHEARSE_VOLATILITY(name, by_major)
#include "impact/volatility_data.inc"
#undef PGREHEARSE_VOLATILITY_MAJORS
#undef PGREHEARSE_VOLATILITY

constexpr Entry entries[] = {
#define PGREHEARSE_VOLATILITY_MAJORS(...)
#define PGREHEARSE_VOLATILITY(name, by_major) {name, by_major},
#include "impact/volatility_data.inc"
#undef PGREHEARSE_VOLATILITY_MAJORS
#undef PGREHEARSE_VOLATILITY
};

const Entry* entry_of(std::string_view name) {
  auto found = std::ranges::lower_bound(entries, name, {}, &Entry::name);
  return found != std::end(entries) && found->name == name ? found : nullptr;
}

std::optional<Volatility> builtin_volatility(std::string_view name, int pg_version) {
  const Entry* found = entry_of(name);
  if (!found) return std::nullopt;
  // Majors older than the oldest that was asked are taken to be like it.
  size_t column = 0;
  while (column + 1 < std::size(majors) && majors[column] < pg_version) ++column;
  switch (found->by_major[column]) {
    case 'i': return Volatility::immutable;
    case 's': return Volatility::stable;
    case 'v': return Volatility::volatile_;
    default: return std::nullopt;
  }
}

/// The planner replaces a call of a simple SQL function by its body, whose own calls then count. Empty when the body is
/// more than one SELECT without FROM, or when the function must stay a call.
std::optional<std::vector<QualifiedName>> inlined_calls(const FunctionState& function) {
  if (function.language != "sql" || function.security_definer || function.sets_search_path || function.strict) {
    return std::nullopt;
  }
  std::vector<QualifiedName> calls;
  std::string_view body = function.body;
  Lexer lexer(body);
  Token token = lexer.next_significant();
  if (token.kind == TokenKind::end || !equals_ignoring_case(token.span.in(body), "select")) return std::nullopt;
  for (Token previous = token; (token = lexer.next_significant()).kind != TokenKind::end; previous = token) {
    std::string_view word = token.span.in(body);
    for (std::string_view stop : {"from", "with", "union", "select", "limit", "where", "group", "into"}) {
      if (equals_ignoring_case(word, stop)) return std::nullopt;
    }
    std::string_view before = previous.span.in(body);
    if (before == ";") return std::nullopt;
    if (word != "(" || before.empty() || !is_identifier_start(before[0])) continue;
    std::string name(before);
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    calls.push_back({"", std::move(name)});
  }
  return calls;
}

}  // namespace

bool only_in_newer_servers(const QualifiedName& function, int pg_version) {
  bool builtin = function.schema.empty() || function.schema == "pg_catalog";
  return builtin && entry_of(function.name) && !builtin_volatility(function.name, pg_version);
}

std::optional<Volatility> function_volatility(const QualifiedName& function, const SchemaState& state, int pg_version) {
  std::optional<Volatility> worst;
  if (function.schema.empty() || function.schema == "pg_catalog") worst = builtin_volatility(function.name, pg_version);
  if (function.schema == "pg_catalog") return worst;
  for (const FunctionState* overload : state.functions(function)) {
    Volatility own = overload->volatility;
    if (auto calls = own == Volatility::immutable ? std::nullopt : inlined_calls(*overload)) {
      Volatility inlined = Volatility::immutable;
      for (const QualifiedName& call : *calls) {
        auto called = builtin_volatility(call.name, pg_version);
        inlined = std::max(inlined, called.value_or(own));
      }
      own = std::min(own, inlined);
    }
    if (!worst || *worst < own) worst = own;
  }
  return worst;
}

std::optional<Volatility> expression_volatility(const ExpressionFacts& expression, const SchemaState& state,
                                                int pg_version) {
  Volatility worst = Volatility::immutable;
  bool all_known = expression.understood;
  for (const QualifiedName& function : expression.functions) {
    auto volatility = function_volatility(function, state, pg_version);
    if (!volatility) all_known = false;
    if (volatility && *volatility > worst) worst = *volatility;
  }
  // Nothing is more volatile than volatile, whatever the unknown rest is.
  if (worst == Volatility::volatile_ || all_known) return worst;
  return std::nullopt;
}

}  // namespace pgrehearse
