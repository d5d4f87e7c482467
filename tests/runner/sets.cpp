// SPDX-License-Identifier: Apache-2.0
#include "tests/runner/sets.h"

#include <memory>

namespace pgrehearse {

MigrationSet set_of(const std::vector<Sql>& files, RunMode mode) {
  MigrationSet set;
  set.layout = "test";
  auto part = [&](const std::string& name, const std::string& sql) {
    Part made;
    made.file = std::make_shared<SourceFile>(name, sql);
    made.section = {0, static_cast<uint32_t>(sql.size())};
    made.mode = mode;
    return made;
  };
  for (const Sql& sql : files) {
    Migration& migration = set.migrations.emplace_back();
    migration.version = std::to_string(set.migrations.size());
    migration.up = part(migration.version + ".up.sql", sql.up);
    if (sql.down && !sql.down->empty()) migration.down = part(migration.version + ".down.sql", *sql.down);
  }
  return set;
}

std::string verdicts_of(const MigrationReport& report) {
  std::string text;
  for (const Outcome& each : report.outcomes) text += verdict_name(each.verdict)[0];
  return text;
}

const Outcome& outcome_of(const MigrationReport& report, Step step) {
  return report.outcomes[static_cast<size_t>(step)];
}

}  // namespace pgrehearse
