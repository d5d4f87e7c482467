// SPDX-License-Identifier: Apache-2.0
#include "rules/support/session_leak.h"

#include "rules/support/advice.h"
#include "sql/edit.h"

namespace pgrehearse {
namespace {

/// The end of the part's last statement, its semicolon included.
uint32_t end_of_part(const Context& context) {
  Script script(context.part().file, context.part().section);
  if (script.statements().empty()) return context.part().section.end;
  uint32_t end = script.statements().back().span.end;
  size_t next = script.text().find_first_not_of(" \t\r\n", end);
  return next != std::string_view::npos && script.text()[next] == ';' ? static_cast<uint32_t>(next) + 1 : end;
}

}  // namespace

bool outlives_file(const Statement& statement, const Context& context, const SettingChange& change) {
  return !change.local && change.value && !has_own_session(context) && !is_reset_later(statement, context, change.name);
}

void advise_ending_with_file(Finding& finding, const Statement& statement, const Context& context,
                             const SettingChange& change, std::string_view reset) {
  // A lone statement of a query string is in no transaction, but it would be with a second one.
  bool local = is_in_transaction(statement, context) || context.part().mode == RunMode::query_string;
  if (local && change.is_function) {
    finding.help = "Give set_config() true as its last argument: the setting then ends with the transaction.";
    return;
  }
  if (local) {
    finding.help = "Write SET LOCAL: the setting then ends with the transaction.";
    auto word = find_keywords(statement, {"set", "session"});
    if (word && change.name != "session_authorization") {
      finding.fix = Fix{"Make it SET LOCAL", Fix::Safety::safe, {{*word, "SET LOCAL"}}};
    } else if (auto edit = insert_after(statement, {"set"}, " LOCAL")) {
      finding.fix = Fix{"Make it SET LOCAL", Fix::Safety::safe, {*edit}};
    }
    return;
  }
  finding.help = "Write " + std::string(reset) + "; after the statements that need it.";
  if (statement.origin != Origin::top_level) return;
  uint32_t end = end_of_part(context);
  bool closed = end > 0 && statement.source[end - 1] == ';';
  finding.fix = Fix{"Take it back at the end",
                    Fix::Safety::safe,
                    {{{end, end}, std::string(closed ? "\n" : ";\n") + std::string(reset) + ";"}}};
}

}  // namespace pgrehearse
