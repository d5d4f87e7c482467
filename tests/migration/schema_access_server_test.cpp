// SPDX-License-Identifier: Apache-2.0
// Privileges, owners, roles, policies, triggers, publications and comments of SchemaState against a server's catalog.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <memory>

#include "agreement.h"
#include "runner/server.h"

using namespace pgrehearse;
using namespace pgrehearse::test;

namespace {

constexpr const char* script = R"(
CREATE ROLE acl_owner NOLOGIN;
CREATE ROLE acl_app LOGIN BYPASSRLS;
CREATE ROLE acl_group NOINHERIT CREATEDB;
CREATE USER acl_user IN ROLE acl_group;
CREATE ROLE acl_gone;
GRANT acl_owner TO acl_app;
GRANT acl_gone TO acl_user;
REVOKE acl_group FROM acl_user;
GRANT acl_group TO acl_user, acl_app;
ALTER ROLE acl_app NOBYPASSRLS CREATEROLE;
CREATE TABLE t (id int PRIMARY KEY, a int, b text);
CREATE TABLE u (id serial);
CREATE VIEW v WITH (security_barrier) AS SELECT id FROM t;
GRANT ALL ON t TO acl_app;
GRANT SELECT, UPDATE (a, b) ON t TO acl_user WITH GRANT OPTION;
REVOKE UPDATE (b) ON t FROM acl_user;
REVOKE GRANT OPTION FOR SELECT ON t FROM acl_user;
REVOKE TRUNCATE, DELETE ON t FROM acl_app;
GRANT SELECT ON t TO PUBLIC;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO acl_group;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO acl_group;
GRANT SELECT ON t TO acl_gone;
REVOKE ALL ON t FROM acl_gone;
CREATE SCHEMA app AUTHORIZATION acl_owner;
GRANT USAGE ON SCHEMA app TO acl_app;
GRANT ALL ON SCHEMA app TO acl_user;
REVOKE CREATE ON SCHEMA app FROM acl_user;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO acl_group;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT INSERT ON TABLES TO acl_app;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT EXECUTE ON FUNCTIONS TO acl_app;
CREATE TABLE app.made (id int);
CREATE TABLE later (id int);
ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM acl_group;
CREATE TABLE latest (id bigserial);
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION app.f(int) RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';
CREATE FUNCTION app.f(text) RETURNS int LANGUAGE sql LEAKPROOF AS 'SELECT 1';
GRANT EXECUTE ON FUNCTION app.f(text) TO acl_user;
REVOKE EXECUTE ON FUNCTION app.f(int) FROM acl_app;
CREATE OR REPLACE FUNCTION app.f(text) RETURNS int LANGUAGE sql AS 'SELECT 2';
ALTER FUNCTION f() OWNER TO acl_owner;
ALTER FUNCTION app.f(int) SECURITY INVOKER STABLE;
ALTER TABLE t OWNER TO acl_owner;
ALTER TABLE u OWNER TO acl_gone;
GRANT CREATE ON SCHEMA public TO acl_owner;
SET ROLE acl_owner;
CREATE TABLE by_owner (id serial);
RESET ROLE;
REASSIGN OWNED BY acl_gone TO acl_app;
CREATE TABLE doomed (id int);
ALTER TABLE doomed OWNER TO acl_gone;
CREATE POLICY for_gone ON t TO acl_gone USING (true);
DROP OWNED BY acl_gone;
DROP ROLE acl_gone;
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
ALTER TABLE t FORCE ROW LEVEL SECURITY;
CREATE POLICY p1 ON t FOR SELECT TO acl_app, acl_user USING (a > 0);
CREATE POLICY p2 ON t AS RESTRICTIVE USING (true) WITH CHECK (b = 'x');
CREATE POLICY p3 ON t FOR INSERT WITH CHECK (true);
ALTER POLICY p1 ON t TO PUBLIC;
ALTER POLICY p3 ON t RENAME TO p4;
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER one BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE TRIGGER two AFTER UPDATE OF a ON t FOR EACH STATEMENT EXECUTE FUNCTION tf();
ALTER TABLE t DISABLE TRIGGER one;
ALTER TABLE t ENABLE ALWAYS TRIGGER two;
COMMENT ON TABLE t IS 'the table';
COMMENT ON COLUMN t.a IS 'the column';
COMMENT ON COLUMN t.b IS 'not for long';
COMMENT ON COLUMN t.b IS NULL;
CREATE PUBLICATION feed FOR TABLE t, u;
ALTER PUBLICATION feed ADD TABLE later;
ALTER PUBLICATION feed DROP TABLE u;
ALTER TABLE later RENAME TO renamed;
)";

