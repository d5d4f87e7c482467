// SPDX-License-Identifier: Apache-2.0
// Runs migration sets on a throw-away server and holds SchemaState against its catalog. See tools/state-agreement.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>

#include "migration/discovery.h"
#include "runner/stage.h"
#include "tests/migration/agreement.h"

namespace {

using namespace pgrehearse;

/// nullopt: the set could not be read or run at all.
std::optional<test::Agreement> agreement_of(const MigrationSet& set, const ServerOptions& options) {
  auto stage = Stage::open(options, "", "");
  if (!stage) {
    std::fprintf(stderr, "%s\n", stage.error().message.c_str());
    return std::nullopt;
  }
  SchemaState state;
  uint32_t index = 0;
  for (const Migration& migration : set.migrations) {
    auto applied = (*stage)->apply(migration.up, {}, false);
    if (!applied) {
      std::fprintf(stderr, "%s\n", applied.error().message.c_str());
      return std::nullopt;
    }
    if (!applied->succeeded) {
      std::printf("  not counted: %s fails on the server: %s\n", migration.up.file->path().c_str(),
                  applied->error.one_line().c_str());
      continue;
    }
    state.begin_migration(index++);
    test::fold_part(state, migration.up);
  }
  auto observer = (*stage)->server().connect_observer();
  if (!observer) {
    std::fprintf(stderr, "%s\n", observer.error().message.c_str());
    return std::nullopt;
  }
  return test::compare_with_server(state, *observer);
}

void print(const std::string& name, const test::Agreement& agreement) {
  std::printf(
      "%s: %zu of %zu objects equal (%.2f %%), %zu of them with a type that the state does not know; "
      "%zu relations known in part\n",
      name.c_str(), agreement.equal, agreement.objects, 100 * agreement.share(), agreement.unknown,
      agreement.uncertain_relations);
  for (const std::string& difference : agreement.differences) std::printf("  %s\n", difference.c_str());
}

}  // namespace

int main(int argc, char** argv) try {
  ServerOptions options;
  if (argc < 3) {
    std::fprintf(stderr, "usage: state_agreement PG_BIN FOLDER...\n");
    return 2;
  }
  options.pg_bin = argv[1];
  test::Agreement all;
  bool failed = false;
  for (int i = 2; i < argc; ++i) {
    auto found = discover(std::vector<std::string>{"."}, {.layout = {}, .current = argv[i]});
    if (!found || found->sets.empty()) {
      std::fprintf(stderr, "%s: no migrations found\n", argv[i]);
      failed = true;
      continue;
    }
    for (const MigrationSet& set : found->sets) {
      auto agreement = agreement_of(set, options);
      failed = failed || !agreement;
      if (!agreement) continue;
      print(std::filesystem::path(argv[i]).filename().string(), *agreement);
      all += *agreement;
    }
  }
  all.differences.clear();
  print("all", all);
  constexpr double bar = 0.995;
  return failed ? 3 : all.share() < bar;
} catch (const std::exception& error) {
  std::fprintf(stderr, "state_agreement: %s\n", error.what());
  return 3;
}
