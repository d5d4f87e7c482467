// SPDX-License-Identifier: Apache-2.0
#include "migration/expansion.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/migration/temporary_tree.h"

namespace pgrehearse {
namespace {

/// The text of a single file as it runs.
std::string expanded(const std::string& text, const Variables& variables = {}, const std::string& layout = "plain") {
  TemporaryTree tree;
  tree.write("a.sql", text);
  Input input(tree.path());
  MigrationSet set = single_file_set(*input.read(tree.path() / "a.sql"));
  set.layout = layout;
  expand(set, variables, input);
  for (const Error& error : set.errors) UNSCOPED_INFO(error.message);
  CHECK(set.errors.empty());
  return std::string(script_of(set.migrations[0].up).text());
}

TEST_CASE("psql's variables are put in where they are known") {
  CHECK(expanded("\\set t orders\nDROP TABLE :t; DROP TABLE :\"t\"; SELECT :'t', :u;") ==
        "\\set t orders\nDROP TABLE orders; DROP TABLE \"orders\"; SELECT 'orders', :u;");
  CHECK(expanded("SELECT :x;", {{"x", "1"}}) == "SELECT 1;");
  CHECK(expanded("\\set x 'it''s' ' two'\nSELECT :'x';") == "\\set x 'it''s' ' two'\nSELECT 'it''s two';");
  CHECK(expanded("SELECT :'x';", {{"x", "a\\b"}}) == "SELECT  E'a\\\\b';");
  CHECK(expanded("\\set x 1\n\\set y :x\nSELECT :y;") == "\\set x 1\n\\set y :x\nSELECT 1;");
  CHECK(expanded("\\set x 1\n\\unset x\nSELECT :x;") == "\\set x 1\n\\unset x\nSELECT :x;");
  CHECK(expanded("\\set x `id`\nSELECT :x;") == "\\set x `id`\nSELECT :x;");
  CHECK(expanded("SELECT ':x', $$ :x $$, a::x; -- :x\n", {{"x", "1"}}) == "SELECT ':x', $$ :x $$, a::x; -- :x\n");
  CHECK(expanded("SELECT :x;", {{"x", "1"}}, "goose") == "SELECT :x;");  // only psql does that
  CHECK(expanded("COPY t FROM stdin;\n:x\n\\.\nSELECT :x;", {{"x", "1"}}) == "COPY t FROM stdin;\n:x\n\\.\nSELECT 1;");
}

TEST_CASE("values are put in for template marks, in strings too") {
  CHECK(expanded("CREATE TABLE ${s}.t (a text DEFAULT '${s}'); SELECT $$ ${s} $$, {{ s }}, <%= s %>, x_${s}_y;",
                 {{"s", "shop"}}) ==
        "CREATE TABLE shop.t (a text DEFAULT 'shop'); SELECT $$ shop $$, shop, shop, x_shop_y;");
  CHECK(expanded("DROP TABLE ${s}.t; -- ${s}\n", {{"s", "shop"}}, "flyway") == "DROP TABLE shop.t; -- ${s}\n");
  CHECK(expanded("DROP TABLE ${other}.t;", {{"s", "shop"}}) == "DROP TABLE ${other}.t;");
}

TEST_CASE("branches whose condition is known are taken or left out") {
  std::string file = "\\if :x\nSELECT 1;\n\\else\nSELECT 2;\n\\endif\nSELECT 3;\n";
  CHECK(expanded(file, {{"x", "true"}}) == "\nSELECT 1;\n\nSELECT 3;\n");
  CHECK(expanded(file, {{"x", "off"}}) == "\nSELECT 2;\n\nSELECT 3;\n");
  CHECK(expanded(file) == file);  // either may run
  CHECK(expanded("\\if :{?x}\nSELECT 1;\n\\endif\n") == "\n");
  CHECK(expanded("\\if false\n\\if true\nSELECT 1;\n\\endif\n\\elif true\nSELECT 2;\n\\else\nSELECT 3;\n\\endif\n") ==
        "\nSELECT 2;\n\n");
}

TEST_CASE("files are read from files, inside the repository only") {
  TemporaryTree tree;
  tree.write("repo/.git/HEAD")
      .write("repo/db/1_a.sql", "SELECT 1;\n\\i db/sub/b.sql\nSELECT 4;\n")
      .write("repo/db/sub/b.sql", "SELECT 2;\n\\ir c.sql\n")
      .write("repo/db/sub/c.sql", "SELECT :x;")
      .write("repo/db/2_bad.sql",
             "\\i ../outside.sql\n\\i /etc/passwd\n\\i absent.sql\n\\ir 2_bad.sql\n\\i :name\n\\ir link.sql\n")
      .write("outside.sql", "SELECT 1;\n");
  std::filesystem::create_symlink(tree.path() / "outside.sql", tree.path() / "repo/db/link.sql");
  Input input(tree.path() / "repo");
  MigrationSet set = single_file_set(*input.read(tree.path() / "repo/db/1_a.sql"));
  expand(set, {{"x", "3"}}, input);
  CHECK(set.errors.empty());
  const Part& part = set.migrations[0].up;
  REQUIRE(part.expansion);
  CHECK(part.expansion->file->text() == "SELECT 1;\nSELECT 2;\nSELECT 3;\n\n\nSELECT 4;\n");
  auto place = [&](std::string_view what) {
    auto at = static_cast<uint32_t>(part.expansion->file->text().find(what));
    auto found = part.expansion->place_of({at, at + static_cast<uint32_t>(what.size())});
    return found.file->path() + ":" + std::string(found.span.in(found.file->text())) +
           (found.verbatim ? "" : " (put in)");
  };
  CHECK(place("SELECT 2") == "db/sub/b.sql:SELECT 2");
  CHECK(place("SELECT 3") == "db/sub/c.sql:SELECT :x (put in)");
  CHECK(place("3") == "db/sub/c.sql::x (put in)");
  CHECK(place("SELECT 4") == "db/1_a.sql:SELECT 4");

  MigrationSet bad = single_file_set(*input.read(tree.path() / "repo/db/2_bad.sql"));
  expand(bad, {}, input);
  REQUIRE(bad.errors.size() == 5);
  CHECK(bad.errors[0].message.find("db/2_bad.sql:1: the file ") == 0);
  CHECK(bad.errors[0].message.find("lies outside of the repository") != std::string::npos);
  CHECK(bad.errors[1].message.find("lies outside of the repository") != std::string::npos);
  CHECK(bad.errors[2].message.find("could not find the file \"absent.sql\"") != std::string::npos);
  CHECK(bad.errors[4].message.find("lies outside of the repository") != std::string::npos);
  CHECK(bad.notes.size() == 1);
}

TEST_CASE("hostile files end") {
  CHECK(expanded(std::string(100'000, '\\') + "i", {{"x", "1"}}).size() > 0);
  std::string many = "\\set x 1\n";
  for (int i = 0; i < 20'000; ++i) many += "SELECT :x;\n";
  CHECK(expanded(many).size() == many.size() - 20'000);
  TemporaryTree tree;
  std::string twice = "\\ir a.sql\n\\ir a.sql\n";
  for (char c = 'a'; c < 'z'; ++c) {
    tree.write(std::string(1, c) + ".sql",
               "\\ir " + std::string(1, c + 1) + ".sql\n\\ir " + std::string(1, c + 1) + ".sql\n");
  }
  Input input(tree.path());
  MigrationSet set = single_file_set(*input.read(tree.path() / "a.sql"));
  expand(set, {}, input);
  CHECK_FALSE(set.errors.empty());
}

}  // namespace
}  // namespace pgrehearse
