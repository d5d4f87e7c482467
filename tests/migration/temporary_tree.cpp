// SPDX-License-Identifier: Apache-2.0
#include "tests/migration/temporary_tree.h"

#include <cstdlib>
#include <fstream>

#include <catch2/catch_test_macros.hpp>

namespace pgrehearse {
namespace fs = std::filesystem;

TemporaryTree::TemporaryTree() {
  std::string pattern = (fs::temp_directory_path() / "pgrehearse-test-XXXXXX").native();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path_ = fs::canonical(pattern);
}

TemporaryTree::~TemporaryTree() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

TemporaryTree& TemporaryTree::write(const std::string& name, std::string_view text) {
  fs::create_directories((path_ / name).parent_path());
  std::ofstream file(path_ / name, std::ios::binary);
  file << text;
  file.close();
  REQUIRE(file);
  return *this;
}

Discovery TemporaryTree::discover(const std::vector<std::string>& paths, const std::string& layout) const {
  auto result = pgrehearse::discover(paths, {.layout = layout, .current = path_});
  REQUIRE(result);
  return std::move(*result);
}

MigrationSet TemporaryTree::set(const std::vector<std::string>& paths, const std::string& layout) const {
  Discovery found = discover(paths, layout);
  for (const Error& error : found.errors) INFO(error.message);
  REQUIRE(found.errors.empty());
  REQUIRE(found.sets.size() == 1);
  for (const Error& error : found.sets.front().errors) UNSCOPED_INFO(error.message);
  REQUIRE(found.sets.front().errors.empty());
  return std::move(found.sets.front());
}

std::vector<std::string> names(const MigrationSet& set) {
  std::vector<std::string> names;
  for (const Migration& migration : set.migrations) names.push_back(migration.display_name());
  return names;
}

std::string text(const Part& part) { return std::string(part.section.in(part.file->text())); }

}  // namespace pgrehearse
