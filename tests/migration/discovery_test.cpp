// SPDX-License-Identifier: Apache-2.0
#include "migration/discovery.h"

#include <sys/stat.h>

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "core/utf8.h"
#include "migration/input.h"
#include "tests/migration/temporary_tree.h"

using namespace pgrehearse;
namespace fs = std::filesystem;
using Names = std::vector<std::string>;

namespace {

Names messages(const std::vector<Error>& errors) {
  Names messages;
  for (const Error& error : errors) messages.push_back(error.message);
  return messages;
}

/// "001 a" and "(001 a)" for one that is context only.
Names marked(const MigrationSet& set) {
  Names marked;
  for (const Migration& migration : set.migrations) {
    std::string name = migration.display_name();
    marked.push_back(migration.context_only ? name.insert(0, 1, '(') + ")" : name);
  }
  return marked;
}

}  // namespace

TEST_CASE("no path finds every folder of migrations but those of others") {
  TemporaryTree tree;
  tree.write("a/db/migrations/1_x.up.sql").write("b/V1__x.sql").write("node_modules/p/migrations/1_x.up.sql");
  tree.write("vendor/q/1_x.up.sql").write(".hidden/1_x.up.sql").write("src/queries/find.sql").write("dist/1_x.up.sql");
  Discovery found = tree.discover();
  REQUIRE(found.sets.size() == 2);
  CHECK(found.sets[0].root == "a/db/migrations");
  CHECK(found.sets[1].root == "b");
  CHECK(found.errors.empty());
}

TEST_CASE("a file brings the migrations before it as context and none after it") {
  TemporaryTree tree;
  for (const char* name : {"m/1_a", "m/2_b", "m/3_c", "m/4_d"}) {
    tree.write(std::string(name) + ".up.sql").write(std::string(name) + ".down.sql");
  }
  tree.write("m/notes.sql");
  CHECK(marked(tree.set({"m/2_b.up.sql"})) == Names{"(1 a)", "2 b"});
  CHECK(marked(tree.set({"m/3_c.down.sql", "./m/../m/1_a.up.sql"})) == Names{"1 a", "(2 b)", "3 c"});
  CHECK(tree.set({"m/3_c.down.sql"}).other_files.empty());
  CHECK(marked(tree.set({"m/2_b.up.sql", "m"})) == Names{"1 a", "2 b", "3 c", "4 d"});
  MigrationSet other = tree.set({"m/notes.sql"});
  CHECK(other.migrations.empty());
  CHECK(other.other_files.size() == 1);
}

TEST_CASE("a file in a folder of its own finds its set above") {
  TemporaryTree tree;
  tree.write("m/2024_a/up.sql").write("m/2024_a/down.sql").write("m/2025_b/up.sql");
  MigrationSet set = tree.set({"m/2025_b/up.sql"});
  CHECK(set.layout == "diesel");
  CHECK(set.root == "m");
  CHECK(marked(set) == Names{"(2024 a)", "2025 b"});
}

TEST_CASE("a file among names that mean nothing stands for itself") {
  TemporaryTree tree;
  tree.write("q/report.sql").write("q/other.sql");
  MigrationSet set = tree.set({"q/report.sql"});
  CHECK(set.layout == "plain");
  CHECK(marked(set) == Names{"q/report.sql"});
  CHECK(set.migrations[0].up.mode == RunMode::statements);
}

TEST_CASE("a named folder that is no set is searched, and its loose files are read too") {
  TemporaryTree tree;
  tree.write("db/migrations/1_a.up.sql").write("db/seed.sql").write("db/views/v.sql");
  Discovery found = tree.discover({"db"});
  REQUIRE(found.sets.size() == 3);
  CHECK(found.sets[0].layout == "golang-migrate");
  CHECK(names(found.sets[1]) == Names{"seed"});
  CHECK(found.sets[1].other_files.empty());
  CHECK(found.sets[2].root == "db/views");
}

TEST_CASE("every path that gives nothing is named and the others are still done") {
  TemporaryTree tree;
  tree.write("m/1_a.up.sql").write("empty/README.md");
  fs::create_symlink(tree.path() / "gone.sql", tree.path() / "dangling.sql");
  REQUIRE(::mkfifo((tree.path() / "pipe.sql").c_str(), 0600) == 0);
  Discovery found = tree.discover({"none.sql", "empty", "no*.sql", "pipe.sql", "dangling.sql", "/dev/null", "", "m"});
  REQUIRE(found.sets.size() == 1);
  CHECK(messages(found.errors) == Names{
                                      "could not open file \"none.sql\": No such file or directory",
                                      "folder \"empty\" holds no migrations",
                                      "no file matches \"no*.sql\"",
                                      "could not read \"pipe.sql\": not a regular file",
                                      "could not open file \"dangling.sql\": No such file or directory",
                                      "could not read \"/dev/null\": not a regular file",
                                      "could not open file \"\": the name is empty",
                                  });
}

TEST_CASE("what a folder holds but cannot give is an error of its set") {
  TemporaryTree tree;
  tree.write("m/1_a.up.sql");
  REQUIRE(::mkfifo((tree.path() / "m/2_b.up.sql").c_str(), 0600) == 0);
  Discovery found = tree.discover({"m"});
  REQUIRE(found.sets.size() == 1);
  CHECK(names(found.sets[0]) == Names{"1 a"});
  CHECK(messages(found.sets[0].errors) == Names{"could not read \"m/2_b.up.sql\": not a regular file"});
}

