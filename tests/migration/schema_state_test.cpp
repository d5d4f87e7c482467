// SPDX-License-Identifier: Apache-2.0
#include "migration/schema_state.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "sql/body.h"
#include "sql/script.h"
#include "tests/migration/folded.h"

namespace pgrehearse {
namespace {

namespace fs = std::filesystem;

QualifiedName name(std::string text) {
  size_t dot = text.find('.');
  return dot == std::string::npos ? QualifiedName{"", text} : QualifiedName{text.substr(0, dot), text.substr(dot + 1)};
}

TEST_CASE("state: what nobody created is unknown, what was dropped is absent") {
  SchemaState state = folded("CREATE TABLE a (id int); CREATE TABLE b (id int); DROP TABLE b;");
  CHECK(state.exists(name("a")) == Known::yes);
  CHECK(state.exists(name("b")) == Known::no);
  CHECK(state.exists(name("c")) == Known::unknown);
  CHECK(state.has_column(name("a"), "id") == Known::yes);
  CHECK(state.has_column(name("a"), "nope") == Known::no);
  CHECK(state.has_column(name("c"), "id") == Known::unknown);
  CHECK(state.created_in_this_migration(name("a")));
  CHECK_FALSE(state.created_in_this_migration(name("c")));
  state.begin_migration(1);
  CHECK(state.existed_before(name("a")));
  CHECK(state.existed_before(name("c")));
}

TEST_CASE("state: an altered table that was not created here is known in part") {
  SchemaState state = folded("ALTER TABLE users ADD COLUMN age int; ALTER TABLE users DROP COLUMN old;");
  CHECK(state.exists(name("users")) == Known::yes);
  CHECK(state.existed_before(name("users")));
  CHECK(state.has_column(name("users"), "age") == Known::yes);
  CHECK(state.has_column(name("users"), "old") == Known::no);
  CHECK(state.has_column(name("users"), "name") == Known::unknown);
  CHECK_FALSE(state.find(name("users"))->complete);
}

TEST_CASE("state: names that PostgreSQL chooses") {
  SchemaState state = folded(
      "CREATE TABLE orders (id bigserial PRIMARY KEY, email text UNIQUE, total int CHECK (total > 0),"
      " parent_id bigint REFERENCES orders, a int, b int, UNIQUE (a, b), CHECK (a > b), EXCLUDE (a WITH =));"
      "CREATE INDEX ON orders (a, lower(email)); CREATE INDEX ON orders ((a + b)); CREATE INDEX ON orders (a);"
      "CREATE INDEX ON orders (a);");
  const RelationState* orders = state.find(name("orders"));
  REQUIRE(orders);
  std::vector<std::string> constraints, indexes;
  for (const auto& constraint : orders->constraints) constraints.push_back(constraint.name);
  for (const auto& index : orders->indexes) indexes.push_back(index.name);
  CHECK(constraints == std::vector<std::string>{"orders_total_check", "orders_check", "orders_pkey", "orders_email_key",
                                                "orders_a_b_key", "orders_a_excl", "orders_parent_id_fkey"});
  CHECK(indexes == std::vector<std::string>{"orders_pkey", "orders_email_key", "orders_a_b_key", "orders_a_excl",
                                            "orders_a_lower_idx", "orders_expr_idx", "orders_a_idx", "orders_a_idx1"});
  CHECK(state.exists(name("orders_id_seq")) == Known::yes);
  CHECK(state.index(name("orders_a_idx")).table == orders);
  CHECK(orders->constraint("orders_parent_id_fkey")->referenced == orders->id);
}

TEST_CASE("state: long names are shortened as PostgreSQL does") {
  std::string table(60, 't');
  std::string column(40, 'c');
  SchemaState state = folded("CREATE TABLE " + table + " (" + column + " int UNIQUE)");
  const RelationState* relation = state.find(name(table));
  REQUIRE(relation->indexes.size() == 1);
  CHECK(relation->indexes[0].name == std::string(29, 't') + "_" + std::string(29, 'c') + "_key");
}

TEST_CASE("state: types") {
  SchemaState state = folded(
      "CREATE TYPE mood AS ENUM ('a'); CREATE DOMAIN email AS varchar(80) CHECK (value <> '');"
      "CREATE TABLE t (a varchar(40), b timestamptz(3), c numeric(12, 4), d mood, e email, f int[], g char, h serial,"
      " i \"char\", j citext, k timestamp with time zone, l bit varying(8), m double precision, n int8);");
  auto type = [&](std::string_view column) { return state.column(name("t"), column)->type->text; };
  CHECK(type("a") == "character varying(40)");
  CHECK(type("b") == "timestamp(3) with time zone");
  CHECK(type("c") == "numeric(12,4)");
  CHECK(type("d") == "mood");
  CHECK(type("e") == "email");
  CHECK(state.column(name("t"), "e")->type->base == "character varying");
  CHECK(type("f") == "integer[]");
  CHECK(type("g") == "character(1)");
  CHECK(type("h") == "integer");
  CHECK(type("i") == "\"char\"");
  CHECK(state.column(name("t"), "j")->type->kind == ColumnType::Kind::unknown);
  CHECK(type("k") == "timestamp with time zone");
  CHECK(type("l") == "bit varying(8)");
  CHECK(type("m") == "double precision");
  CHECK(type("n") == "bigint");
}

TEST_CASE("state: transactions and savepoints") {
  SchemaState state = folded(
      "CREATE TABLE t (a int); BEGIN; ALTER TABLE t ADD COLUMN b int; SAVEPOINT s; ALTER TABLE t ADD COLUMN c int;"
      "CREATE TABLE u (x int); ROLLBACK TO s; ALTER TABLE t ADD COLUMN d int;");
  CHECK(state.in_transaction());
  CHECK(state.has_column(name("t"), "b") == Known::yes);
  CHECK(state.has_column(name("t"), "c") == Known::no);
  CHECK(state.has_column(name("t"), "d") == Known::yes);
  CHECK(state.exists(name("u")) == Known::unknown);
  fold(state, "ROLLBACK");
  CHECK_FALSE(state.in_transaction());
  CHECK(state.has_column(name("t"), "b") == Known::no);
  CHECK(state.has_column(name("t"), "d") == Known::no);
  fold(state, "BEGIN; DROP TABLE t; COMMIT");
  CHECK(state.exists(name("t")) == Known::no);
}

TEST_CASE("state: copies and checkpoints do not see each other's changes") {
  SchemaState state = folded("CREATE TABLE t (a int)");
  SchemaState copy = state;
  fold(copy, "ALTER TABLE t ADD COLUMN b int");
  CHECK(state.has_column(name("t"), "b") == Known::no);
  CHECK(copy.has_column(name("t"), "b") == Known::yes);
  state.checkpoint();
  fold(state, "BEGIN; ALTER TABLE t RENAME TO u; COMMIT; DROP TABLE u; CREATE INDEX i ON w (x); BEGIN;");
  CHECK(state.exists(name("t")) == Known::no);
  state.rewind();
  CHECK(state.exists(name("t")) == Known::yes);
  CHECK(state.exists(name("w")) == Known::unknown);
  CHECK_FALSE(state.in_transaction());
}

TEST_CASE("state: tables of many columns and schemas of many tables are found by name") {
  std::string columns = "c0 int", drops;
  for (int i = 1; i < 40; ++i) {
    std::string column = "c" + std::to_string(i);
    columns += ", " + column + " int";
    if (i >= 10) drops += (drops.empty() ? "DROP " : ", DROP ") + column;
  }
  SchemaState state = folded("CREATE TABLE wide (" + columns + ");");
  auto known = [&](const std::string& column) { return state.has_column(name("wide"), column); };
  for (int i = 0; i < 40; ++i) CHECK(known("c" + std::to_string(i)) == Known::yes);
  CHECK(known("c40") == Known::no);
  state.checkpoint();
  fold(state, "ALTER TABLE wide RENAME c7 TO moved; ALTER TABLE wide DROP c8; ALTER TABLE wide ADD last text;");
  CHECK(known("c7") == Known::no);
  CHECK(known("c8") == Known::no);
  for (const char* column : {"moved", "c9", "c39", "last"}) CHECK(known(column) == Known::yes);
  fold(state, "ALTER TABLE wide " + drops + ";");
  CHECK(state.find(name("wide"))->columns.size() == 10);
  CHECK(known("c39") == Known::no);
  for (const char* column : {"c0", "moved", "c9", "last"}) CHECK(known(column) == Known::yes);
  state.rewind();
  for (int i = 0; i < 40; ++i) CHECK(known("c" + std::to_string(i)) == Known::yes);
  CHECK(known("moved") == Known::no);

  fold(state, "BEGIN");
  for (int i = 0; i < 300; ++i) {
    fold(state,
         "CREATE TABLE a.t" + std::to_string(i) + " (id int CONSTRAINT k" + std::to_string(i) + " CHECK (id > 0))");
  }
  SchemaState copy = state;
  fold(state, "ROLLBACK");
  for (int i = 0; i < 300; ++i) {
    QualifiedName table{"a", "t" + std::to_string(i)};
    CHECK(copy.exists(table) == Known::yes);
    CHECK(state.exists(table) == Known::unknown);
    CHECK(copy.exists({"b", table.name}) == Known::unknown);
    CHECK(copy.constraint(table, "k" + std::to_string(i)));
  }
}

TEST_CASE("state: settings") {
  SchemaState state = folded("SET lock_timeout = '2s'; SET statement_timeout TO 500;");
  CHECK(state.lock_timeout_ms() == 2000);
  CHECK(state.statement_timeout_ms() == 500);
  fold(state, "BEGIN; SET LOCAL lock_timeout = '1min'");
  CHECK(state.lock_timeout_ms() == 60'000);
  fold(state, "COMMIT");
  CHECK(state.lock_timeout_ms() == 2000);
  fold(state, "RESET lock_timeout");
  CHECK_FALSE(state.lock_timeout_ms());
  fold(state, "SELECT set_config('lock_timeout', '5s', false)");
  CHECK(state.lock_timeout_ms() == 5000);
  state.begin_migration(1);
  CHECK_FALSE(state.lock_timeout_ms());
}

TEST_CASE("state: search_path and schemas") {
  SchemaState state = folded(
      "CREATE SCHEMA app; SET search_path = app, public; CREATE TABLE t (a int); RESET search_path;"
      "CREATE TABLE t (b int);");
  CHECK(state.has_column(name("app.t"), "a") == Known::yes);
  CHECK(state.has_column(name("t"), "b") == Known::yes);
  CHECK(state.exists(name("app.u")) == Known::no);
  CHECK(state.display_name(*state.find(name("app.t"))) == "app.t");
  fold(state, "DROP TABLE t; ALTER TABLE app.t SET SCHEMA public; ALTER SCHEMA app RENAME TO app2");
  CHECK(state.has_column(name("t"), "a") == Known::yes);
  CHECK(state.schema_exists("app") == Known::no);
  CHECK(state.schema_exists("app2") == Known::yes);
  fold(state, "SELECT set_config('search_path', '', false); CREATE TABLE public.z (a int)");
  CHECK(state.exists(name("public.z")) == Known::yes);
}

TEST_CASE("state: renames reach what refers to the column") {
  SchemaState state = folded(
      "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p, x int CHECK (x > 0));"
      "CREATE INDEX i ON c (x); CREATE VIEW v AS SELECT x FROM c;"
      "ALTER TABLE p RENAME COLUMN id TO key; ALTER TABLE c RENAME COLUMN x TO y; ALTER TABLE p RENAME TO q;"
      "ALTER INDEX i RENAME TO j; ALTER TABLE q RENAME CONSTRAINT p_pkey TO q_pkey;");
  const RelationState* c = state.find(name("c"));
  CHECK(c->constraint("c_p_id_fkey")->referenced_columns == std::vector<std::string>{"key"});
  CHECK(state.relation(c->constraint("c_p_id_fkey")->referenced)->name.name == "q");
  CHECK(c->constraint("c_x_check")->columns == std::vector<std::string>{"y"});
  CHECK(state.index(name("j")).index->columns == std::vector<std::string>{"y"});
  CHECK(state.exists(name("i")) == Known::no);
  CHECK(state.index(name("q_pkey")));
  CHECK(state.find(name("v"))->reads_columns.at(0).second == "y");
}

TEST_CASE("state: drops follow dependencies") {
  const char* setup =
      "CREATE TABLE p (id int PRIMARY KEY, a int, b int); CREATE TABLE c (p_id int REFERENCES p);"
      "CREATE INDEX pa ON p (a, b); CREATE VIEW v AS SELECT a FROM p; ALTER TABLE p ADD CHECK (b > 0);";
  SchemaState state = folded(setup);
  fold(state, "DROP TABLE p");  // refused: a view and a foreign key need it
  CHECK(state.exists(name("p")) == Known::yes);
  fold(state, "ALTER TABLE p DROP COLUMN a");  // refused: the view reads it
  CHECK(state.has_column(name("p"), "a") == Known::yes);
  fold(state, "ALTER TABLE p DROP COLUMN b");
  CHECK_FALSE(state.index(name("pa")));
  CHECK(state.find(name("p"))->constraint("p_b_check") == nullptr);
  fold(state, "DROP TABLE p CASCADE");
  CHECK(state.exists(name("p")) == Known::no);
  CHECK(state.exists(name("v")) == Known::no);
  CHECK(state.find(name("c"))->constraints.empty());
  CHECK(state.exists(name("p_pkey")) == Known::no);
}

TEST_CASE("state: partitions take over indexes, keys and columns") {
  SchemaState state = folded(
      "CREATE TABLE p (id int, d int) PARTITION BY RANGE (d); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO "
      "(9);"
      "CREATE INDEX pi ON p (id); ALTER TABLE p ADD PRIMARY KEY (d); CREATE TABLE p2 PARTITION OF p DEFAULT;"
      "ALTER TABLE p ADD COLUMN z int;");
  CHECK(state.index(name("p1_id_idx")).index->parent == state.index(name("pi")).index->id);
  CHECK(state.index(name("p2_id_idx")));
  CHECK(state.find(name("p1"))->primary_key()->name == "p1_pkey");
  CHECK(state.is_not_null(name("p2"), "d") == Known::yes);
  CHECK(state.has_column(name("p2"), "z") == Known::yes);
  CHECK(state.children(state.find(name("p"))->id).size() == 2);
  fold(state, "DROP INDEX pi");
  CHECK_FALSE(state.index(name("p1_id_idx")));
}

TEST_CASE("state: not null is proved by keys and valid checks") {
  SchemaState state = folded(
      "CREATE TABLE t (a int, b int, c int, d int, PRIMARY KEY (a));"
      "ALTER TABLE t ADD CHECK (b IS NOT NULL AND b > 0), ADD CHECK (c IS NOT NULL) NOT VALID;");
  CHECK(state.is_not_null(name("t"), "a") == Known::yes);
  CHECK(state.is_not_null(name("t"), "b") == Known::yes);
  CHECK(state.is_not_null(name("t"), "c") == Known::no);
  CHECK(state.is_not_null(name("t"), "d") == Known::no);
  fold(state, "ALTER TABLE t VALIDATE CONSTRAINT t_c_check");
  CHECK(state.is_not_null(name("t"), "c") == Known::yes);
  CHECK(state.is_not_null(name("other"), "x") == Known::unknown);
}

TEST_CASE("state: functions, triggers, policies") {
  SchemaState state = folded(
      "CREATE FUNCTION f(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql STABLE SECURITY DEFINER"
      " SET search_path = '' AS 'select 1';"
      "CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.x := 1; RETURN NEW; END $$;"
      "CREATE TABLE t (x int); CREATE TRIGGER tr BEFORE UPDATE OF x ON t FOR EACH ROW EXECUTE FUNCTION tf();"
      "ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY po ON t USING (x > 0);");
  const FunctionState* f = state.function(name("f"), 1);
  REQUIRE(f);
  CHECK(f->volatility == Volatility::stable);
  CHECK(f->security_definer);
  CHECK(f->sets_search_path);
  CHECK_FALSE(state.function(name("tf"), 0)->runs_sql());
  const RelationState* t = state.find(name("t"));
  CHECK(t->row_security);
  CHECK(t->policies.size() == 1);
  CHECK(t->triggers.at(0).columns == std::vector<std::string>{"x"});
  fold(state, "DROP FUNCTION tf() CASCADE; DROP POLICY po ON t;");
  CHECK(state.find(name("t"))->triggers.empty());
  CHECK(state.find(name("t"))->policies.empty());
}

TEST_CASE("state: conditional statements leave doubt, not facts") {
  SchemaState state = folded("CREATE TABLE t (a int)");
  auto conditional = [&](const std::string& sql) {
    Script script(std::make_shared<SourceFile>("test.sql", sql));
    Parser parser;
    auto parsed = parser.parse(script, script.statements().at(0));
    REQUIRE(parsed.has_value());
    state.apply(*parsed, true);
  };
  conditional("DROP TABLE t");
  CHECK(state.exists(name("t")) == Known::unknown);
  conditional("CREATE TABLE u (a int)");
  CHECK(state.exists(name("u")) == Known::unknown);
  CHECK_FALSE(state.created_in_this_migration(name("u")));
}

/// Folds every SQL file below the folder, each folder of files as one history; nothing to compare with, but nothing may
/// crash, and the state must stay in one piece.
TEST_CASE("state: real migrations fold", "[corpora]") {
  const char* root = std::getenv("PGREHEARSE_CORPORA");
  if (!root) SKIP("PGREHEARSE_CORPORA is not set");
  size_t files = 0;
  for (const auto& set : fs::directory_iterator(root)) {
    if (!set.is_directory()) continue;
    std::vector<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(set.path())) {
      if (entry.path().extension() == ".sql") paths.push_back(entry.path());
    }
    std::ranges::sort(paths);
    SchemaState state;
    Parser parser;
    uint32_t migration = 0;
    for (const auto& path : paths) {
      std::ifstream stream(path);
      std::stringstream text;
      text << stream.rdbuf();
      Script script(std::make_shared<SourceFile>(path.string(), text.str()));
      state.begin_migration(migration++);
      bool down = path.filename().string().find("down") != std::string::npos;
      if (down) state.checkpoint();
      for (const StatementSpan& span : script.statements()) {
        if (auto parsed = parser.parse(script, span)) state.apply(*parsed);
      }
      if (down) state.rewind();
      ++files;
    }
    INFO(set.path().string());
    for (const RelationState* relation : state.all_relations()) {
      CHECK(state.find(relation->name) == relation);
      for (const IndexState& index : relation->indexes) {
        CHECK(state.index(QualifiedName{relation->name.schema, index.name}).index == &index);
      }
      for (const ConstraintState& constraint : relation->constraints) {
        if (constraint.kind != ConstraintKind::foreign_key) continue;
        CHECK((constraint.referenced == 0 || state.relation(constraint.referenced) != nullptr));
      }
    }
  }
  CHECK(files > 0);
}

}  // namespace
}  // namespace pgrehearse
