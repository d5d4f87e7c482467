// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/round_trip.h"

namespace pgrehearse::rules::down_undoes_too_much {

static void check_round_trip(const RoundTrip& trip, Context& context) {
  if (!can_judge(trip, context)) return;
  for (const Difference* difference : differences(trip, RoundTripTopic::too_much, context)) {
    report_difference(context, *difference, sentence_about(*difference)).help =
        "Take the DROP out of the down part: whoever rolls this migration back loses what an earlier one made.";
  }
}

Rule rule() {
  return {
      .info =
          {.id = "down-undoes-too-much",
           .title = "A down part that drops what its up part did not make",
           .category = Category::rollback,
           .severity = Severity::error,
           .why = R"(
A rollback by one step then takes away what an earlier migration built, rows included. It is easily written where the up part
says `IF NOT EXISTS` or `OR REPLACE`: such a statement does nothing, or something else, when the object is there already, and
its DROP in the down part does not know that. Or an object is dropped with CASCADE and takes others along.)",
           .instead = R"(
Drop only what the up part made. Where an up part replaces a function or view, the down part replaces it by what it was.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .bad = {{.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                           "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                           "-- file: 000002_again.up.sql\nCREATE TABLE IF NOT EXISTS orders (id bigint);\nCREATE TABLE "
                           "carts (id "
                           "bigint);\n"
                           "-- file: 000002_again.down.sql\nDROP TABLE carts;\nDROP TABLE orders;\n"},
                   {.sql = "-- file: 000001_f.up.sql\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
                           "-- file: 000001_f.down.sql\nDROP FUNCTION f();\n"
                           "-- file: 000002_f.up.sql\nCREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS "
                           "'SELECT 2';\n"
                           "-- file: 000002_f.down.sql\nDROP FUNCTION f();\n"},
                   {.sql = "-- file: 000001_legacy.up.sql\nALTER TABLE not_seen_here ADD COLUMN a text;\n"
                           "-- file: 000001_legacy.down.sql\nDROP TABLE not_seen_here;\n"}},
           .good =
               {{.sql = "-- file: 000001_a.up.sql\nCREATE TABLE a (id bigint);\n"
                        "-- file: 000001_a.down.sql\nSELECT 1;\n"
                        "-- file: 000002_b.up.sql\nCREATE TABLE b (id bigint);\n"
                        "-- file: 000002_b.down.sql\nDROP TABLE b;\nDROP TABLE a;\n"},
                {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\nCREATE VIEW v AS SELECT id "
                        "FROM orders;\n"
                        "-- file: 000001_orders.down.sql\nDROP TABLE orders CASCADE;\n"},
                {.sql =
                     "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                     "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                     "-- file: 000002_swap.up.sql\nALTER TABLE orders RENAME TO old_orders;\nCREATE TABLE orders (id "
                     "bigint);\n"
                     "-- file: 000002_swap.down.sql\nDROP TABLE orders;\nALTER TABLE old_orders RENAME TO orders;\n"},
                {.sql =
                     "-- file: 000001_x.up.sql\nCREATE TABLE orders (id bigint);\n"
                     "-- file: 000001_x.down.sql\nDROP TABLE IF EXISTS orders;\nDROP TABLE IF EXISTS never_made;\n"}}},
      .check_round_trip = check_round_trip};
}

}  // namespace pgrehearse::rules::down_undoes_too_much
