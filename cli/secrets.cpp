// SPDX-License-Identifier: Apache-2.0
#include "cli/secrets.h"

#include <algorithm>

#include "linter/engine.h"
#include "rules/all_rules.h"

namespace pgrehearse {

void know_secrets(const std::vector<ConfiguredSet>& sets, Report& report) {
  Settings settings;
  for (const Rule& rule : all_rules()) {
    if (rule.info.category == Category::secrets) settings.select.emplace_back(rule.info.id);
  }
  auto rules = choose_rules(all_rules(), settings);
  if (!rules) return;
  Report found;
  for (const auto& [set, config] : sets) {
    MigrationSet all = set;
    for (Migration& migration : all.migrations) migration.context_only = false;
    lint(all, *rules, settings, found);
  }
  auto add = [&](uint32_t file, Span span) {
    auto place = std::ranges::find(report.files, found.files[file]);
    auto number = place == report.files.end() ? report.add_file(found.files[file])
                                              : static_cast<uint32_t>(place - report.files.begin());
    report.silenced_secrets.emplace_back(number, span);
  };
  for (const Finding& finding : found.findings) {
    for (Span span : finding.redact) add(finding.file, span);
  }
  for (const auto& [file, span] : found.silenced_secrets) add(file, span);
}

bool finds_all_secrets(const std::vector<ConfiguredSet>& sets) {
  return std::ranges::all_of(sets, [](const ConfiguredSet& configured) {
    const Settings& lint = configured.config->lint;
    auto is_about_secrets = [](const std::string& id) {
      const Rule* rule = all_rules().find(id);
      return rule && rule->info.category == Category::secrets;
    };
    bool narrowed = !lint.select.empty() || std::ranges::any_of(lint.ignore, is_about_secrets) ||
                    std::ranges::none_of(lint.presets, [](const std::string& name) {
                      return name == "recommended" || name == "strict" || name == "supabase";
                    });
    return !narrowed && std::ranges::none_of(configured.set.migrations, &Migration::context_only);
  });
}

}  // namespace pgrehearse
