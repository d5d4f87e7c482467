// SPDX-License-Identifier: Apache-2.0
#include "cli/shard.h"

#include <catch2/catch_test_macros.hpp>
#include <set>

#include "tests/cli/program.h"

namespace pgrehearse {
namespace {

bool has(const std::string& text, const std::string& part) {
  UNSCOPED_INFO(text);
  return text.find(part) != std::string::npos;
}

MigrationSet set_of(size_t count) {
  MigrationSet set;
  for (size_t i = 0; i < count; ++i) {
    Migration& migration = set.migrations.emplace_back();
    std::string text((i * 7919) % 5000, ' ');
    migration.up.file = std::make_shared<const SourceFile>(std::to_string(i), text);
    migration.up.section = {0, static_cast<uint32_t>(text.size())};
  }
  return set;
}

/// The numbers of the migrations that a shard rehearses.
std::set<size_t> own(const MigrationSet& set, int index, int count) {
  std::set<size_t> result;
  auto share = share_of({&set}, {index, count});
  for (size_t i = 0; i < share[0].migrations.size(); ++i) {
    if (!share[0].migrations[i].context_only) result.insert(i);
  }
  return result;
}

TEST_CASE("a shard is written I/N") {
  CHECK(parse_shard("2/4")->index == 2);
  for (const char* text : {"", "1", "0/2", "3/2", "1/", "/2", "1/2x", "a/b", "1/1001", "-1/2"})
    CHECK_FALSE(parse_shard(text));
}

TEST_CASE("shards are disjoint, complete, balanced and stable") {
  MigrationSet set = set_of(200), longer = set_of(230);
  std::set<size_t> all;
  for (int i = 1; i <= 4; ++i) {
    std::set<size_t> mine = own(set, i, 4);
    CHECK(mine.size() > 35);
    CHECK(mine.size() < 65);
    for (size_t each : mine) CHECK(all.insert(each).second);
    std::set<size_t> later = own(longer, i, 4);
    for (size_t each : mine) CHECK(later.contains(each));
  }
  CHECK(all.size() == 200);
  CHECK(own(set, 1, 1).size() == 200);
  CHECK(own(set_of(1), 2, 2).empty());
}

TEST_CASE("merged shards are the unsharded report", "[server]") {
  Workplace place;
  place.write("m/001_a.up.sql", "CREATE TABLE IF NOT EXISTS a (id bigint);\nCREATE ROLE x PASSWORD 'k3Gw9xVq2Lp7';\n")
      .write("m/001_a.down.sql", "DROP TABLE IF EXISTS a;\n")
      .write("m/002_b.up.sql", "CREATE TABLE IF NOT EXISTS b (id bigint, \xc3\xa4 text);\n")
      .write("m/002_b.down.sql", "SELECT 1;\n")
      .write("m/003_c.up.sql", "ALTER TABLE b ADD COLUMN c int;\nCREATE INDEX ON b (c);\n")
      .write("m/003_c.down.sql", "ALTER TABLE b DROP COLUMN c;\n")
      .write("m/004_d.up.sql", "SELECT broken;\n")
      .write("m/004_d.down.sql", "SELECT 1;\n");
  for (std::string command : {"check", "run"}) {
    INFO(command);
    std::string outputs = " -o json=j -o sarif=s -o junit=x";
    CHECK(place.run(command + " m -q" + outputs).code == 1);
    std::string json = comparable(place.read("j")), sarif = comparable(place.read("s")),
                junit = comparable(place.read("x"));
    CHECK(place.run(command + " m -q --shard 1/2 -o json=1.json").code == 1);
    place.run(command + " m -q --shard 2/2 -o json=2.json");
    CHECK(has(place.read("1.json"), "rehearsed in another shard"));
    auto merged = place.run("merge 2.json 1.json --path m" + outputs);
    INFO(merged.err);
    CHECK(merged.code == 1);
    CHECK(comparable(place.read("j")) == json);
    CHECK(comparable(place.read("s")) == sarif);
    CHECK(comparable(place.read("x")) == junit);
    CHECK_FALSE(has(place.read("s"), "k3Gw9xVq2Lp7"));
    place.shell(R"(sed -i 's/"notes": \[\]/"notes": ["said there"]/; t; s/"notes": \[/&"said there", /' 1.json)");
    CHECK(has(place.run("merge 2.json 1.json --path m").out, "note: said there"));
    auto half = place.run("merge 1.json --path m");
    CHECK(half.code == 3);
    CHECK(has(half.err, "was rehearsed in none of these shards"));
  }
  place.write("no.json", "{}");
  CHECK(place.run("merge no.json --path m").code == 2);
  CHECK(place.run("merge absent.json --path m").code == 3);
}

}  // namespace
}  // namespace pgrehearse
