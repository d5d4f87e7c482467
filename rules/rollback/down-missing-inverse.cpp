// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/round_trip.h"

namespace pgrehearse::rules::down_missing_inverse {

static void check_round_trip(const RoundTrip& trip, Context& context) {
  if (!can_judge(trip, context)) return;
  for (const Difference* difference : differences(trip, RoundTripTopic::missing_inverse, context)) {
    auto& finding = report_difference(context, *difference, sentence_about(*difference));
    if (finding.help.empty()) {
      finding.help =
          "Write the statements that restore it into the down part, or say in a comment why that cannot be done: "
          "-- irreversible: reason";
    }
  }
}

Rule rule() {
  return {
      .info =
          {.id = "down-missing-inverse",
           .title = "A down part that does not undo all that the up part does",
           .category = Category::rollback,
           .severity = Severity::error,
           .why = R"(
After the rollback the tool believes that the schema is the one before the migration, and it is not. What was left there
makes the next attempt to apply the migration fail (SQLSTATE 42P07, 42701, 42710); what was not brought back (a default, a
NOT NULL, an index, a constraint) makes the old application write rows that it never could, or read slowly, with no error.

Both parts are followed statement by statement and the outcome is compared with what the migrations before this one built:
tables, columns with type, default and nullability, constraints, indexes, triggers, types, functions, names, comments,
storage parameters. What those migrations do not tell, and what dynamic SQL does, is never guessed: the rule keeps silent there.

`pgrehearse run` tries the same on a server.)",
           .instead = R"(
Undo each statement, last one first. `ALTER TABLE ... ADD COLUMN` that brings a column back needs its NOT NULL, its default and
its indexes again, and `RENAME` needs the old name. Where there is no way back, write `-- irreversible: reason`.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .bad =
               {{.sql =
                     "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint, code text);\n"
                     "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                     "-- file: 000002_note.up.sql\nALTER TABLE orders ADD COLUMN note text, ADD COLUMN paid boolean;\n"
                     "-- file: 000002_note.down.sql\nALTER TABLE orders DROP COLUMN note;\n"},
                {.sql =
                     "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint, code text);\n"
                     "CREATE INDEX orders_code ON orders (code);\n"
                     "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                     "-- file: 000002_drop.up.sql\nDROP INDEX orders_code;\nALTER TABLE orders ADD COLUMN note text;\n"
                     "-- file: 000002_drop.down.sql\nALTER TABLE orders DROP COLUMN note;\n"},
                {.sql =
                     "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint, code text DEFAULT 'x' NOT NULL);\n"
                     "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                     "-- file: 000002_code.up.sql\nALTER TABLE orders ALTER COLUMN code DROP NOT NULL, ALTER COLUMN "
                     "code DROP "
                     "DEFAULT;\n"
                     "-- file: 000002_code.down.sql\nALTER TABLE orders ALTER COLUMN code SET DEFAULT 'x';\n"},
                {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                        "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                        "-- file: 000002_names.up.sql\nALTER TABLE orders RENAME TO purchases;\nCREATE TABLE carts (id "
                        "bigint);\n"
                        "-- file: 000002_names.down.sql\nDROP TABLE carts;\n"},
                {.sql = "-- file: 000001_fk.up.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id "
                        "bigint, a_id bigint);\n"
                        "ALTER TABLE b ADD CONSTRAINT b_a FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE RESTRICT;\n"
                        "-- file: 000001_fk.down.sql\nDROP TABLE b, a;\n"
                        "-- file: 000002_cascade.up.sql\nALTER TABLE b DROP CONSTRAINT b_a, ADD CONSTRAINT b_a FOREIGN "
                        "KEY (a_id) "
                        "REFERENCES a (id) ON DELETE CASCADE;\n"
                        "-- file: 000002_cascade.down.sql\nALTER TABLE b DROP CONSTRAINT b_a, ADD CONSTRAINT b_a "
                        "FOREIGN KEY (a_id) "
                        "REFERENCES a (id);\n"},
                {.sql = "-- file: 000001_mood.up.sql\nCREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE people (id "
                        "bigint, mood mood);\n"
                        "-- file: 000001_mood.down.sql\nDROP TABLE people;\n"},
                {.sql =
                     "-- file: 000001_legacy.up.sql\nALTER TABLE not_seen_here ADD COLUMN a text, ADD COLUMN b text;\n"
                     "-- file: 000001_legacy.down.sql\nALTER TABLE not_seen_here DROP COLUMN a;\n"}},
           .good =
               {{.sql =
                     "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigserial PRIMARY KEY, code text "
                     "UNIQUE);\n"
                     "CREATE INDEX ON orders (code);\nCOMMENT ON TABLE orders IS 'all of them';\n"
                     "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                     "-- file: 000002_note.up.sql\nALTER TABLE orders ADD COLUMN note text REFERENCES orders (code);\n"
                     "CREATE INDEX orders_note ON orders (note);\n"
                     "-- file: 000002_note.down.sql\nALTER TABLE orders DROP COLUMN note;\n"},
                {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint, code varchar(20));\n"
                        "-- file: 000001_orders.down.sql\nDROP TABLE IF EXISTS orders;\n"
                        "-- file: 000002_names.up.sql\nALTER TABLE orders RENAME TO purchases;\n"
                        "ALTER TABLE purchases RENAME COLUMN code TO note;\nALTER TABLE purchases ALTER COLUMN note "
                        "TYPE text;\n"
                        "-- file: 000002_names.down.sql\nALTER TABLE purchases ALTER COLUMN note TYPE varchar(20);\n"
                        "ALTER TABLE purchases RENAME COLUMN note TO code;\nALTER TABLE purchases RENAME TO orders;\n"},
                {.sql = "-- file: 000001_legacy.up.sql\nALTER TABLE not_seen_here ALTER COLUMN a SET NOT NULL, ALTER "
                        "COLUMN b "
                        "TYPE bigint, DROP COLUMN c;\n"
                        "-- file: 000001_legacy.down.sql\nALTER TABLE not_seen_here ADD COLUMN c text;\n"},
                {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\nCREATE INDEX orders_id ON "
                        "orders (id);\n"
                        "-- file: 000001_orders.down.sql\nDO $$ BEGIN EXECUTE format('DROP TABLE %s', "
                        "current_setting('x.y')); END $$;\n"},
                {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                        "-- file: 000001_orders.down.sql\n-- irreversible: orders must be kept for ten years\nSELECT "
                        "count(*) FROM "
                        "orders;\n"},
                {.sql = "-- file: 000001_kinds.up.sql\nDO $$ BEGIN\n  CREATE TYPE kind AS ENUM ('a');\nEXCEPTION WHEN "
                        "duplicate_object "
                        "THEN NULL;\nEND $$;\nCREATE TABLE IF NOT EXISTS orders (id bigint, kind kind);\n"
                        "-- file: 000001_kinds.down.sql\nDROP TABLE IF EXISTS orders;\nDROP TYPE IF EXISTS kind;\n"}}},
      .check_round_trip = check_round_trip};
}

}  // namespace pgrehearse::rules::down_missing_inverse
