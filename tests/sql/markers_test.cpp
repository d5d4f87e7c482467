// SPDX-License-Identifier: Apache-2.0
#include "sql/markers.h"

#include <catch2/catch_test_macros.hpp>

#include "sql/parser.h"

namespace pgrehearse {
namespace {

std::string bridged(std::string text, Placeholder kind = Placeholder::name, bool psql = false) {
  size_t size = text.size();
  CHECK(bridge_markers(text, kind, psql));
  CHECK(text.size() == size);
  return text;
}

/// Whether PostgreSQL's parser takes all statements of a text.
bool parses(const std::string& text) {
  Script script(std::make_shared<const SourceFile>("a.sql", text));
  Parser parser;
  for (const StatementSpan& span : script.statements()) {
    auto statement = parser.parse(script, span);
    if (!statement) {
      UNSCOPED_INFO(text << ": " << statement.error().message);
      return false;
    }
  }
  return true;
}

TEST_CASE("marks are found") {
  auto name = [](std::string_view text) {
    auto marker = marker_at(text, 0);
    return marker ? std::string(marker->name) + (marker->block ? "block" : "") : std::string("none");
  };
  CHECK(name("${schema}.t") == "schema");
  CHECK(name("{{ schema }}") == "schema");
  CHECK(name("<%= schema %>") == "schema");
  CHECK(name("%(schema)s") == "schema");
  CHECK(name("%s,") == "s");
  CHECK(name("{% if x %}") == "block");
  CHECK(name("<% if x %>") == "block");
  CHECK(name("${a\nb}") == "none");
  CHECK(name("${") == "none");
  CHECK(name("%(a b)s") == "none");
  CHECK(name("%sum") == "none");
  CHECK(name("{{" + std::string(10'000, 'x') + "}}") == "none");
}

TEST_CASE("placeholders have the length of what they stand for") {
  CHECK(bridged("DROP TABLE ${schema}.t") == "DROP TABLE __schema_.t");
  CHECK(bridged("DROP TABLE x_${env}_t") == "DROP TABLE x___env__t");
  CHECK(bridged("COMMENT ON TABLE t IS {{ x }}", Placeholder::string) == "COMMENT ON TABLE t IS '*****'");
  CHECK(bridged("SELECT 1 {% if x %} + 1 {% endif %}") == "SELECT 1            + 1            ");
  CHECK(bridged("ALTER TABLE t OWNER TO :owner", Placeholder::name, true) == "ALTER TABLE t OWNER TO _owner");
  CHECK(bridged("SELECT :'x'", Placeholder::name, true) == "SELECT  'x'");
  CHECK(bridged("${all_of_it}") == std::string(12, ' '));
  std::string untouched = "SELECT '${x}', \"{{ y }}\", $$ ${z} $$ -- ${c}";
  CHECK_FALSE(bridge_markers(untouched, Placeholder::name, true));
}

TEST_CASE("statements with marks are parsed") {
  CHECK(parses("CREATE TABLE ${schema}.users (id bigint);"));
  CHECK(parses("CREATE TABLE {{ schema }}.{{ table }} (id bigint);"));
  CHECK(parses("GRANT SELECT ON t TO <%= role %>;"));
  CHECK(parses("INSERT INTO t VALUES (%(a)s, %(b)s), (%s, %s);"));
  CHECK(parses("UPDATE t SET a=%(a)s WHERE b = %s;"));
  CHECK(parses("CREATE ROLE app PASSWORD ${password};"));
  CHECK(parses("CREATE SEQUENCE s START WITH {{ start }};"));
  CHECK(parses("ALTER TABLE t ALTER COLUMN a TYPE varchar(${n});"));
  CHECK(parses("{% if env == 'prod' %}\nCREATE INDEX i ON t (a);\n{% endif %}\n"));
  CHECK(parses("${statements};\nSELECT 1;"));
  CHECK(parses(":statements;\nALTER TABLE :\"t\" OWNER TO :owner;"));
  CHECK(parses("DO $$ BEGIN EXECUTE 'x'; PERFORM ${f}(1); END $$;"));
  CHECK_FALSE(parses("CREATE TABEL ${schema}.users (id bigint);"));
  CHECK_FALSE(parses("SELECT ${a} ${b} ${c} FROM;"));
}

TEST_CASE("hostile marks cost what they are long") {
  std::string text = "SELECT ";
  for (int i = 0; i < 200'000; ++i) text += "${";
  CHECK_FALSE(parses(text));
  text = "SELECT ";
  for (int i = 0; i < 100'000; ++i) text += "{{x}}";
  CHECK(parses(text));  // one long name
}

}  // namespace
}  // namespace pgrehearse
