// SPDX-License-Identifier: Apache-2.0
// What hangs on what: policies on the tables that they read, tables on the functions that they call.
#include <catch2/catch_test_macros.hpp>

#include "migration/schema_state.h"
#include "sql/script.h"
#include "tests/migration/folded.h"

namespace pgrehearse {
namespace {

const std::string guarded =
    "CREATE TABLE members (id int);\nCREATE TABLE orders (id int);\n"
    "CREATE POLICY mine ON orders USING (id IN (SELECT id FROM members));\n";

size_t policies(const SchemaState& state) { return state.find({"", "orders"})->policies.size(); }

TEST_CASE("state: a policy keeps the table that it reads, and goes with it by CASCADE") {
  SchemaState state = folded(guarded);
  auto uses = state.policies_reading(state.find({"", "members"})->id);
  REQUIRE(uses.size() == 1);
  CHECK(uses[0].table->name.name == "orders");
  CHECK(uses[0].policy->name == "mine");

  CHECK(folded(guarded + "DROP TABLE members;").exists({"", "members"}) == Known::yes);
  SchemaState gone = folded(guarded + "DROP TABLE members CASCADE;");
  CHECK(gone.exists({"", "members"}) == Known::no);
  CHECK(policies(gone) == 0);
  CHECK(folded(guarded + "DROP TABLE members, orders;").exists({"", "members"}) == Known::no);
  CHECK(folded(guarded + "ALTER POLICY mine ON orders USING (id = 1);\nDROP TABLE members;").exists({"", "members"}) ==
        Known::no);
}

TEST_CASE("state: who calls a function") {
  SchemaState state = folded(
      "CREATE TABLE a (id int DEFAULT f());\nCREATE TABLE b (id int CHECK (f() > id)) PARTITION BY LIST (id);\n"
      "CREATE TABLE c (id int);\nCREATE POLICY p ON c USING (id = 1);\nALTER POLICY p ON c USING (id = f());\n"
      "CREATE TRIGGER t AFTER INSERT ON b FOR EACH ROW EXECUTE FUNCTION g();\nCREATE TABLE b1 PARTITION OF b FOR "
      "VALUES IN (1);");
  std::string f, g;
  for (const RelationState* caller : state.callers("f")) f += caller->name.name + " ";
  for (const RelationState* caller : state.callers("g")) g += caller->name.name + " ";
  CHECK(f.starts_with("a b c "));
  CHECK(g == "b b1 ");
  CHECK(state.callers("nobody").empty());
}

TEST_CASE("state: the type of a sequence") {
  auto options = [](const SchemaState& state, const char* sequence) { return state.find({"", sequence})->options; };
  SchemaState state = folded("CREATE TABLE a (id serial);\nCREATE SEQUENCE s;\nCREATE SEQUENCE t AS smallint;");
  CHECK(options(state, "a_id_seq") == std::vector<std::string>{"as=integer"});
  CHECK(options(state, "s").empty());
  CHECK(options(state, "t") == std::vector<std::string>{"as=smallint"});
  SchemaState later = folded("CREATE TABLE a (id serial);\nALTER SEQUENCE a_id_seq AS bigint;");
  CHECK(options(later, "a_id_seq") == std::vector<std::string>{"as=bigint"});
}

TEST_CASE("state: REPLICA IDENTITY FULL") {
  auto is_full = [](const std::string& sql) {
    return folded("CREATE TABLE a (id int);\n" + sql).find({"", "a"})->has_option("replica_identity_full");
  };
  CHECK(is_full("ALTER TABLE a REPLICA IDENTITY FULL;"));
  CHECK_FALSE(is_full("ALTER TABLE a REPLICA IDENTITY FULL;\nALTER TABLE a REPLICA IDENTITY DEFAULT;"));
}

}  // namespace
}  // namespace pgrehearse
