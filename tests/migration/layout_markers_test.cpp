// SPDX-License-Identifier: Apache-2.0
// Layouts whose files hold marks: sections, transaction rules, and what their tool would refuse.
#include <catch2/catch_test_macros.hpp>

#include "tests/migration/temporary_tree.h"

using namespace pgrehearse;
using Names = std::vector<std::string>;

namespace {

/// The only error of the only set, with the layout forced.
std::string only_error(const TemporaryTree& tree, const std::string& layout) {
  Discovery found = tree.discover({"."}, layout);
  REQUIRE(found.sets.size() == 1);
  REQUIRE(found.sets.front().errors.size() == 1);
  return found.sets.front().errors.front().message;
}

std::string goose_error(std::string_view text) {
  TemporaryTree tree;
  tree.write("1_ok.sql", "-- +goose Up\nSELECT 1;\n").write("2_x.sql", text);
  std::string message = only_error(tree, "goose");
  CHECK(names(tree.discover({"."}, "goose").sets.front()) == Names{"1 ok"});
  return message;
}

}  // namespace

TEST_CASE("goose cuts up and down, and NO TRANSACTION holds for both") {
  TemporaryTree tree;
  tree.write("00002_b.sql", "-- +goose NO TRANSACTION\n-- +goose Up\nSELECT 2;\n-- +goose Down\nSELECT -2;\n");
  tree.write("10_c.sql", "-- +goose up\nSELECT 10; -- ten\n");
  tree.write("00001_a.sql",
             "-- a comment\n\n-- +goose Up\n-- +goose StatementBegin\nDO $$ BEGIN\n  SELECT 1;\nEND $$\n"
             "-- +goose StatementEnd\n\n--+goose DOWN\r\nDROP TABLE\n-- not yet;\n  a; -- now\n");
  MigrationSet set = tree.set();
  CHECK(set.layout == "goose");
  CHECK(names(set) == Names{"00001 a", "00002 b", "10 c"});
  CHECK(set.expects_down);
  CHECK(text(set.migrations[0].up) ==
        "-- +goose StatementBegin\nDO $$ BEGIN\n  SELECT 1;\nEND $$\n-- +goose StatementEnd\n\n");
  REQUIRE(set.migrations[0].down);
  CHECK(text(*set.migrations[0].down) == "DROP TABLE\n-- not yet;\n  a; -- now\n");
  CHECK(set.migrations[0].up.mode == RunMode::transaction);
  CHECK(set.migrations[1].up.mode == RunMode::statements);
  REQUIRE(set.migrations[1].down);
  CHECK(set.migrations[1].down->mode == RunMode::statements);
  CHECK_FALSE(set.migrations[2].down);
}

TEST_CASE("goose errors name the file and the line") {
  CHECK(goose_error("SELECT 1;\n-- +goose Up\n") ==
        "2_x.sql:1: goose refuses the file: statements stand before '-- +goose Up'");
  CHECK(goose_error("-- only a comment\n") == "2_x.sql:1: goose refuses the file: must start with '-- +goose Up'");
  CHECK(goose_error("-- +goose Down\n") ==
        "2_x.sql:1: goose refuses the file: '-- +goose Down' must follow '-- +goose Up'");
  CHECK(goose_error("-- +goose Up\n-- +goose Up\n") == "2_x.sql:2: goose refuses the file: duplicate '-- +goose Up'");
  CHECK(goose_error("-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n") ==
        "2_x.sql:2: goose refuses the file: '-- +goose StatementBegin' has no '-- +goose StatementEnd'");
  CHECK(goose_error("-- +goose Up\nSELECT 1;\n-- +goose StatementEnd\n") ==
        "2_x.sql:3: goose refuses the file: '-- +goose StatementEnd' must follow '-- +goose StatementBegin'");
  CHECK(
      goose_error("-- +goose Up\nSELECT 1;\nSELECT 2\n-- +goose Down\nSELECT 3;\n") ==
      "2_x.sql:3: goose refuses the file: the statement before the end of its section has no semicolon at the end of a "
      "line");
  CHECK(goose_error("-- +goose Up\n-- +goose Sideways\n") ==
        "2_x.sql:2: goose refuses the file: unknown annotation \"-- +goose sideways\"");
}

