// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/rule_page.h"
#include "linter/engine.h"
#include "rules/all_rules.h"

namespace pgrehearse {

ExitCode run_rules(const Options& options) {
  if (options.rule_id.empty()) {
    if (options.markdown) return write_all(1, rule_index()) ? ExitCode::clean : ExitCode::environment;
    size_t width = 0;
    for (const Rule& rule : all_rules()) width = std::max(width, rule.info.id.size());
    std::string text;
    for (const Rule& rule : all_rules()) {
      std::string severity(severity_name(rule.info.severity));
      text += std::string(rule.info.id) + std::string(width + 2 - rule.info.id.size(), ' ') + severity +
              std::string(9 - severity.size(), ' ') + std::string(rule.info.title) +
              (rule.info.on_by_default ? "\n" : " (opt-in)\n");
    }
    return write_all(1, text) ? ExitCode::clean : ExitCode::environment;
  }
  Settings settings;
  settings.select = {options.rule_id};
  auto chosen = choose_rules(all_rules(), settings);
  if (!chosen) {
    print_errors({chosen.error()});
    return ExitCode::usage;
  }
  return write_all(1, rule_page(*chosen->chosen.front())) ? ExitCode::clean : ExitCode::environment;
}

}  // namespace pgrehearse
