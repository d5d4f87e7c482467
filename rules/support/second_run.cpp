// SPDX-License-Identifier: Apache-2.0
#include "rules/support/second_run.h"

namespace pgrehearse {

bool fails_again(const Context& context) {
  return !context.conditional() && !context.caught() && context.may_run_again();
}

std::optional<Fix> wrap_in_guard(const Statement& statement, std::string_view condition) {
  bool quotable = statement.text.find('$') == std::string_view::npos;
  if (statement.origin != Origin::top_level || !quotable) return std::nullopt;
  uint32_t begin = statement.span.begin, end = statement.span.end;
  return Fix{"Pass over an object that is there",
             Fix::Safety::unsafe,
             {{{begin, begin}, "DO $$ BEGIN\n"},
              {{end, end}, ";\nEXCEPTION WHEN " + std::string(condition) + " THEN NULL;\nEND $$"}}};
}

Fix put_before(const Statement& statement, Fix::Safety safety, std::string title, std::string sql) {
  sql += '\n';
  return Fix::of(std::move(title), safety, {{statement.span.begin, statement.span.begin}, std::move(sql)});
}

}  // namespace pgrehearse