TEST_CASE("dbmate cuts blocks with options of their own") {
  TemporaryTree tree;
  tree.write("20240101_a.sql", "-- intro\n-- migrate:up transaction:false\nSELECT 1;\n-- migrate:down\nSELECT 2;\n");
  tree.write("20240102_b.sql", "--migrate:up\nSELECT 3;\n");
  MigrationSet set = tree.set();
  CHECK(set.layout == "dbmate");
  CHECK(names(set) == Names{"20240101 a", "20240102 b"});
  CHECK(text(set.migrations[0].up) == "SELECT 1;\n");
  CHECK(set.migrations[0].up.mode == RunMode::query_string);
  REQUIRE(set.migrations[0].down);
  CHECK(text(*set.migrations[0].down) == "SELECT 2;\n");
  CHECK(set.migrations[0].down->mode == RunMode::transaction);
  CHECK_FALSE(set.migrations[1].down);
}

TEST_CASE("dbmate refuses files without an up block first") {
  TemporaryTree before;
  before.write("1_a.sql", "\nSELECT 0;\n-- migrate:up\n");
  CHECK(only_error(before, "dbmate") == "1_a.sql:2: dbmate refuses the file: statements stand before '-- migrate:up'");
  TemporaryTree missing;
  missing.write("1_a.sql", "-- migrate:upwards\n");
  CHECK(only_error(missing, "dbmate") == "1_a.sql:1: dbmate refuses the file: it has no '-- migrate:up'");
  TemporaryTree order;
  order.write("1_a.sql", "-- migrate:down\nSELECT 1;\n-- migrate:up\nSELECT 2;\n");
  CHECK(only_error(order, "dbmate") ==
        "1_a.sql:1: dbmate refuses the file: '-- migrate:down' must follow '-- migrate:up'");
}

TEST_CASE("dbmate takes several pairs in one file as several migrations") {
  TemporaryTree tree;
  tree.write("1_a.sql", "-- migrate:up\nA;\n-- migrate:down\nB;\n-- migrate:up\nC;\n-- migrate:down\nD;\n");
  MigrationSet set = tree.set();
  REQUIRE(set.migrations.size() == 2);
  CHECK(text(set.migrations[1].up) == "C;\n");
  CHECK(text(*set.migrations[1].down) == "D;\n");
}

TEST_CASE("node-pg-migrate takes its sections in either order, all pending in one transaction") {
  TemporaryTree tree;
  tree.write("1700000000001_a.sql", "-- Up Migration\nSELECT 1;\n\n-- Down Migration\nSELECT 2;\n");
  tree.write("1700000000002_b.sql", "--- down migration\nSELECT 2;\n-- UP  MIGRATION\nSELECT 1;\n");
  tree.write("1700000000003_c.sql", "SELECT 3;\n");
  MigrationSet set = tree.set();
  CHECK(set.layout == "node-pg-migrate");
  CHECK(set.expects_down);
  CHECK(set.leave_transaction.empty());
  CHECK(set.migrations[0].up.mode == RunMode::all_pending);
  CHECK(text(set.migrations[0].up) == "-- Up Migration\nSELECT 1;\n\n");
  CHECK(text(*set.migrations[0].down) == "-- Down Migration\nSELECT 2;\n");
  CHECK(text(set.migrations[1].up) == "-- UP  MIGRATION\nSELECT 1;\n");
  CHECK(text(*set.migrations[1].down) == "--- down migration\nSELECT 2;\n");
  CHECK(text(set.migrations[2].up) == "SELECT 3;\n");
  CHECK_FALSE(set.migrations[2].down);
}

TEST_CASE("tern cuts at its divider and can leave the transaction") {
  TemporaryTree tree;
  tree.write("001_a.sql", "CREATE TABLE a ();\n---- create above / drop below ----\nDROP TABLE a;\n");
  tree.write("002_b.sql", "---- tern: disable-tx ----\nCREATE INDEX CONCURRENTLY i ON a (b);\n");
  MigrationSet set = tree.set();
  CHECK(set.layout == "tern");
  CHECK(names(set) == Names{"001 a", "002 b"});
  CHECK(text(set.migrations[0].up) == "CREATE TABLE a ();\n");
  CHECK(text(*set.migrations[0].down) == "\nDROP TABLE a;\n");
  CHECK(set.migrations[0].up.mode == RunMode::transaction);
  CHECK(set.migrations[1].up.mode == RunMode::statements);
  CHECK_FALSE(set.migrations[1].down);
}