constexpr const char* cleanup = R"(
DROP OWNED BY acl_owner, acl_app, acl_group, acl_user CASCADE; DROP ROLE acl_owner, acl_app, acl_group, acl_user;)";

/// One line for each fact. The runner of the script is left out, as the state does not know who that is; so is
/// MAINTAIN.
constexpr const char* server_facts = R"(
WITH roles AS (SELECT oid, rolname FROM pg_roles WHERE rolname LIKE 'acl\_%' UNION ALL SELECT 0, 'public')
SELECT 'grant ' || c.relname || ' ' || r.rolname || ' ' || lower(a.privilege_type) || CASE WHEN a.is_grantable THEN ' +' ELSE '' END
FROM pg_class c, aclexplode(c.relacl) a JOIN roles r ON r.oid = a.grantee
WHERE c.relnamespace IN ('public'::regnamespace, 'app'::regnamespace) AND a.grantee <> c.relowner AND a.privilege_type <> 'MAINTAIN'
UNION ALL
SELECT 'grant ' || c.relname || '.' || t.attname || ' ' || r.rolname || ' ' || lower(a.privilege_type) || CASE WHEN a.is_grantable THEN ' +' ELSE '' END
FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a JOIN roles r ON r.oid = a.grantee
WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'grant function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ') ' || r.rolname
FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a JOIN roles r ON r.oid = a.grantee
WHERE p.pronamespace IN ('public'::regnamespace, 'app'::regnamespace) AND a.grantee <> p.proowner
UNION ALL
SELECT 'grant schema ' || n.nspname || ' ' || r.rolname || ' ' || lower(a.privilege_type)
FROM pg_namespace n, aclexplode(n.nspacl) a JOIN roles r ON r.oid = a.grantee WHERE n.nspname = 'app' AND a.grantee <> n.nspowner
UNION ALL
SELECT 'owner ' || c.relname || ' ' || r.rolname FROM pg_class c JOIN roles r ON r.oid = c.relowner
WHERE c.relnamespace IN ('public'::regnamespace, 'app'::regnamespace) AND c.relkind IN ('r', 'S', 'v')
UNION ALL
SELECT 'owner function ' || p.proname || ' ' || r.rolname FROM pg_proc p JOIN roles r ON r.oid = p.proowner
UNION ALL
SELECT 'owner schema ' || n.nspname || ' ' || r.rolname FROM pg_namespace n JOIN roles r ON r.oid = n.nspowner WHERE n.nspname = 'app'
UNION ALL
SELECT 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ') ' || p.provolatile::text || ' ' || p.prosecdef || ' '
  || p.proleakproof || ' ' || (p.proconfig IS NOT NULL)
FROM pg_proc p WHERE p.pronamespace IN ('public'::regnamespace, 'app'::regnamespace)
UNION ALL
SELECT 'role ' || rolname || ' ' || rolsuper || ' ' || rolbypassrls || ' ' || rolcreaterole || ' ' || rolcreatedb || ' ' || rolcanlogin || ' ' || rolinherit
FROM pg_roles WHERE rolname LIKE 'acl\_%'
UNION ALL
SELECT 'member ' || m.rolname || ' ' || g.rolname FROM pg_auth_members x JOIN roles m ON m.oid = x.member JOIN roles g ON g.oid = x.roleid
UNION ALL
SELECT 'policy ' || policyname || ' ' || lower(cmd) || ' ' || lower(permissive) || ' ' || array_to_string(ARRAY(SELECT unnest(roles)::text ORDER BY 1), ',')
  || ' ' || (qual IS NOT NULL) || (with_check IS NOT NULL) || coalesce(qual = 'true', false) || coalesce(with_check = 'true', false) FROM pg_policies
