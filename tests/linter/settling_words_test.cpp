// SPDX-License-Identifier: Apache-2.0
#include "linter/settling_words.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

using namespace pgrehearse;

static MigrationSet set_of(std::vector<std::string> texts) {
  MigrationSet set;
  for (std::string& text : texts) {
    auto file = std::make_shared<SourceFile>("m" + std::to_string(set.migrations.size()) + ".sql", std::move(text));
    Migration migration;
    migration.up = {file, {0, static_cast<uint32_t>(file->text().size())}, RunMode::statements, false};
    set.migrations.push_back(std::move(migration));
  }
  return set;
}

TEST_CASE("the last migration that drops or validates a name is found") {
  SettlingWords words(set_of({"CREATE TABLE orders (id int);", "alter table Orders validate constraint Orders_Check;",
                              "DROP TABLE IF EXISTS app.carts, \"odd name\"; SELECT 1 FROM orders",
                              "ALTER TABLE invoices ADD note text"}));
  CHECK(words.last_with("orders_check") == 1);
  CHECK(words.last_with("carts") == 2);
  CHECK(words.last_with("odd name") == 2);
  CHECK(words.last_with("odd carpet") == 0);
  CHECK(words.last_with("orders") == 0);
  CHECK(words.last_with("invoices") == 0);
  CHECK(words.last_with("") == 0);
}

TEST_CASE("many settled names are all kept") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "DROP TABLE t" + std::to_string(i) + ";\n";
  SettlingWords words(set_of({"", text}));
  int found = 0;
  for (int i = 0; i < 5000; ++i) found += words.last_with("t" + std::to_string(i)) == 1;
  CHECK(found == 5000);
}

TEST_CASE("DROP and VALIDATE are seen at each place of a text, as whole words alone") {
  for (size_t before = 0; before < 40; ++before) {
    std::string blanks(before, ' ');
    SettlingWords words(set_of({"", blanks + "DROP a; " + blanks + "vaLidate b"}));
    if (words.last_with("a") != 1 || words.last_with("b") != 1) FAIL_CHECK(before);
    SettlingWords none(set_of({"", blanks + "xdrop a; drops b; validated c; " + blanks + "d..p v..i e", "drop"}));
    for (const char* name : {"a", "b", "c", "e"}) {
      if (none.last_with(name) != 0) FAIL_CHECK(before << name);
    }
  }
}
