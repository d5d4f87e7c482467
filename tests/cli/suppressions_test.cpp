// SPDX-License-Identifier: Apache-2.0
//
// Suppressions over whole files, as users write them.
#include <catch2/catch_test_macros.hpp>

#include "tests/cli/program.h"

namespace pgrehearse {
namespace {

/// The ids of the findings, in order.
std::string found(const Workplace& place, const std::string& options = {}) {
  auto ended = place.run("lint m -q -o concise --preset recommended --ignore missing-lock-timeout " + options);
  INFO(ended.err);
  CHECK(ended.code <= 1);
  std::string ids;
  for (size_t at = ended.out.find(" ["); at != std::string::npos; at = ended.out.find(" [", at + 1)) {
    ids += ended.out.substr(at + 2, ended.out.find(']', at) - at - 2) + " ";
  }
  return ids;
}

TEST_CASE("a suppression for the file covers all of its parts") {
  Workplace place;
  std::string body =
      "-- +goose Up\nALTER TABLE orders DROP COLUMN a;\nALTER TABLE orders DROP COLUMN b;\n"
      "-- +goose Down\nALTER TABLE orders ADD COLUMN a text, ADD COLUMN b text;\n";
  place.write("m/001_a.sql", body);
  CHECK(found(place) == "drop-column drop-column ");
  place.write("m/001_a.sql",
              "-- pgrehearse: allow-file drop-column because the release before stopped using them\n" + body);
  CHECK(found(place).empty());
  place.write("m/001_a.sql", "-- pgrehearse: allow-file drop-table because it is gone\n" + body);
  CHECK(found(place) == "unused-suppression drop-column drop-column ");
  place.write("m/001_a.sql", "-- pgrehearse: allow-file drop-column until 2020-01-01 because of the window\n" + body);
  CHECK(found(place) == "expired-suppression drop-column drop-column ");
}

TEST_CASE("a range covers what stands in it") {
  Workplace place;
  place
      .write("m/001_a.up.sql",
             "ALTER TABLE orders DROP COLUMN a;\n-- pgrehearse: allow-begin drop-column because nobody reads them\n"
             "ALTER TABLE orders DROP COLUMN b;\nALTER TABLE orders DROP COLUMN c;\n-- pgrehearse: allow-end\n"
             "ALTER TABLE orders DROP COLUMN d;\n")
      .write("m/001_a.down.sql", "ALTER TABLE orders ADD COLUMN a text;\n");
  CHECK(found(place) == "drop-column drop-column ");
}

TEST_CASE("comments for squawk and eugene") {
  Workplace place;
  place
      .write("m/001_a.up.sql",
             "-- squawk-ignore ban-drop-column\nALTER TABLE orders DROP COLUMN a;\n"
             "-- eugene: ignore E6\nCREATE INDEX i ON orders (id);\n")
      .write("m/001_a.down.sql", "DROP INDEX i;\n");
  std::string rules = "--select drop-column,create-index-not-concurrent ";
  CHECK(found(place, rules) == "drop-column create-index-not-concurrent ");
  CHECK(found(place, rules + "--compat-suppressions squawk") == "create-index-not-concurrent ");
  CHECK(found(place, rules + "--compat-suppressions squawk,eugene").empty());
  place.write("m/001_a.up.sql", "-- squawk-ignore-file\nALTER TABLE orders DROP COLUMN a;\nDROP TABLE b;\n");
  CHECK(found(place, "--compat-suppressions squawk").empty());
}

TEST_CASE("suppressions of files that are only context are not reported on") {
  Workplace place;
  place.write("m/001_a.up.sql", "-- pgrehearse: allow drop-column because it was\nALTER TABLE orders DROP COLUMN a;\n")
      .write("m/001_a.down.sql", "SELECT 1;\n")
      .write("m/002_b.up.sql", "SELECT 2;\n")
      .write("m/002_b.down.sql", "SELECT 2;\n");
  CHECK(place.run("lint m/002_b.up.sql").code == 0);
}

}  // namespace
}  // namespace pgrehearse