TEST_CASE("graphile-migrate reads committed bodies and a current that holds something") {
  TemporaryTree tree;
  tree.write("migrations/committed/000001.sql", "--! Previous: -\n--! Hash: sha1:a\n\nCREATE TABLE a ();\n");
  tree.write("migrations/committed/000002-index.sql",
             "--! Previous: sha1:a\n--! Hash: sha1:b\n--! Message: index\n\n--! no-transaction\nSELECT 1;\n");
  tree.write("migrations/current.sql", "-- Enter migration here\n");
  MigrationSet set = tree.set();
  CHECK(set.layout == "graphile-migrate");
  CHECK(names(set) == Names{"000001", "000002 index"});
  CHECK(text(set.migrations[0].up) == "CREATE TABLE a ();\n");
  CHECK(set.migrations[0].up.mode == RunMode::transaction);
  CHECK(set.migrations[1].up.mode == RunMode::query_string);
  tree.write("migrations/current.sql", "SELECT 2;\n");
  tree.write("migrations/committed/000003.sql", "--! Previous: sha1:b\nSELECT 3;\n");
  Discovery found = tree.discover({"."});
  REQUIRE(found.sets.size() == 1);
  CHECK(names(found.sets[0]) == Names{"000001", "000002 index", "current"});
  CHECK(found.sets[0].migrations.back().repeatable);
  REQUIRE(found.sets[0].errors.size() == 1);
  CHECK(found.sets[0].errors[0].message.starts_with("migrations/committed/000003.sql:2: graphile-migrate refuses"));
}

TEST_CASE("atlas reads its directive only at the top of the file") {
  TemporaryTree tree;
  tree.write("atlas.sum", "h1:x\n").write("2_b.sql", "-- atlas:txmode none\n\nSELECT 1;\n");
  tree.write("1_a.sql", "-- Create \"a\" table\n-- atlas:txmode none\nSELECT 1;\n");
  MigrationSet set = tree.set();
  CHECK(set.layout == "atlas");
  CHECK(names(set) == Names{"1 a", "2 b"});
  CHECK(set.migrations[0].up.mode == RunMode::transaction);  // no blank line: a comment of the statement
  CHECK(set.migrations[1].up.mode == RunMode::statements);
}

TEST_CASE("liquibase makes a migration of each changeset and finds rollbacks inside comments") {
  TemporaryTree tree;
  std::string_view source =
      "--liquibase formatted sql\n\n"
      "--changeset ann:1 labels:x runInTransaction:false\n"
      "CREATE TABLE a ();\n"
      "--rollback DROP TABLE a;\n"
      "-- changeset \"bob b\":\"two 2\" runOnChange:true\n"
      "SELECT 2;\n"
      "/* liquibase rollback\nSELECT -2;\n*/\n"
      "--changeset cy:3 dbms:mysql\nSELECT 3;\n"
      "--changeset cy:4\nSELECT 4;\n--rollback empty\n"
      "--changeset cy:5\nSELECT 5;\n";
  tree.write("001.sql", source);
  MigrationSet set = tree.set();
  CHECK(set.layout == "liquibase");
  CHECK(names(set) == Names{"ann:1", "bob b:two 2", "cy:4", "cy:5"});
  CHECK(set.expects_down);
  CHECK(set.migrations[0].up.mode == RunMode::statements);
  CHECK(text(set.migrations[0].up) == "CREATE TABLE a ();\n--rollback DROP TABLE a;\n");
  REQUIRE(set.migrations[0].down);
  const Part& down = *set.migrations[0].down;
  CHECK(down.file->path() == "001.sql");
  CHECK(down.file->text().size() == source.size());
  CHECK(down.file->text().find("DROP TABLE a;") == source.find("DROP TABLE a;"));
  CHECK(text(down).find("CREATE") == std::string::npos);
  CHECK(text(*set.migrations[1].down).find("SELECT -2;") != std::string::npos);
  CHECK(text(*set.migrations[1].down).find("*/") == std::string::npos);
  CHECK(set.migrations[1].repeatable);
  REQUIRE(set.migrations[2].down);  // nothing to undo, and said so
  CHECK(text(*set.migrations[2].down).find_first_not_of(" \n") == std::string::npos);
  CHECK_FALSE(set.migrations[3].down);
  REQUIRE(set.notes.size() == 1);
  CHECK(set.notes[0] == "left changeset cy:3 of 001.sql aside: its dbms is not postgresql");
}

