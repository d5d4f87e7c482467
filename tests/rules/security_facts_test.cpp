// SPDX-License-Identifier: Apache-2.0
// What the pages of the rules about privileges and row security say happens to whom, shown on a real server.
#include <catch2/catch_test_macros.hpp>

#include "runner/server.h"

using namespace pgrehearse;

namespace {

struct Fact {
  const char* rule;
  const char* setup;            ///< as superuser; `reader` is a role without any right but USAGE of schema public
  const char* query;            ///< as reader
  const char* expected;         ///< the first value, or the SQLSTATE of the failure
  const char* after = nullptr;  ///< as superuser, behind the query: its first value is what is expected
  int from = 12, to = 99;       ///< major versions
};

const Fact facts[] = {
    {"function-public-execute", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 7'", "SELECT f()", "7"},
    {"function-public-execute",
     "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; CREATE FUNCTION f() RETURNS int LANGUAGE sql "
     "AS 'SELECT 7'",
     "SELECT f()", "42501"},
    {"function-public-execute",
     "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS "
     "'SELECT 7'",
     "SELECT f()", "7"},
    {"default-privileges-revoke-in-schema",
     "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; "
     "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 7'",
     "SELECT f()", "7"},
    {"default-privileges-revoke-in-schema",
     "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE USAGE ON TYPES FROM PUBLIC; CREATE TYPE mood AS ENUM ('good')",
     "SELECT has_type_privilege('mood', 'USAGE')", "t"},
    {"default-privileges-no-for-role",
     "CREATE ROLE maker; GRANT CREATE ON SCHEMA public TO maker; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO "
     "reader; "
     "SET ROLE maker; CREATE TABLE theirs (id int); RESET ROLE",
     "SELECT count(*) FROM theirs", "42501"},
    {"grant-all-in-schema",
     "CREATE TABLE early (id int); GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader; CREATE TABLE late (id int)",
     "SELECT count(*) FROM late", "42501"},
    {"grant-with-grant-option",
     "CREATE ROLE other; CREATE TABLE t (id int); GRANT SELECT ON t TO reader WITH GRANT OPTION; SET ROLE reader; "
     "GRANT SELECT ON t TO other; RESET ROLE",
     "RESET ROLE; REVOKE SELECT ON t FROM reader", "2BP01"},
    {"drop-create-resets-acl",
     "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 7'; REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC; DROP "
     "FUNCTION f(); "
     "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 7'",
     "SELECT f()", "7"},
    {"drop-create-resets-acl",
     "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 7'; REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC; "
     "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 8'",
     "SELECT f()", "42501"},
    {"drop-create-resets-acl",
     "CREATE VIEW v AS SELECT 1 AS a; GRANT SELECT ON v TO reader; DROP VIEW v; CREATE VIEW v AS SELECT 1 AS a",
     "SELECT a FROM v", "42501"},
    {"or-replace-drops-security-options",
     "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 7'; "
     "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 7'",
     "SELECT concat(prosecdef, proconfig) FROM pg_proc WHERE proname = 'f'", "f"},
    {"or-replace-drops-security-options",
     "CREATE VIEW v WITH (security_barrier) AS SELECT 1 AS a; CREATE OR REPLACE VIEW v AS SELECT 1 AS a",
     "SELECT count(reloptions) FROM pg_class WHERE relname = 'v'", "0"},
    {"rls-enabled-no-policy", "ALTER TABLE notes ENABLE ROW LEVEL SECURITY", "SELECT count(*) FROM notes", "0"},
    {"rls-enabled-no-policy", "ALTER TABLE notes ENABLE ROW LEVEL SECURITY", "INSERT INTO notes VALUES (9, 'x')",
     "42501"},
    {"policy-without-rls", "CREATE POLICY own ON notes USING (owner = current_user)", "SELECT count(*) FROM notes",
     "2"},
    {"policy-without-rls",
     "CREATE POLICY own ON notes USING (owner = current_user); ALTER TABLE notes ENABLE ROW LEVEL SECURITY",
     "SELECT count(*) FROM notes", "1"},
    {"rls-not-forced", "ALTER TABLE notes OWNER TO reader; ALTER TABLE notes ENABLE ROW LEVEL SECURITY",
     "SELECT count(*) FROM notes", "2"},
    {"rls-not-forced",
     "ALTER TABLE notes OWNER TO reader; ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
     "SELECT count(*) FROM notes", "0"},
    {"policy-restrictive-only",
     "ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY low ON notes AS RESTRICTIVE USING (true)",
     "SELECT count(*) FROM notes", "0"},
    {"policy-no-expression", "ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY r ON notes FOR SELECT",
     "SELECT count(*) FROM notes", "0"},
    {"policy-no-expression", "ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY w ON notes FOR INSERT",
     "INSERT INTO notes VALUES (9, 'x')", "42501"},
    {"policy-always-true",
     "ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON notes USING (owner = current_user); "
     "CREATE POLICY there ON notes USING (id IS NOT NULL)",
     "SELECT count(*) FROM notes", "2"},
    {"policy-self-recursion",
     "ALTER TABLE notes ENABLE ROW LEVEL SECURITY; "
     "CREATE POLICY team ON notes USING (owner IN (SELECT n.owner FROM notes n))",
     "SELECT count(*) FROM notes", "42P17"},
    {"policy-self-recursion",
     "CREATE TABLE b (id int); GRANT SELECT ON b TO reader; ALTER TABLE notes ENABLE ROW LEVEL SECURITY; "
     "ALTER TABLE b ENABLE ROW LEVEL SECURITY; CREATE POLICY x ON notes USING (EXISTS (SELECT FROM b)); "
     "CREATE POLICY y ON b USING (EXISTS (SELECT FROM notes))",
     "SELECT count(*) FROM notes", "42P17"},
    {"view-without-security-invoker",
     "ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE VIEW v AS SELECT * FROM notes; GRANT SELECT ON v TO reader",
     "SELECT count(*) FROM v", "2"},
    {"view-without-security-invoker",
     "CREATE VIEW v AS SELECT * FROM notes; GRANT SELECT ON v TO reader; ALTER TABLE notes ENABLE ROW LEVEL SECURITY",
     "SELECT count(*) FROM v", "2"},
    {"view-without-security-invoker",
     "ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE VIEW v WITH (security_invoker = true) AS SELECT * FROM "
     "notes; "
     "GRANT SELECT ON v TO reader",
     "SELECT count(*) FROM v", "0", nullptr, 15},
    {"view-without-security-invoker", "", "RESET ROLE; CREATE VIEW v WITH (security_invoker = true) AS SELECT 1",
     "22023", nullptr, 12, 14},
    {"matview-over-rls",
     "ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE MATERIALIZED VIEW m AS SELECT * FROM notes; GRANT SELECT ON "
     "m TO reader",
     "SELECT count(*) FROM m", "2"},
    {"matview-over-rls", "CREATE MATERIALIZED VIEW m AS SELECT * FROM notes",
     "RESET ROLE; CREATE POLICY p ON m USING (true)", "42809"},
    {"partition-or-child-without-rls",
     "CREATE TABLE parts (year int) PARTITION BY LIST (year); ALTER TABLE parts ENABLE ROW LEVEL SECURITY; "
     "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1); INSERT INTO parts VALUES (1); GRANT SELECT ON parts, "
     "parts_1 TO reader",
     "SELECT concat((SELECT count(*) FROM parts), (SELECT count(*) FROM parts_1))", "01"},
    {"truncate-privilege-on-rls", "ALTER TABLE notes ENABLE ROW LEVEL SECURITY; GRANT TRUNCATE ON notes TO reader",
     "TRUNCATE notes", "0", "SELECT count(*) FROM notes"},
    {"table-swap-loses-rls",
     "ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE TABLE fresh (LIKE notes INCLUDING ALL); "
     "INSERT INTO fresh TABLE notes; DROP TABLE notes; ALTER TABLE fresh RENAME TO notes; GRANT SELECT ON notes TO "
     "reader",
     "SELECT count(*) FROM notes", "2"},
    {"rls-gap-window",
     "ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON notes USING (owner = current_user); DROP "
     "POLICY own ON notes",
     "SELECT count(*) FROM notes", "0"},
    {"security-definer-no-search-path",
     "CREATE TABLE prices (p int); INSERT INTO prices VALUES (5); "
     "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN (SELECT p FROM prices); END'",
     "CREATE TEMP TABLE prices AS SELECT 0 AS p; GRANT SELECT ON prices TO PUBLIC; SELECT f()", "0"},
    {"security-definer-insecure-search-path",
     "CREATE TABLE prices (p int); INSERT INTO prices VALUES (5); "
     "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS 'BEGIN RETURN "
     "(SELECT p FROM prices); END'",
     "CREATE TEMP TABLE prices AS SELECT 0 AS p; GRANT SELECT ON prices TO PUBLIC; SELECT f()", "0"},
    {"security-definer-insecure-search-path",
     "CREATE TABLE prices (p int); INSERT INTO prices VALUES (5); "
     "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS 'BEGIN "
     "RETURN (SELECT p FROM prices); END'",
     "CREATE TEMP TABLE prices AS SELECT 0 AS p; GRANT SELECT ON prices TO PUBLIC; SELECT f()", "5"},
    {"security-definer-insecure-search-path",
     "CREATE FUNCTION f() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = 'public, pg_temp' "
     "AS 'BEGIN RETURN (SELECT count(*) FROM notes); END'",
     "SELECT f()", "42P01"},
    {"public-schema-create", "", "CREATE TABLE mine (id int)", "1",
     "SELECT count(*) FROM pg_class WHERE relname = 'mine'", 12, 14},
    {"public-schema-create", "REVOKE CREATE ON SCHEMA public FROM PUBLIC", "CREATE TABLE mine (id int)", "42501"},
    {"public-schema-create", "", "CREATE TABLE mine (id int)", "42501", nullptr, 15},
    {"role-createrole", "ALTER ROLE reader CREATEROLE", "GRANT pg_signal_backend TO reader", "t",
     "SELECT pg_has_role('reader', 'pg_signal_backend', 'MEMBER')", 12, 15},
    {"role-createrole", "ALTER ROLE reader CREATEROLE", "GRANT pg_signal_backend TO reader", "42501", nullptr, 16},
    {"role-replication", "ALTER ROLE reader CREATEROLE; CREATE ROLE other", "ALTER ROLE other REPLICATION", "42501"},
    {"hba-or-auth-weakening", "SET LOCAL password_encryption = 'md5'; CREATE ROLE other PASSWORD 'quartz-lantern-42'",
     "RESET ROLE; SELECT left(rolpassword, 3) FROM pg_authid WHERE rolname = 'other'", "md5"},
    {"grant-sensitive-role",
     "ALTER TABLE notes ENABLE ROW LEVEL SECURITY; REVOKE ALL ON notes FROM reader; GRANT pg_read_all_data TO reader",
     "SELECT count(*) FROM notes", "0", nullptr, 14},
    {"grant-sensitive-role", "REVOKE ALL ON notes FROM reader; GRANT pg_read_all_data TO reader",
     "SELECT count(*) FROM notes", "2", nullptr, 14},
};

/// The first value of the last result, or the SQLSTATE.
std::string outcome(Connection& session, const std::string& sql) {
  auto rows = session.run(sql);
  if (!rows) return rows.error().sqlstate;
  return rows->size() > 0 ? std::string(rows->at(0, 0)) : std::string();
}

}  // namespace

TEST_CASE("what the rules about privileges say is what a server does", "[server]") {
  ServerOptions options;
  options.superuser = true;
  auto server = start_server(options);
  if (!server) FAIL(server.error().message);
  int major = (*server)->version_number() / 10000;
  auto session = (*server)->connect_migration();
  REQUIRE(session);
  for (const Fact& fact : facts) {
    if (major < fact.from || major > fact.to) continue;
    INFO(fact.rule << " on " << (*server)->version() << ": " << fact.setup << "\n" << fact.query);
    // Rolled back each time, the roles too.
    REQUIRE(session->run(
        "BEGIN; CREATE ROLE reader; GRANT USAGE ON SCHEMA public TO reader; "
        "CREATE TABLE notes (id int NOT NULL, owner text); INSERT INTO notes VALUES (1, 'reader'), (2, 'ann'); "
        "GRANT SELECT, INSERT ON notes TO reader"));
    auto made = session->run(std::string("SELECT 1; ") + fact.setup);
    INFO((made ? "" : made.error().one_line()));
    CHECK(made);
    std::string seen = outcome(*session, std::string("SET ROLE reader; ") + fact.query);
    INFO(seen);
    if (fact.after) seen = outcome(*session, std::string("RESET ROLE; ") + fact.after);
    CHECK(seen == fact.expected);
    REQUIRE(session->run("ROLLBACK; RESET ROLE"));
  }
}
