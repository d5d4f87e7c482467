// SPDX-License-Identifier: Apache-2.0
#include "migration/round_trip.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <memory>

#include "sql/script.h"
#include "tests/migration/folded.h"

namespace pgrehearse {
namespace {

using Lines = std::vector<std::string>;

std::string line(const Difference& difference) {
  static constexpr const char* changes[] = {"left", "gone", "taken", "altered"};
  return std::string(changes[static_cast<int>(difference.change)]) + (difference.remade ? " anew " : " ") +
         difference.what + (difference.after.empty() ? "" : " (" + difference.before + "; " + difference.after + ")") +
         (difference.inverse.empty() ? "" : ": " + difference.inverse);
}

/// What differs after up and down, as lines in order.
Lines trip(const std::string& before, const std::string& up, const std::string& down, Lines* lost = nullptr) {
  SchemaState state;
  fold(state, before);
  state.begin_migration(1);
  state.checkpoint();
  fold(state, up);
  state.checkpoint();
  state.begin_migration(1);
  fold(state, down);
  RoundTrip result = round_trip(state);
  Lines lines;
  for (const Difference& difference : result.differences) lines.push_back(line(difference));
  std::ranges::sort(lines);
  for (const LostData& data : result.lost) {
    if (lost) lost->push_back(data.shown + (data.column.empty() ? "" : "." + data.column));
  }
  return lines;
}

const std::string orders =
    "CREATE TABLE orders (id bigint PRIMARY KEY, code varchar(20) DEFAULT 'x' NOT NULL, total numeric);"
    "CREATE INDEX orders_code ON orders (code); GRANT SELECT ON orders TO app; COMMENT ON TABLE orders IS 'all';";

TEST_CASE("round trip: what is undone leaves no difference") {
  CHECK(trip(orders, "ALTER TABLE orders ADD COLUMN note text; CREATE INDEX i ON orders (note);",
             "ALTER TABLE orders DROP COLUMN note;") == Lines{});
  CHECK(trip(orders, "ALTER TABLE orders RENAME TO carts; ALTER TABLE carts RENAME code TO c;",
             "ALTER TABLE carts RENAME c TO code; ALTER TABLE carts RENAME TO orders;") == Lines{});
  CHECK(trip(orders, "DROP INDEX orders_code;", "CREATE INDEX orders_code ON orders (code);") == Lines{});
  CHECK(trip(orders, "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE m (m mood, o bigint REFERENCES orders);",
             "DROP TABLE m; DROP TYPE mood;") == Lines{});
  CHECK(trip(orders,
             "CREATE VIEW v AS SELECT id FROM orders; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
             "DROP FUNCTION f(); DROP VIEW v;") == Lines{});
  CHECK(trip(orders,
             "ALTER TABLE orders ENABLE ROW LEVEL SECURITY; GRANT INSERT ON orders TO app; COMMENT ON TABLE orders IS "
             "'x';",
             "COMMENT ON TABLE orders IS 'all'; REVOKE INSERT ON orders FROM app; ALTER TABLE orders DISABLE ROW LEVEL "
             "SECURITY;") == Lines{});
  CHECK(trip("", "BEGIN; CREATE TABLE a (id int); ROLLBACK;", "SELECT 1;") == Lines{});
}

TEST_CASE("round trip: what up makes and down leaves") {
  CHECK(trip("", "CREATE TABLE a (id bigserial PRIMARY KEY);", "SELECT 1;") == Lines{"left table a: DROP TABLE a;"});
  CHECK(trip(orders, "ALTER TABLE orders ADD COLUMN note text UNIQUE; CREATE INDEX orders_total ON orders (total);",
             "SELECT 1;") == Lines{"left column note of orders: ALTER TABLE orders DROP COLUMN note;",
                                   "left index orders_total of orders: DROP INDEX orders_total;"});
  CHECK(trip(orders, "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0);", "SELECT 1;") ==
        Lines{"left constraint positive of orders: ALTER TABLE orders DROP CONSTRAINT positive;"});
  CHECK(trip(orders,
             "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE TRIGGER t BEFORE INSERT ON "
             "orders "
             "FOR EACH ROW EXECUTE FUNCTION f(); CREATE POLICY p ON orders USING (true); CREATE SCHEMA s; CREATE TYPE "
             "e AS ENUM ();",
             "SELECT 1;") == Lines{"left function f(): DROP FUNCTION f();",
                                   "left policy p on orders: DROP POLICY p ON orders;", "left schema s: DROP SCHEMA s;",
                                   "left trigger t of orders: DROP TRIGGER t ON orders;", "left type e: DROP TYPE e;"});
  CHECK(trip(orders, "GRANT INSERT, UPDATE ON orders TO app;", "SELECT 1;") ==
        Lines{"left grants on orders: REVOKE INSERT, UPDATE ON orders FROM app;"});
}

TEST_CASE("round trip: what up drops and down does not make again") {
  CHECK(trip(orders, "DROP TABLE orders;", "SELECT 1;") == Lines{"gone table orders"});
  CHECK(trip(orders, "ALTER TABLE orders DROP COLUMN code;", "SELECT 1;") ==
        Lines{"gone column code of orders: ALTER TABLE orders ADD COLUMN code character varying(20) DEFAULT 'x' NOT "
              "NULL;"});
  CHECK(trip(orders, "ALTER TABLE orders DROP COLUMN code;",
             "ALTER TABLE orders ADD COLUMN code varchar(20) DEFAULT 'x' NOT NULL;") ==
        Lines{"gone index orders_code of orders: CREATE INDEX orders_code ON orders (code);"});
  CHECK(
      trip(orders, "ALTER TABLE orders DROP CONSTRAINT orders_pkey;", "SELECT 1;") ==
      Lines{"gone constraint orders_pkey of orders: ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);"});
  CHECK(trip("CREATE TYPE e AS ENUM ('a', 'b''c');", "DROP TYPE e;", "SELECT 1;") ==
        Lines{"gone type e: CREATE TYPE e AS ENUM ('a', 'b''c');"});
}

TEST_CASE("round trip: what is there in another form") {
  CHECK(trip(orders,
             "ALTER TABLE orders ALTER COLUMN code TYPE text, ALTER COLUMN code DROP DEFAULT, ALTER COLUMN code DROP "
             "NOT NULL;",
             "SELECT 1;") ==
        Lines{"altered column code of orders (NOT NULL; nullable): ALTER TABLE orders ALTER COLUMN code SET NOT NULL;",
              "altered column code of orders (character varying(20); text): ALTER TABLE orders ALTER COLUMN code TYPE "
              "character "
              "varying(20);",
              "altered column code of orders (with DEFAULT 'x'; without a default): ALTER TABLE orders ALTER COLUMN "
              "code SET DEFAULT "
              "'x';"});
  CHECK(trip(orders, "ALTER TABLE orders RENAME TO carts;", "SELECT 1;") ==
        Lines{"altered table orders (; called carts): ALTER TABLE carts RENAME TO orders;"});
  CHECK(trip(orders, "ALTER TABLE orders RENAME code TO c;", "SELECT 1;") ==
        Lines{"altered column code of orders (; called c): ALTER TABLE orders RENAME COLUMN c TO code;"});
  CHECK(trip("CREATE TYPE e AS ENUM ('a');", "ALTER TYPE e ADD VALUE 'b';", "SELECT 1;") ==
        Lines{"altered type e (; b)"});
  CHECK(trip("CREATE TYPE e AS ENUM ('a');", "ALTER TYPE e RENAME VALUE 'a' TO 'b';", "SELECT 1;") ==
        Lines{"altered type e (a; b): ALTER TYPE e RENAME VALUE 'b' TO 'a';"});
  CHECK(trip(orders, "ALTER TABLE orders ENABLE ROW LEVEL SECURITY; COMMENT ON TABLE orders IS 'it''s';",
             "SELECT 1;") == Lines{"altered comment of orders: COMMENT ON TABLE orders IS 'all';",
                                   "altered row security of orders: ALTER TABLE orders DISABLE ROW LEVEL SECURITY;"});
  std::string view = "CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a FROM t;";
  CHECK(trip(view, "CREATE OR REPLACE VIEW v AS SELECT a FROM t WHERE b > 0;", "SELECT 1;") == Lines{"altered view v"});
  CHECK(trip(view, "CREATE OR REPLACE VIEW v AS SELECT a FROM t WHERE b > 0;",
             "CREATE OR REPLACE VIEW v AS\n  SELECT a\nFROM t;") == Lines{});
}

TEST_CASE("round trip: what down takes away from others") {
  CHECK(trip(orders, "CREATE TABLE IF NOT EXISTS orders (id bigint);", "DROP TABLE orders;") ==
        Lines{"taken table orders"});
  CHECK(trip(orders, "SELECT 1;", "ALTER TABLE orders DROP COLUMN code;") == Lines{"taken column code of orders"});
  CHECK(trip(orders, "SELECT 1;", "DROP INDEX orders_code;") == Lines{"taken index orders_code of orders"});
  CHECK(trip("", "ALTER TABLE legacy ADD COLUMN a int;", "DROP TABLE legacy;") == Lines{"taken table legacy"});
}

TEST_CASE("round trip: an object made anew has lost its rows and its protection") {
  Lines lost;
  std::string made =
      "CREATE TABLE orders (id bigint PRIMARY KEY, code varchar(20) DEFAULT 'x' NOT NULL, total numeric);";
  CHECK(trip(orders, "DROP TABLE orders;", made + "CREATE INDEX orders_code ON orders (code);", &lost) ==
        Lines{"altered anew comment of orders: COMMENT ON TABLE orders IS 'all';",
              "gone anew grants on orders: GRANT SELECT ON orders TO app;"});
  CHECK(lost == Lines{"orders"});
  lost.clear();
  CHECK(trip(orders, "ALTER TABLE orders DROP COLUMN total;", "ALTER TABLE orders ADD COLUMN total numeric;", &lost) ==
        Lines{});
  CHECK(lost == Lines{"orders.total"});
}

TEST_CASE("round trip: what the files do not tell is no difference") {
  CHECK(
      trip("",
           "ALTER TABLE legacy ALTER COLUMN a SET NOT NULL, ALTER COLUMN b TYPE bigint, ALTER COLUMN c SET DEFAULT 1;",
           "ALTER TABLE legacy ALTER COLUMN a DROP NOT NULL;") == Lines{});
  CHECK(trip("", "DROP TABLE IF EXISTS legacy;", "CREATE TABLE IF NOT EXISTS legacy (id int);") == Lines{});
  CHECK(trip("", "GRANT SELECT ON legacy TO app; ALTER TABLE legacy ENABLE ROW LEVEL SECURITY;", "SELECT 1;") ==
        Lines{});
  CHECK(trip("", "CREATE EXTENSION IF NOT EXISTS pgcrypto;", "SELECT 1;") == Lines{});
  CHECK(trip("", "CREATE TEMP TABLE x (id int); SET search_path TO app;", "DROP TABLE IF EXISTS gone;") == Lines{});
}

TEST_CASE("round trip: the state after up is kept for the next migration") {
  SchemaState state;
  state.checkpoint();
  fold(state, "CREATE TABLE a (id int);");
  state.checkpoint();
  fold(state, "DROP TABLE a;");
  state.rewind();
  state.keep();
  CHECK(state.exists({"", "a"}) == Known::yes);
}

}  // namespace
}  // namespace pgrehearse