TEST_CASE("liquibase splits where endDelimiter says, and contexts and labels leave nothing out") {
  TemporaryTree tree;
  tree.write("001.sql",
             "--liquibase formatted sql\n"
             "--changeset ann:1 endDelimiter:/ stripComments:false\n"
             "CREATE TABLE a (b int)\n/\nCREATE INDEX ON a ((b\n/ 2))\n/\n"
             "--changeset ann:2 endDelimiter:\\nGO context:test labels:v1\n"
             "SELECT 2\ngo\nSELECT 3\n"
             "--changeset ann:3 endDelimiter:@@\nSELECT 4 @@ SELECT\n5@@\n"
             "--changeset ann:4 endDelimiter:$$\nDO $$\nBEGIN\nEND $$;\n"
             "--changeset ann:5 runAlways:true splitStatements:false runInTransaction:false\nSELECT 6;\n");
  MigrationSet set = tree.set();
  CHECK(names(set) == Names{"ann:1", "ann:2", "ann:3", "ann:4", "ann:5"});
  CHECK(text(set.migrations[0].up) == "CREATE TABLE a (b int)\n;\nCREATE INDEX ON a ((b\n/ 2))\n;\n");
  CHECK(text(set.migrations[1].up) == "SELECT 2\n; \nSELECT 3\n");
  CHECK(text(set.migrations[2].up) == "SELECT 4 @@ SELECT\n5; \n");
  CHECK(text(set.migrations[3].up) == "DO $$\nBEGIN\nEND $$;\n");
  CHECK(set.migrations[4].repeatable);
  CHECK(set.migrations[4].up.mode == RunMode::query_string);
}

TEST_CASE("atlas leaves checkpoints aside, cuts archives, and reads another delimiter") {
  TemporaryTree tree;
  tree.write("atlas.sum", "h1:x\n").write("1_a.sql", "CREATE TABLE a ();\n");
  tree.write("2_all.sql", "-- atlas:checkpoint\n\nCREATE TABLE a ();\n");
  tree.write(
      "3_b.sql",
      "-- atlas:txtar\n-- atlas:txmode none\n\n-- checks.sql --\nSELECT true;\n-- migration.sql --\nDROP TABLE a;\n"
      "-- down.sql --\nCREATE TABLE a ();\n");
  tree.write("4_c.sql", "-- atlas:delimiter -- end\n\nSELECT 1;\nSELECT 2\n-- end\nSELECT 3 -- end\n");
  tree.write("5_d.sql", "-- atlas:delimiter \\n\\n\\n\n\nSELECT 1;\n\n\nSELECT 2;\n");
  MigrationSet set = tree.set();
  CHECK(names(set) == Names{"1 a", "3 b", "4 c", "5 d"});
  CHECK(text(set.migrations[1].up) == "DROP TABLE a;\n");
  REQUIRE(set.migrations[1].down);
  CHECK(text(*set.migrations[1].down) == "CREATE TABLE a ();\n");
  CHECK(set.migrations[1].down->mode == RunMode::statements);
  CHECK(text(set.migrations[2].up).ends_with("SELECT 1;\nSELECT 2\n;     \nSELECT 3 ;     \n"));
  CHECK(text(set.migrations[3].up).ends_with("SELECT 1;\n\n\nSELECT 2;\n"));
  REQUIRE(set.notes.size() == 1);
  CHECK(set.notes[0].starts_with("left 2_all.sql aside: a checkpoint"));
}

TEST_CASE("an atlas checkpoint that begins the history is a migration") {
  TemporaryTree tree;
  tree.write("atlas.sum", "h1:x\n")
      .write("2_all.sql", "-- atlas:checkpoint\n\nCREATE TABLE a ();\n")
      .write("3_b.sql", "SELECT 1;\n");
  CHECK(names(tree.set()) == Names{"2 all", "3 b"});
}
