// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/cascade.h"

namespace pgrehearse::rules::cascade_drops_policies {

static void check(const Statement& statement, Context& context) {
  for (const auto& [table, relation, policy] : taken_along(statement, context).policies) {
    std::string name = quote_identifier(policy->name);
    auto& finding = context.report(
        cascade_span(statement), "CASCADE also drops the " + std::string(policy->permissive ? "" : "restrictive ") +
                                     "policy " + name + " on " + table +
                                     (policy->permissive ? ": the rows that it let roles reach are hidden from then on"
                                                         : ": the rows that it kept back are open from then on"));
    finding.help = "Make a policy that does without it first: DROP POLICY " + name + " ON " + table +
                   " and CREATE POLICY " + name + " in one transaction. Then drop without CASCADE.";
  }
}

Rule rule() {
  return {.info = {.id = "cascade-drops-policies",
                   .title = "CASCADE that drops row security policies",
                   .category = Category::compatibility,
                   .severity = Severity::error,
                   .why = R"(
A policy depends on each column, function and table in its expressions. Without CASCADE the DROP fails (SQLSTATE
2BP01); with it the policy vanishes with a NOTICE. Row security stays on, so when a permissive policy goes the roles
that it served see no rows, without an error; and when a RESTRICTIVE one goes, rows that it kept back become visible.
It is the same on PostgreSQL 12 to 18.)",
                   .instead = R"(
Rewrite the policy first, with DROP POLICY and CREATE POLICY in one transaction, so that there is no moment without
it. Then drop the column or function without CASCADE.)",
                   .since = "0.2.0",
                   .security_severity = 7.0,
                   .setup = "CREATE TABLE members (id bigint, tenant int);\nCREATE TABLE orders (id bigint, tenant "
                            "int, hidden boolean);\n"
                            "CREATE FUNCTION my_tenant() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';\n"
                            "ALTER TABLE orders ENABLE ROW LEVEL SECURITY;\n"
                            "CREATE POLICY mine ON orders USING (tenant = my_tenant());\n"
                            "CREATE POLICY shown ON orders AS RESTRICTIVE USING (NOT hidden);\n"
                            "CREATE POLICY member ON orders USING (id IN (SELECT id FROM members));",
                   .bad = {{.sql = "ALTER TABLE orders DROP COLUMN hidden CASCADE;"},
                           {.sql = "DROP FUNCTION my_tenant() CASCADE;"},
                           {.sql = "DROP TABLE members CASCADE;"}},
                   .good = {{.sql = "ALTER TABLE orders DROP COLUMN hidden;", .sqlstate = "2BP01"},
                            {.sql = "DROP POLICY shown ON orders;\nALTER TABLE orders DROP COLUMN hidden CASCADE;"},
                            {.sql = "DROP FUNCTION my_tenant() CASCADE;\n"
                                    "CREATE FUNCTION my_tenant() RETURNS int LANGUAGE sql STABLE AS 'SELECT 2';\n"
                                    "CREATE POLICY mine ON orders USING (tenant = my_tenant());"},
                            {.sql = "DROP TABLE orders CASCADE;"}}},
          .nodes = {T_DropStmt, T_AlterTableStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::cascade_drops_policies