UNION ALL
SELECT 'rls ' || relname || ' ' || relrowsecurity || relforcerowsecurity FROM pg_class WHERE relname IN ('t', 'u')
UNION ALL
SELECT 'trigger ' || tgname || ' ' || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'comment ' || c.relname || coalesce('.' || a.attname, '') || ' ' || d.description
FROM pg_description d JOIN pg_class c ON c.oid = d.objoid LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND a.attnum > 0
WHERE d.classoid = 'pg_class'::regclass AND c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'published ' || tablename FROM pg_publication_tables
UNION ALL
SELECT 'option ' || c.relname || ' ' || o FROM pg_class c, unnest(c.reloptions) o WHERE c.relnamespace = 'public'::regnamespace)";

std::string yes(bool value) { return value ? "true" : "false"; }
std::string yes(Known value) { return value == Known::unknown ? "unknown" : yes(value == Known::yes); }

std::string of_grant(const std::string& object, const GrantState& grant) {
  std::string name = object + (grant.columns.empty() ? "" : "." + grant.columns.front());
  return "grant " + name + " " + grant.grantee + " " + grant.privilege + (grant.grantable ? " +" : "");
}

void add_relation(const SchemaState& state, const RelationState& relation, std::vector<std::string>& facts) {
  const std::string& name = relation.name.name;
  for (const GrantState& grant : relation.grants) {
    if (grant.in_force && grant.grantee != relation.owner) facts.push_back(of_grant(name, grant));
  }
  if (!relation.owner.empty()) facts.push_back("owner " + name + " " + relation.owner);
  if (!relation.comment.empty()) facts.push_back("comment " + name + " " + relation.comment);
  for (const auto& column : relation.columns) {
    if (!column.comment.empty()) facts.push_back("comment " + name + "." + column.name + " " + column.comment);
  }
  for (const PolicyState& policy : relation.policies) {
    std::vector<std::string> roles = policy.roles;
    std::ranges::sort(roles);
    std::string list;
    for (const auto& role : roles) list += (list.empty() ? "" : ",") + role;
    facts.push_back("policy " + policy.name + " " + policy.command + " " +
                    (policy.permissive ? "permissive " : "restrictive ") + list + " " + yes(policy.has_using) +
                    yes(policy.has_check) + yes(policy.using_true) + yes(policy.check_true));
  }
  for (const TriggerState& trigger : relation.triggers) {
    facts.push_back("trigger " + trigger.name + " " + trigger.enabled);
  }
  if (name == "t" || name == "u") {
    facts.push_back("rls " + name + " " + yes(relation.row_security) + yes(relation.force_row_security));
  }
  if (relation.kind == RelationKind::view) {
    for (const auto& option : relation.options) facts.push_back("option " + name + " " + option);
  }
  if (state.published(relation) == Known::yes) facts.push_back("published " + name);
}

