// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string_view>

#include "impact/impact.h"

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

std::optional<Volatility> builtin_volatility(std::string_view name, int pg_version) {
  auto found = std::ranges::lower_bound(entries, name, {}, &Entry::name);
  if (found == std::end(entries) || found->name != name) return std::nullopt;
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

}  // namespace

std::optional<Volatility> function_volatility(const QualifiedName& function, const SchemaState& state, int pg_version) {
  std::optional<Volatility> worst;
  if (function.schema.empty() || function.schema == "pg_catalog") worst = builtin_volatility(function.name, pg_version);
  if (function.schema == "pg_catalog") return worst;
  for (const FunctionState* overload : state.functions(function)) {
    if (!worst || *worst < overload->volatility) worst = overload->volatility;
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
