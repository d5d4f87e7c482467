// SPDX-License-Identifier: Apache-2.0
#include "rules/support/syntax_advice.h"

#include <catch2/catch_test_macros.hpp>
#include <memory>

#include "linter/engine.h"
#include "linter/example.h"
#include "rules/all_rules.h"

using namespace pgrehearse;

namespace {

Finding only_finding(const std::string& sql) {
  const Rule* rule = nullptr;
  for (const Rule& each : all_rules()) {
    if (each.info.id == "unparsable-statement") rule = &each;
  }
  REQUIRE(rule);
  auto set = example_set(rule->info, Example{.sql = sql});
  REQUIRE(set);
  Report report;
  lint(*set, RuleSet{&all_rules(), {rule}}, Settings{}, report);
  INFO(sql);
  REQUIRE(report.findings.size() == 1);
  return report.findings[0];
}

}  // namespace

TEST_CASE("what people try to write gets the form that PostgreSQL has") {
  struct Case {
    std::string sql;
    std::string advice;
  };
  for (const auto& [sql, advice] : {
           Case{"UPDATE t SET a = 1 WHERE a IS NULL LIMIT 10;", "no LIMIT"},
           Case{"SELECT 1;\nDO $$ DECLARE n int; BEGIN\n LOOP\n UPDATE t SET a = 1 -- some;\n WHERE a = 2\n LIMIT n;\n"
                " EXIT;\n END LOOP; END $$;",
                "no LIMIT"},
           Case{"DELETE FROM t ORDER BY id LIMIT 5;", "no LIMIT and no ORDER BY"},
           Case{"ALTER TABLE t ADD CONSTRAINT IF NOT EXISTS c CHECK (a > 0);", "DROP CONSTRAINT IF EXISTS"},
           Case{"CREATE TYPE IF NOT EXISTS mood AS ENUM ('a');", "pg_type"},
           Case{"CREATE DOMAIN IF NOT EXISTS d AS int;", "CREATE DOMAIN"},
           Case{"CREATE ROLE IF NOT EXISTS app;", "pg_roles"},
           Case{"CREATE USER IF NOT EXISTS app;", "pg_roles"},
           Case{"CREATE DATABASE IF NOT EXISTS shop;", "CREATE DATABASE"},
           Case{"CREATE POLICY IF NOT EXISTS p ON t USING (true);", "DROP POLICY IF EXISTS"},
           Case{"CREATE OR REPLACE POLICY p ON t USING (true);", "DROP POLICY IF EXISTS"},
           Case{"CREATE TRIGGER IF NOT EXISTS tg BEFORE UPDATE ON t EXECUTE FUNCTION f();", "OR REPLACE TRIGGER"},
           Case{"CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT 1;", "OR REPLACE"},
           Case{"CREATE VIEW IF NOT EXISTS v AS SELECT 1;", "OR REPLACE VIEW"},
           Case{"CREATE FUNCTION IF NOT EXISTS f() RETURNS int LANGUAGE sql AS 'SELECT 1';", "OR REPLACE FUNCTION"},
           Case{"ALTER TABLE t RENAME COLUMN IF EXISTS a TO b;", "RENAME COLUMN"},
           Case{"CREATE TABLE t (id int AUTO_INCREMENT);", "IDENTITY"},
           Case{"CREATE TABLE `t` (id int);", "double quotes"},
           Case{"CREATE ${kind} t (a int);", "template"},
           Case{"SELECT a {{ from_and_where }} ORDER BY a b;", "template"},
           Case{"CREATE TABLE t (id int)\nALTER TABLE t ADD a int;", "semicolon"},
           Case{"RAISE NOTICE 'x';", "PL/pgSQL"},
           Case{"CREATE TABLE t (...);", "left out"},
           Case{"CREATE TABLE t (id int;", "too early"},
       }) {
    INFO(sql);
    CHECK(only_finding(sql).help.find(advice) != std::string::npos);
  }
}

TEST_CASE("a string is not shown in the message of a syntax error") {
  for (std::string sql : {"ALTER ROLE app PASSWORD = 'vT7-aLong!one';", "ALTER ROLE app PASSWORD 'a' 'vT7-aLong!one';",
                          "ALTER ROLE app PASSWORD 'a' E'vT7-aLong!one';", "ALTER ROLE app WITH $$vT7-aLong!one$$;"}) {
    Finding finding = only_finding(sql);
    CHECK((finding.message + finding.help).find("aLong") == std::string::npos);
    CHECK(finding.message.starts_with("syntax error"));
  }
}