std::vector<std::string> state_facts(const SchemaState& state) {
  std::vector<std::string> facts;
  for (const RelationState* relation : state.all_relations()) add_relation(state, *relation, facts);
  for (const char* written : {"public.f", "public.tf", "app.f"}) {
    std::string text = written;
    size_t dot = text.find('.');
    for (const FunctionState* function : state.functions({text.substr(0, dot), text.substr(dot + 1)})) {
      std::string name = "function " + function->name.name + "(" + function->signature + ")";
      for (const GrantState& grant : function->grants) {
        if (grant.in_force && grant.grantee != function->owner) facts.push_back("grant " + name + " " + grant.grantee);
      }
      if (!function->owner.empty()) facts.push_back("owner function " + function->name.name + " " + function->owner);
      const char* volatility = function->volatility == Volatility::immutable ? "i"
                               : function->volatility == Volatility::stable  ? "s"
                                                                             : "v";
      facts.push_back(name + " " + volatility + " " + yes(function->security_definer) + " " + yes(function->leakproof) +
                      " " + yes(function->sets_search_path));
    }
  }
  for (const GrantState& grant : state.schema_grants("app")) {
    if (grant.in_force) facts.push_back("grant schema app " + grant.grantee + " " + grant.privilege);
  }
  facts.push_back("owner schema app " + state.schema_owner("app"));
  for (const char* name : {"acl_owner", "acl_app", "acl_group", "acl_user", "acl_gone"}) {
    const RoleState* role = state.role(name);
    if (!role) continue;
    facts.push_back("role " + role->name + " " + yes(role->superuser) + " " + yes(role->bypass_rls) + " " +
                    yes(role->create_role) + " " + yes(role->create_db) + " " + yes(role->login) + " " +
                    yes(role->inherit));
    for (const auto& group : role->member_of) facts.push_back("member " + role->name + " " + group);
  }
  std::ranges::sort(facts);
  return facts;
}

}  // namespace

TEST_CASE("privileges, roles and what surrounds tables are as on a server", "[server]") {
  ServerOptions options;
  if (const char* bin = std::getenv("PGREHEARSE_PG_BIN")) options.pg_bin = bin;
  auto server = start_server(options);
  if (!server) FAIL(server.error().message);
  auto session = (*server)->connect_observer();  // a superuser, who may make roles
  REQUIRE(session);
  REQUIRE(session->run("SET search_path = public"));
  Part part;
  part.file = std::make_shared<SourceFile>("access.sql", script);
  part.section = {0, static_cast<uint32_t>(std::string_view(script).size())};
  Script statements(part.file, part.section);
  for (const StatementSpan& span : statements.statements()) {
    std::string sql(span.span.in(script));
    auto done = session->run(sql);
    INFO(sql << "\n" << (done ? "" : done.error().one_line()));
    REQUIRE(done.has_value());
  }
  auto rows = session->run(server_facts);
  INFO((rows ? "" : rows.error().one_line()));
  REQUIRE(rows.has_value());
  std::vector<std::string> expected;
  for (int i = 0; i < rows->size(); ++i) expected.emplace_back(rows->at(i, 0));
  std::ranges::sort(expected);
  CHECK(session->run(cleanup).has_value());

  SchemaState state;
  state.begin_migration(0);
  fold_part(state, part);
  std::vector<std::string> actual = state_facts(state);
  std::vector<std::string> missing, surplus;
  std::ranges::set_difference(expected, actual, std::back_inserter(missing));
  std::ranges::set_difference(actual, expected, std::back_inserter(surplus));
  CHECK(missing == std::vector<std::string>());
  CHECK(surplus == std::vector<std::string>());

  const RelationState& t = *state.find(QualifiedName{"", "t"});
  CHECK(state.granted(t, "acl_user", "update", "a") == Known::yes);
  CHECK(state.granted(t, "acl_user", "update", "b") == Known::no);
  CHECK(state.granted(t, "acl_user", "insert") == Known::yes);       // by its group
  CHECK(state.granted(t, "somebody_else", "select") == Known::yes);  // PUBLIC
  CHECK(state.granted(t, "somebody_else", "delete") == Known::no);
  CHECK(state.granted(t, "acl_app", "truncate") == Known::yes);  // a member of the owner
  CHECK(state.is_member("acl_app", "acl_owner") == Known::yes);
  CHECK(state.is_member("acl_group", "acl_owner") == Known::no);
  CHECK(state.is_member("somebody_else", "acl_owner") == Known::unknown);
  CHECK(state.granted_in_schema("app", "acl_app", "usage") == Known::yes);
  CHECK(state.granted_in_schema("app", "acl_user", "create") == Known::no);
  CHECK(state.granted_in_schema("public", "acl_user", "create") == Known::unknown);
  CHECK(state.find(QualifiedName{"", "v"})->has_option("security_barrier"));
}
