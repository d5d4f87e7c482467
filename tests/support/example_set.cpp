// SPDX-License-Identifier: Apache-2.0
#include "tests/support/example_set.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "linter/engine.h"
#include "migration/discovery.h"
#include "rules/all_rules.h"

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

MigrationSet from_files(std::string_view sql) {
  char pattern[] = "/tmp/pgrehearse-example-XXXXXX";
  if (!mkdtemp(pattern)) throw std::runtime_error("mkdtemp failed");
  std::filesystem::path folder = std::filesystem::path(pattern) / "migrations";
  std::filesystem::create_directory(folder);
  size_t at = sql.find(marker);
  while (at != std::string_view::npos) {
    size_t name_end = sql.find('\n', at);
    std::string name(sql.substr(at + marker.size(), name_end - at - marker.size()));
    size_t next = sql.find(marker, name_end);
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << sql.substr(name_end + 1, next == sql.npos ? next : next - name_end - 1);
    at = next;
  }
  std::vector<std::string> paths{folder.string()};
  auto found = discover(paths);
  std::filesystem::remove_all(pattern);
  if (!found || found->sets.size() != 1) throw std::runtime_error("the example's files make no migration set");
  return std::move(found->sets.front());
}

}  // namespace

MigrationSet example_set(const RuleInfo& info, const Example& example) {
  if (example.sql.find(marker) != std::string::npos) return from_files(example.sql);
  MigrationSet set;
  set.layout = "plain";
  if (!info.setup.empty()) set.migrations.push_back(in_memory("0", info.setup, RunMode::statements));
  set.migrations.push_back(
      in_memory("1", example.sql, example.in_transaction ? RunMode::transaction : RunMode::statements));
  return set;
}

Report lint_example(const Rule& rule, const Example& example) {
  Report report;
  MigrationSet set = example_set(rule.info, example);
  Settings settings;
  settings.select = {rule.info.id};
  lint(set, RuleSet{&all_rules(), {&rule}}, settings, report);
  report.finish();
  return report;
}

}  // namespace pgrehearse
