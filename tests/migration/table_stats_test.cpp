// SPDX-License-Identifier: Apache-2.0
#include "migration/table_stats.h"

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "agreement.h"
#include "migration/schema_file.h"
#include "migration/schema_state.h"

using namespace pgrehearse;

TEST_CASE("table statistics survive being written and read") {
  TableStats stats;
  stats.add({"public", "orders"}, {120'000'000, uint64_t{41} << 30, 5});
  stats.add({"app", "x\"y"}, {std::nullopt, 8192, 0});
  auto read = TableStats::parse(stats.json(), "s.json");
  REQUIRE(read);
  CHECK(read->size() == 2);
  REQUIRE(read->find({"public", "orders"}));
  CHECK(read->find({"public", "orders"})->rows == 120'000'000);
  CHECK(read->find({"public", "orders"})->bytes == uint64_t{41} << 30);
  CHECK(read->find({"public", "orders"})->index_bytes == 5);
  REQUIRE(read->find({"app", "x\"y"}));
  CHECK_FALSE(read->find({"app", "x\"y"})->rows);
  CHECK_FALSE(read->find({"other", "orders"}));
}

TEST_CASE("what is no statistics file is refused with one line") {
  for (const char* text :
       {"", "[]", "{}", "{\"version\": 2, \"tables\": []}", "{\"version\": 1}", "{\"version\": \"1\"}",
        "{\"version\": 1, \"tables\": [1]}", "{\"version\": 1, \"tables\": [{\"schema\": \"a\"}]}",
        "{\"version\": 1, \"tables\": [{\"schema\": \"a\", \"name\": \"b\", \"bytes\": -1}]}",
        "{\"version\": 1, \"tables\": [{\"schema\": \"a\", \"name\": \"b\", \"bytes\": \"8\"}]}", "SELECT 1"}) {
    INFO(text);
    auto read = TableStats::parse(text, "bad\x1b.json");
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == Error::Kind::usage);
    CHECK(read.error().message.find('\n') == std::string::npos);
  }
  CHECK(TableStats::parse(std::string(100'000, '['), "deep.json").has_value() == false);
}

TEST_CASE("the format's schema names what is written") {
  std::ifstream file(std::filesystem::path(PGREHEARSE_SOURCE_DIR) / "docs/stats.schema.json");
  auto schema = nlohmann::json::parse(file);
  TableStats stats;
  stats.add({"public", "orders"}, {1, 2, 3});
  auto written = nlohmann::json::parse(stats.json());
  auto& described = schema["properties"]["tables"]["items"]["properties"];
  for (const auto& [key, value] : written.items()) CHECK(schema["properties"].contains(key));
  for (const auto& [key, value] : written["tables"][0].items()) CHECK(described.contains(key));
}

TEST_CASE("sizes read like pg_size_pretty") {
  CHECK(shown_bytes(8192) == "8192 bytes");
  CHECK(shown_bytes(10240) == "10 kB");
  CHECK(shown_bytes(uint64_t{41} << 30) == "41 GB");
  CHECK(shown_bytes(uint64_t{16} << 20) == "16 MB");
  CHECK(shown_rows(7) == "about 7 rows");
  CHECK(shown_rows(1'234'567) == "about 1,234,567 rows");
  CHECK(shown_rows(120'400'000) == "about 120 million rows");
}

TEST_CASE("the state answers sizes under the names that tables have by now") {
  auto stats = std::make_shared<TableStats>();
  stats->add({"public", "orders"}, {5, 100, 0});
  SchemaState state;
  state.use_stats(stats);
  auto fold = [&](const char* sql) {
    Part part;
    part.file = std::make_shared<SourceFile>("s.sql", sql);
    part.section = {0, static_cast<uint32_t>(std::string_view(sql).size())};
    test::fold_part(state, part);
  };
  CHECK(state.size({"", "orders"})->bytes == 100);
  CHECK(state.size({"public", "orders"})->rows == 5);
  CHECK_FALSE(state.size({"app", "orders"}));
  fold("ALTER TABLE orders RENAME TO sales; CREATE TABLE orders (id int);");
  CHECK(state.size({"", "sales"})->bytes == 100);
  CHECK_FALSE(state.size({"", "orders"}));
  fold("CREATE SCHEMA app; ALTER TABLE sales SET SCHEMA app; ALTER TABLE app.sales RENAME TO again;");
  CHECK(state.size({"app", "again"})->bytes == 100);
}

TEST_CASE("a dump becomes what a throw-away server takes, every offset the same") {
  auto file = std::make_shared<SourceFile>("schema.sql", R"(\restrict abc
SET transaction_timeout = 0;
CREATE TABLE public.t (id int);
ALTER TABLE public.t OWNER TO shop;
ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id);
GRANT SELECT ON TABLE public.t TO reader;
COMMENT ON EXTENSION citext IS 'x';
CREATE POLICY p ON public.t TO reader USING (true);
CREATE POLICY q ON public.t USING (true);
ALTER DEFAULT PRIVILEGES FOR ROLE shop IN SCHEMA public GRANT ALL ON TABLES TO reader;
\unrestrict abc
)");
  RehearsableSchema rehearsable = rehearsable_schema(file);
  std::string text(rehearsable.file->text());
  CHECK(rehearsable.left_out == 6);
  CHECK(text.size() == file->text().size());
  CHECK(text.find("CREATE TABLE public.t") == file->text().find("CREATE TABLE public.t"));
  CHECK(text.find("t_pkey") != std::string::npos);
  CHECK(text.find("POLICY q") != std::string::npos);
  for (const char* gone : {"OWNER", "GRANT", "EXTENSION", "POLICY p", "transaction_timeout"}) {
    CHECK(text.find(gone) == std::string::npos);
  }
  MigrationSet set;
  set.migrations.resize(1);
  start_from_schema(set, file);
  REQUIRE(set.migrations.size() == 2);
  CHECK(set.migrations[0].context_only);
  SchemaState state;
  state.begin_migration(0);
  test::fold_part(state, set.migrations[0].up);
  state.begin_migration(1);
  REQUIRE(state.find(QualifiedName{"", "t"}));
  CHECK(state.find(QualifiedName{"", "t"})->primary_key());
  CHECK(state.existed_before(QualifiedName{"", "t"}));
  CHECK(state.granted(*state.find(QualifiedName{"", "t"}), "reader", "select") == Known::yes);
}
