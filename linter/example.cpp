// SPDX-License-Identifier: Apache-2.0
#include "linter/example.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "linter/engine.h"
#include "migration/discovery.h"

namespace pgrehearse {
namespace {

constexpr std::string_view marker = "-- file: ";

Migration in_memory(std::string version, std::string_view sql, RunMode mode) {
  Migration migration;
  migration.version = std::move(version);
  auto file = std::make_shared<const SourceFile>(migration.version + ".sql", std::string(sql));
  migration.up = {file, {0, static_cast<uint32_t>(sql.size())}, mode, false};
  return migration;
}

/// `-- file: 2.sql [added]` and so on: the history that an example is about. Files without a mark are old then.
void mark(MigrationSet& set, const std::vector<std::pair<std::string, std::string>>& marks) {
  set.base = "origin/main";
  std::erase_if(set.migrations, [&](const Migration& migration) {
    bool elsewhere = std::ranges::any_of(marks, [&](const auto& mark) {
      return mark.first == migration.up.file->path() && mark.second == "added on the base";
    });
    if (elsewhere) set.added_on_base.push_back(migration.up.file);
    return elsewhere;
  });
  for (Migration& migration : set.migrations) {
    migration.history = History::old;
    for (const auto& [name, what] : marks) {
      if (migration.up.file->path() != name) continue;
      if (what == "added") migration.history = History::added;
      if (what == "edited") migration.history = History::edited;
      if (what == "reworded") migration.history = History::reworded;
      if (what.starts_with("was ")) {
        migration.history = History::moved;
        migration.former_path = what.substr(4);
      }
      migration.changed_on_base = what == "changed on both sides";
    }
    migration.context_only = migration.history == History::old && !migration.changed_on_base;
  }
  for (size_t i = 0; i < set.migrations.size(); ++i) {
    bool before_old = i + 1 < set.migrations.size() && set.migrations[i + 1].history == History::old;
    if (set.migrations[i].history == History::added && before_old) {
      set.migrations[i].sorts_before = set.migrations[i + 1].up.file->path();
    }
  }
}

Result<MigrationSet> from_files(std::string_view sql) {
  std::error_code failed;
  std::string pattern = std::filesystem::temp_directory_path(failed) / "pgrehearse-example-XXXXXX";
  if (failed || !mkdtemp(pattern.data())) return environment_error("could not create a temporary folder");
  std::filesystem::path folder = std::filesystem::path(pattern) / "migrations";
  std::filesystem::create_directory(folder, failed);
  std::vector<std::pair<std::string, std::string>> marks;  // what a version control would say, by file
  for (size_t at = sql.find(marker); at != std::string_view::npos;) {
    size_t name_end = std::min(sql.find('\n', at), sql.size() - 1);
    std::string_view name = sql.substr(at + marker.size(), name_end - at - marker.size());
    if (size_t mark = name.find(" ["); mark != std::string_view::npos) {
      marks.emplace_back(name.substr(0, mark), name.substr(mark + 2, name.size() - mark - 3));
      name = name.substr(0, mark);
    }
    std::filesystem::path path = folder / name;
    at = sql.find(marker, name_end);
    std::filesystem::create_directories(path.parent_path(), failed);
    std::ofstream(path, std::ios::binary) << sql.substr(name_end + 1, at == sql.npos ? at : at - name_end - 1);
  }
  std::vector<std::string> paths{folder.string()};
  auto found = discover(paths, {.current = folder});
  std::filesystem::remove_all(pattern, failed);
  if (!found) return std::unexpected(found.error());
  if (found->sets.size() != 1) return usage_error("the example's files make no migration set");
  MigrationSet set = std::move(found->sets.front());
  if (!marks.empty()) mark(set, marks);
  return set;
}

}  // namespace

Result<MigrationSet> example_set(const RuleInfo& info, const Example& example) {
  if (example.sql.find(marker) != std::string::npos) return from_files(example.sql);
  MigrationSet set;
  set.layout = "plain";
  if (!info.setup.empty()) set.migrations.push_back(in_memory("0", info.setup, RunMode::statements));
  set.migrations.push_back(
      in_memory("1", example.sql, example.in_transaction ? RunMode::transaction : RunMode::statements));
  return set;
}

Result<Report> lint_example(const Rule& rule, const Rules& all, const Example& example) {
  auto set = example_set(rule.info, example);
  if (!set) return std::unexpected(set.error());
  RuleSet rules{&all, {&rule}};
  Settings settings;
  settings.select.emplace_back(rule.info.id);
  if (example.pg_version) settings.pg_version = example.pg_version;
  bool has_check = rule.check || rule.check_migration || rule.check_round_trip || rule.check_text ||
                   rule.check_syntax_error || rule.check_problem;
  if (!has_check) {
    rules.chosen.clear();
    for (const Rule& each : all) rules.chosen.push_back(&each);
  }
  Report report;
  lint(*set, rules, settings, report);
  std::erase_if(report.findings, [&](const Finding& finding) { return finding.rule != rule.info.id; });
  report.finish();
  return report;
}

}  // namespace pgrehearse