TEST_CASE("a file over the cap is refused without being read") {
  TemporaryTree tree;
  tree.write("m/1_a.up.sql").write("m/2_b.up.sql");
  fs::resize_file(tree.path() / "m/2_b.up.sql", Input::max_file_size + 1);
  Discovery found = tree.discover({"m"});
  REQUIRE(found.sets.size() == 1);
  CHECK(messages(found.sets[0].errors) == Names{"file \"m/2_b.up.sql\" is larger than 256 MiB"});
}

TEST_CASE("links do not lead out of the repository nor in circles") {
  TemporaryTree outside;
  outside.write("9_secret.up.sql", "SELECT 'secret';");
  TemporaryTree tree;
  tree.write(".git/HEAD").write("m/1_a.up.sql").write("elsewhere/x.sql", "SELECT 2;");
  fs::create_symlink(outside.path() / "9_secret.up.sql", tree.path() / "m/9_secret.up.sql");
  fs::create_symlink("../elsewhere/x.sql", tree.path() / "m/2_b.up.sql");
  fs::create_symlink("..", tree.path() / "m/loop");
  Discovery found = tree.discover();
  REQUIRE(found.sets.size() == 1);
  CHECK(names(found.sets[0]) == Names{"1 a", "2 b"});
  CHECK(found.sets[0].migrations[1].up.file->path() == "elsewhere/x.sql");
  CHECK(messages(found.errors) ==
        Names{"symbolic link \"m/9_secret.up.sql\" leads out of the repository and is not followed"});
}

TEST_CASE("names of any bytes are read and shown as valid UTF-8") {
  TemporaryTree tree;
  tree.write("m/1_a b'\"\n;--.up.sql").write("m/2_\xff\xfe.up.sql").write("m/-3_x.up.sql").write("m/4_-x.up.sql");
  Discovery found = tree.discover({"m"});
  REQUIRE(found.sets.size() == 1);
  const MigrationSet& set = found.sets[0];
  REQUIRE(set.migrations.size() == 3);
  for (const Migration& migration : set.migrations) {
    CHECK(find_invalid_utf8(migration.up.file->path()) == std::string::npos);
    CHECK(find_invalid_utf8(migration.display_name()) == std::string::npos);
  }
  CHECK(set.migrations[1].up.file->path() == "m/2_\xEF\xBF\xBD\xEF\xBF\xBD.up.sql");
  CHECK(set.other_files.size() == 1);
  CHECK(find_invalid_utf8(set.notes.front()) == std::string::npos);
  CHECK(names(tree.set({"m/1_a b'\"\n;--.up.sql"})).size() == 1);
}

TEST_CASE("patterns are matched when no shell has done it") {
  TemporaryTree tree;
  tree.write("a/m/1_x.up.sql").write("b/c/m/2_y.up.sql").write("b/c/m/3_z.up.sql").write("[x].sql");
  CHECK(tree.discover({"**/m/*.up.sql"}).sets.size() == 2);
  CHECK(marked(tree.set({"b/*/m/3*.sql"})) == Names{"(2 y)", "3 z"});
  CHECK(tree.set({"b/**"}).root == "b/c/m");
  CHECK(names(tree.set({"[x].sql"})) == Names{"[x].sql"});  // an existing file is no pattern
  CHECK(tree.discover({"**/**/**/**/**/**/**/**/none"}).errors.size() == 1);
}

TEST_CASE("paths are shown relative to the current folder when below it") {
  TemporaryTree tree;
  tree.write("m/1_a.up.sql").write("here/x");
  auto found = discover(std::vector<std::string>{"../m"}, {.layout = {}, .current = tree.path() / "here"});
  REQUIRE(found);
  REQUIRE(found->sets.size() == 1);
  CHECK(found->sets[0].root == (tree.path() / "m").generic_string());
  fs::create_symlink("m", tree.path() / "link");
  CHECK(tree.set({"link/"}).root == "m");
}

TEST_CASE("a layout can be named, and a name that is none is a usage error with the known ones") {
  TemporaryTree tree;
  tree.write("V1__a.sql").write("V1__rollback_a.sql");
  CHECK(tree.set({"."}, "plain-rollback").layout == "plain-rollback");
  CHECK(tree.set({"."}, "flyway").layout == "flyway");
  CHECK(messages(tree.discover({"."}, "goose").errors) == Names{"folder \".\" holds no goose migrations"});
  auto wrong = discover(std::vector<std::string>{"."}, {.layout = "flywy", .current = tree.path()});
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().kind == Error::Kind::usage);
  CHECK(wrong.error().message == "layout \"flywy\" is not known");
  CHECK(wrong.error().help.find("flyway") != std::string::npos);
}

TEST_CASE("many files of one folder are found in one look") {
  TemporaryTree tree;
  std::vector<std::string> paths;
  for (int i = 0; i < 3000; ++i) {
    paths.push_back("q/file" + std::to_string(i) + ".sql");
    tree.write(paths.back());
  }
  Discovery found = tree.discover(paths);
  CHECK(found.sets.size() == 3000);
  CHECK(found.errors.empty());
}
