// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/cascade.h"

namespace pgrehearse::rules::drop_cascade {

static void check(const Statement& statement, Context& context) {
  TakenAlong taken = taken_along(statement, context);
  if (taken.objects.empty() && (taken.unknown.empty() || !taken.policies.empty())) return;
  bool seen = !taken.objects.empty();
  auto& finding =
      context.report(cascade_span(statement), seen ? "CASCADE also drops " + listed(taken.objects)
                                                   : "CASCADE also drops whatever depends on " + listed(taken.unknown) +
                                                         ", which these files do not tell");
  if (!seen) finding.severity = Severity::warning;
  finding.help =
      seen ? "Drop each of them by name before, when nothing uses it any more, and leave CASCADE out: PostgreSQL then "
             "refuses (SQLSTATE 2BP01) when something was forgotten."
           : "Leave CASCADE out: PostgreSQL then refuses (SQLSTATE 2BP01) and names what depends on it, and you can "
             "drop "
             "that by name.";
}

Rule rule() {
  return {
      .info =
          {.id = "drop-cascade",
           .title = "CASCADE that drops what the statement does not name",
           .category = Category::compatibility,
           .severity = Severity::error,
           .why = R"(
`DROP ... CASCADE` takes everything along that depends on the object, and tells it in a NOTICE that nobody reads:
views and the views on them; foreign keys of other tables, which may then hold rows that point nowhere; for a type
every column of it, with its data; for a sequence the defaults that draw from it; for a function its triggers. What is
there in production decides, not what the author saw. It is the same on PostgreSQL 12 to 18.

An error where the files tell what goes; a warning where the object comes from elsewhere. Where the files made the
object and nothing depends on it, CASCADE does no harm and is no finding. The loss of the named table or column itself
is the concern of `drop-table` and `drop-column`, policies that of `cascade-drops-policies`.)",
           .instead = R"(
Drop the dependent objects by name, in front of it, and then the object without CASCADE. The migration then says what
it does, and an object that nobody thought of stops it instead of vanishing.)",
           .since = "0.2.0",
           .setup = "CREATE TYPE mood AS ENUM ('sad', 'happy');\nCREATE SEQUENCE numbers;\n"
                    "CREATE TABLE customers (id bigint PRIMARY KEY, code text);\n"
                    "CREATE TABLE orders (id bigint DEFAULT nextval('numbers'), customer_id bigint REFERENCES "
                    "customers, mood mood);\n"
                    "CREATE VIEW totals AS SELECT id, code FROM customers;\n"
                    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;\n"
                    "CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();",
           .bad = {{.sql = "DROP TABLE customers CASCADE;"},
                   {.sql = "DROP TYPE mood CASCADE;"},
                   {.sql = "DROP SEQUENCE numbers CASCADE;"},
                   {.sql = "DROP FUNCTION touch() CASCADE;"},
                   {.sql = "ALTER TABLE customers ADD COLUMN x int, DROP COLUMN code CASCADE;"},
                   {.sql = "ALTER TABLE customers DROP CONSTRAINT customers_pkey CASCADE;"},
                   {.sql = "DROP TABLE IF EXISTS not_seen_here CASCADE;"}},
           .good =
               {{.sql = "DROP TABLE orders CASCADE;"},
                {.sql = "DROP VIEW totals;\nDROP TABLE customers, orders;"},
                {.sql = "DROP VIEW totals;\nDROP TABLE customers, orders CASCADE;"},
                {.sql = "DROP VIEW totals;\nALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey;\n"
                        "DROP TABLE customers CASCADE;"},
                {.sql = "DROP FUNCTION touch() CASCADE;\n"
                        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN old; END $$;\n"
                        "CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();"},
                {.sql = "CREATE TABLE carts (id bigint PRIMARY KEY);\nCREATE TABLE lines (c bigint REFERENCES carts);\n"
                        "DROP TABLE carts CASCADE;"},
                {.sql = "DROP TABLE customers;", .sqlstate = "2BP01"},
                {.sql = "ALTER TABLE customers DROP COLUMN code;", .sqlstate = "2BP01"}}},
      .nodes = {T_DropStmt, T_AlterTableStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::drop_cascade
