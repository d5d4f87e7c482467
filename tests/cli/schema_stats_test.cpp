// SPDX-License-Identifier: Apache-2.0
// --schema, --stats and the `stats` command as users run them.
#include <catch2/catch_test_macros.hpp>

#include "tests/cli/program.h"

namespace pgrehearse {
namespace {

bool has(const std::string& text, const std::string& part) {
  UNSCOPED_INFO(text);
  return text.find(part) != std::string::npos;
}

constexpr const char* dump = R"(\restrict abc
SET statement_timeout = 0;
SET transaction_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.orders (id bigint NOT NULL, note character varying(20), kept text);
ALTER TABLE public.orders OWNER TO shop;
COPY public.orders (id, note) FROM stdin;
1	one
\.
ALTER TABLE ONLY public.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
CREATE TABLE public.tiny (id bigint);
GRANT SELECT ON TABLE public.orders TO reader;
\unrestrict abc
)";

TEST_CASE("a schema file is what the migrations start from, and nothing is said about it") {
  Workplace place;
  place.write("schema.sql", dump).write("m/1_a.sql", "ALTER TABLE orders ALTER COLUMN note TYPE varchar(10);\n");
  auto ended = place.run("lint m --schema schema.sql --select alter-column-type-rewrite -o concise");
  CHECK(has(ended.out, "from character varying(20) to character varying(10)"));
  CHECK_FALSE(has(ended.out, "schema.sql"));
  place.write("m/1_a.sql", "ALTER TABLE orders ALTER COLUMN note TYPE varchar(30);\n");
  CHECK(place.run("lint m --schema schema.sql --select alter-column-type-rewrite").code == 0);
  CHECK(place.run("lint m --schema nowhere.sql").code == 2);
  CHECK(place
            .run("lint - --schema schema.sql --select alter-column-type-rewrite -o concise",
                 "echo 'ALTER TABLE orders ALTER COLUMN note TYPE varchar(5);' |")
            .code == 1);
}

TEST_CASE("a rehearsal begins with the schema file", "[server]") {
  Workplace place;
  place.write("schema.sql", dump);
  place.write("m/001_a.up.sql", "ALTER TABLE orders DROP COLUMN kept;\n");
  place.write("m/001_a.down.sql", "ALTER TABLE orders ADD COLUMN kept text;\n");
  auto ended = place.run("run m --schema schema.sql --reapply off");
  CHECK(has(ended.out, "3 statements of the schema about owners, roles and privileges are left out"));
  CHECK(has(ended.out, "1 of 1 migration"));
  CHECK(place.run("run m --reapply off").code == 1);  // there is no orders without it
  CHECK(ended.code == 0);
}

TEST_CASE("sizes are said, and small tables weigh less") {
  Workplace place;
  place.write("m/1_a.sql",
              "CREATE INDEX a ON orders (id);\nCREATE INDEX b ON tiny (id);\nALTER TABLE tiny RENAME TO small;\n"
              "GRANT ALL ON tiny2 TO PUBLIC;\nSELEC 1;\n");
  place.write("s.json", R"({"version": 1, "tables": [
    {"schema": "public", "name": "orders", "rows": 120000000, "bytes": 44023414784, "index_bytes": 7},
    {"schema": "public", "name": "tiny2", "bytes": 8192}, {"schema": "public", "name": "tiny", "bytes": 8192}]})");
  std::string select =
      "lint m --select create-index-not-concurrent,grant-to-public,rename-table,unparsable-statement -o concise ";
  std::string plain = place.run(select).out, sized = place.run(select + "--stats s.json").out;
  CHECK(has(plain, "1_a.sql:2:1: error: CREATE INDEX without CONCURRENTLY"));
  CHECK(has(sized, "1_a.sql:1:1: error: CREATE INDEX without CONCURRENTLY"));
  CHECK(has(sized, "(orders: 41 GB, about 120 million rows)"));
  CHECK(has(sized, "1_a.sql:2:1: warning: CREATE INDEX without CONCURRENTLY"));
  CHECK(has(sized, "(tiny: 8192 bytes)"));
  // Only what is about waiting weighs less.
  for (const char* line : {"1_a.sql:3:", "1_a.sql:4:", "1_a.sql:5:"}) {
    auto line_of = [&](const std::string& text) {
      size_t at = text.find(line);
      return at == std::string::npos ? std::string() : text.substr(at, text.find('\n', at) - at);
    };
    CHECK_FALSE(line_of(plain).empty());
    CHECK(line_of(plain) == line_of(sized));
  }
  CHECK(has(place.run(select + "--stats s.json --small-table 4kb").out, "1_a.sql:2:1: error"));
  CHECK(has(place.run(select + "--stats s.json --small-table 50GB").out, "1_a.sql:1:1: warning"));
  CHECK(has(place.run(select + "--stats s.json --small-table 0").out, "1_a.sql:2:1: error"));
  auto refused = place.run(select + "--stats m/1_a.sql");
  CHECK(refused.code == 2);
  CHECK(has(refused.err, "is no statistics file"));
}

TEST_CASE("stats says in one line that there is no server") {
  Workplace place;
  auto ended = place.run("stats --database-url 'host=/nonexistent dbname=x'");
  CHECK(ended.code == 3);
  CHECK(ended.out.empty());
  CHECK(has(ended.err, "could not connect to the given server"));
  CHECK(place.run("stats").code == 2);
}

}  // namespace
}  // namespace pgrehearse
