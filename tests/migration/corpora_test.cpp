// SPDX-License-Identifier: Apache-2.0
// Real migration folders of public projects, from PGREHEARSE_CORPORA: detected, ordered and paired as their meta.json
// and their tools say.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "migration/layouts/support.h"
#include "tests/migration/temporary_tree.h"

using namespace pgrehearse;
namespace fs = std::filesystem;

namespace {

fs::path corpora() {
  const char* path = std::getenv("PGREHEARSE_CORPORA");
  if (!path || !*path) SKIP("PGREHEARSE_CORPORA is not set: no real migrations to read");
  REQUIRE(fs::is_directory(path));
  return path;
}

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

MigrationSet load(const fs::path& corpus) {
  auto found = discover(std::vector<std::string>{"."}, {.layout = {}, .current = corpus});
  REQUIRE(found);
  INFO(corpus);
  for (const Error& error : found->errors) UNSCOPED_INFO(error.message);
  REQUIRE(found->errors.empty());
  REQUIRE(found->sets.size() == 1);
  for (const Error& error : found->sets.front().errors) UNSCOPED_INFO(error.message);
  REQUIRE(found->sets.front().errors.empty());
  return std::move(found->sets.front());
}

std::vector<std::string> files_named(const fs::path& corpus, std::string_view suffix, std::string_view without = "\n") {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
    std::string path = fs::relative(entry.path(), corpus).generic_string();
    if (entry.is_regular_file() && path.ends_with(suffix) && path.find(without) == std::string::npos) {
      files.push_back(path);
    }
  }
  return files;
}

size_t count_downs(const MigrationSet& set) {
  size_t count = 0;
  for (const Migration& migration : set.migrations) count += migration.down ? 1 : 0;
  return count;
}

struct Expected {
  const char* corpus;
  const char* ups;      ///< suffix of the up files
  const char* not_ups;  ///< part of a path that shows it is none
  const char* downs;    ///< suffix of the down files; empty: sections of the up files, "-": none at all
};

}  // namespace

TEST_CASE("every corpus is detected as its meta.json says") {
  size_t seen = 0;
  for (const auto& entry : fs::directory_iterator(corpora())) {
    if (!fs::exists(entry.path() / "meta.json")) continue;
    auto meta = nlohmann::json::parse(content(entry.path() / "meta.json"));
    MigrationSet set = load(entry.path());
    INFO(entry.path());
    INFO(set.reason);
    CHECK(set.layout == meta["layout"].get<std::string>());
    CHECK_FALSE(set.reason.empty());
    ++seen;
  }
  CHECK(seen >= 15);
}

TEST_CASE("corpora with versions in their names: every up file once, in the order of the numbers, with its down") {
  fs::path root = corpora();
  for (const Expected& expected : {
           Expected{"conductor", ".sql", "\n", "-"},
           Expected{"crates-io", "/up.sql", "\n", "/down.sql"},
           Expected{"distr", ".up.sql", "\n", ".down.sql"},
           Expected{"distr-dbmate", ".sql", "\n", ""},
           Expected{"distr-node-pg", ".sql", "\n", ""},
           Expected{"distr-rollback", ".sql", "__rollback_", "__rollback_"},
           Expected{"openfga", ".sql", "\n", ""},
           Expected{"svix", ".up.sql", "\n", ".down.sql"},
           Expected{"svix-flyway-undo", ".sql", "U2", "U2"},
           Expected{"svix-hasura", "/up.sql", "\n", "/down.sql"},
           Expected{"svix-sourcegraph", "/up.sql", "\n", "/down.sql"},
           Expected{"umami", "/migration.sql", "\n", "-"},
       }) {
    INFO(expected.corpus);
    fs::path corpus = root / expected.corpus;
    MigrationSet set = load(corpus);
    std::vector<std::string> ups = files_named(corpus, expected.ups, expected.not_ups);
    CHECK(set.migrations.size() == ups.size());
    std::vector<std::string> files;
    for (size_t i = 0; i < set.migrations.size(); ++i) {
      files.push_back(set.migrations[i].up.file->path());
      if (i == 0) continue;
      const std::string& before = set.migrations[i - 1].version;
      const std::string& version = set.migrations[i].version;
      // Diesel compares versions as text; the other tools compare numbers.
      bool in_order = set.layout == "diesel" ? before < version : compare_natural(before, version) < 0;
      INFO(before + " before " + version);
      CHECK(in_order);
    }
    std::ranges::sort(files);
    std::ranges::sort(ups);
    CHECK(files == ups);
    std::string_view downs = expected.downs;
    size_t wanted = set.migrations.size();
    if (downs == "-") wanted = 0;
    if (downs.starts_with('/') || downs.starts_with('.')) wanted = files_named(corpus, downs).size();
    CHECK(count_downs(set) == wanted);
  }
}

TEST_CASE("registry is in the order of its plan") {
  fs::path corpus = corpora() / "registry";
  std::istringstream plan(content(corpus / "sqitch.plan"));
  std::vector<std::string> changes;
  for (std::string line; std::getline(plan, line);) {
    if (!line.empty() && line[0] != '%' && line[0] != '#') changes.push_back(line.substr(0, line.find(' ')));
  }
  MigrationSet set = load(corpus);
  CHECK(names(set) == changes);
  CHECK(count_downs(set) == changes.size());
  for (const Migration& migration : set.migrations) CHECK(migration.verify);
}

TEST_CASE("homarr is in the order of its journal") {
  fs::path corpus = corpora() / "homarr";
  std::vector<std::string> files;
  auto journal = nlohmann::json::parse(content(corpus / "meta/_journal.json"));
  for (const auto& entry : journal["entries"]) {
    files.push_back(entry["tag"].get<std::string>() + ".sql");
  }
  MigrationSet set = load(corpus);
  REQUIRE(set.migrations.size() == files.size());
  for (size_t i = 0; i < files.size(); ++i) CHECK(set.migrations[i].up.file->path() == files[i]);
  CHECK(set.migrations.front().up.mode == RunMode::all_pending);
}

TEST_CASE("temporal-visibility is in the order of versions, files as the manifests name them") {
  fs::path corpus = corpora() / "temporal-visibility";
  MigrationSet set = load(corpus);
  std::vector<std::string> versions;
  for (const Migration& migration : set.migrations) {
    if (versions.empty() || versions.back() != migration.version) versions.push_back(migration.version);
  }
  CHECK(versions == std::vector<std::string>{"v1.0", "v1.1", "v1.2", "v1.3", "v1.4", "v1.5", "v1.6", "v1.7", "v1.8",
                                             "v1.9", "v1.13", "v1.14"});
  CHECK(count_downs(set) == 0);
}

TEST_CASE("crates-io runs some migrations without a transaction, as metadata.toml says") {
  fs::path corpus = corpora() / "crates-io";
  MigrationSet set = load(corpus);
  size_t without = 0;
  for (const Migration& migration : set.migrations) without += migration.up.mode == RunMode::query_string ? 1 : 0;
  CHECK(without == files_named(corpus, "/metadata.toml").size());
}
