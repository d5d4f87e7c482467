// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "tests/cli/program.h"

using namespace pgrehearse;

namespace {

constexpr const char* two_indexes = "DROP INDEX orders_status;\n\n-- and\nDROP INDEX orders_code;\n";

}  // namespace

TEST_CASE("lint --diff prints what --fix writes, as a patch that applies") {
  Workplace place;
  place.write("db/1.sql", two_indexes);
  auto diff = place.run("lint --diff --select drop-index-not-concurrent db");
  CHECK(diff.code == 1);
  CHECK(diff.out.find("--- a/db/1.sql\n+++ b/db/1.sql\n@@ -1,4 +1,4 @@\n") == 0);
  CHECK(place.read("db/1.sql") == two_indexes);
  place.write("fixes.patch", diff.out);
  place.shell("cp -r db patched && cd patched && git apply -p2 ../fixes.patch");

  auto fix = place.run("lint --fix --select drop-index-not-concurrent db");
  CHECK(fix.code == 0);
  CHECK(fix.err.find("mended 2 findings in 1 files") != std::string::npos);
  CHECK(place.read("db/1.sql") ==
        "DROP INDEX CONCURRENTLY orders_status;\n\n-- and\nDROP INDEX CONCURRENTLY orders_code;\n");
  CHECK(place.read("patched/1.sql") == place.read("db/1.sql"));
  CHECK(place.run("lint --diff --select drop-index-not-concurrent db").code == 0);
}

TEST_CASE("unsafe fixes are made when asked for") {
  Workplace place;
  place.write("db/1.sql", "ALTER TABLE orders ADD COLUMN note text;\n");
  CHECK(place.run("lint --fix --select missing-lock-timeout db").code == 1);
  CHECK(place.read("db/1.sql") == "ALTER TABLE orders ADD COLUMN note text;\n");
  CHECK(place.run("lint --fix --unsafe-fixes --select missing-lock-timeout db").code == 0);
  CHECK(place.read("db/1.sql").find("lock_timeout = '2s';\nALTER TABLE orders") != std::string::npos);
}

TEST_CASE("a fixed file keeps its permissions, and a link stays one") {
  Workplace place;
  place.write("real.sql", two_indexes)
      .shell("chmod 640 real.sql && mkdir db && ln -s ../real.sql db/1.sql && git init -q");
  CHECK(place.run("lint --fix --select drop-index-not-concurrent db").code == 0);
  place.shell("test -L db/1.sql && test \"$(stat -c %a real.sql)\" = 640 && grep -q CONCURRENTLY real.sql");
  place.shell("test \"$(ls | wc -l)\" = 2");
}

TEST_CASE("no secret is in a patch") {
  Workplace place;
  place.write("db/1.sql", "ALTER ROLE app PASSWORD 'vT7-aLong!one';\nDROP INDEX orders_code;\n");
  auto diff = place.run("lint --diff db --select drop-index-not-concurrent,role-password-literal");
  CHECK(diff.code == 1);
  CHECK(diff.out.find("+DROP INDEX CONCURRENTLY") != std::string::npos);
  CHECK(diff.out.find("vT7") == std::string::npos);
}

TEST_CASE("lint --fix needs files, and not --diff") {
  Workplace place;
  CHECK(place.run("lint --fix -", "echo 'SELECT 1;' |").code == 2);
  CHECK(place.run("lint --fix --diff db").code == 2);
  auto missing = place.run("lint --fix db");
  CHECK(missing.code == 3);
  CHECK(missing.err.find("db") != std::string::npos);
}
