// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/round_trip.h"

namespace pgrehearse::rules::down_lacks_previous_body {

static void check_round_trip(const RoundTrip& trip, Context& context) {
  if (!can_judge(trip, context)) return;
  for (const Difference* difference : differences(trip, RoundTripTopic::previous_body, context)) {
    std::string message = difference->change == Difference::Change::not_restored ? sentence_about(*difference)
                          : difference->by_down
                              ? "the down part gives " + difference->what + " another body than it had before"
                              : "the down part leaves " + difference->what + " as the up part replaced it";
    report_difference(context, *difference, std::move(message)).help =
        "Copy the definition of before the migration into the down part: an earlier migration holds it, or "
        "pg_get_functiondef() "
        "and pg_get_viewdef() of production.";
  }
}

Rule rule() {
  return {
      .info =
          {.id = "down-lacks-previous-body",
           .title = "A function or view that the down part does not turn back",
           .category = Category::rollback,
           .severity = Severity::error,
           .why = R"(
`CREATE OR REPLACE` overwrites the old definition, and no server keeps it. When the down part does not hold it, a rollback leaves
the new function running against the old schema: a trigger that writes to a column which the same rollback dropped fails on every
row (SQLSTATE 42703).

Bodies are compared without white space. Only functions in SQL and PL/pgSQL, and views, whose earlier definition the set holds
are judged.)",
           .instead = R"(`CREATE OR REPLACE` with the earlier definition in the down part.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .bad = {{.sql = "-- file: 000001_f.up.sql\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
                           "-- file: 000001_f.down.sql\nDROP FUNCTION f();\n"
                           "-- file: 000002_f.up.sql\nCREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS "
                           "'SELECT 2';\n"
                           "CREATE TABLE a (id bigint);\n"
                           "-- file: 000002_f.down.sql\nDROP TABLE a;\n"},
                   {.sql =
                        "-- file: 000001_v.up.sql\nCREATE TABLE t (a int, b int);\nCREATE VIEW v AS SELECT a FROM t;\n"
                        "-- file: 000001_v.down.sql\nDROP VIEW v;\nDROP TABLE t;\n"
                        "-- file: 000002_v.up.sql\nCREATE OR REPLACE VIEW v AS SELECT a FROM t WHERE b > 0;\nCREATE "
                        "TABLE c (id "
                        "bigint);\n"
                        "-- file: 000002_v.down.sql\nDROP TABLE c;\n"},
                   {.sql = "-- file: 000001_f.up.sql\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
                           "-- file: 000001_f.down.sql\nDROP FUNCTION f();\n"
                           "-- file: 000002_f.up.sql\nDROP FUNCTION f();\nCREATE TABLE a (id bigint);\n"
                           "-- file: 000002_f.down.sql\nDROP TABLE a;\n"}},
           .good = {{.sql = "-- file: 000001_f.up.sql\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT  1';\n"
                            "-- file: 000001_f.down.sql\nDROP FUNCTION f();\n"
                            "-- file: 000002_f.up.sql\nCREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS "
                            "'SELECT 2';\n"
                            "-- file: 000002_f.down.sql\nCREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS "
                            "'SELECT 1';\n"},
                    {.sql =
                         "-- file: 000001_v.up.sql\nCREATE TABLE t (a int, b int);\nCREATE VIEW v AS SELECT a FROM t;\n"
                         "-- file: 000001_v.down.sql\nDROP VIEW v;\nDROP TABLE t;\n"
                         "-- file: 000002_v.up.sql\nCREATE OR REPLACE VIEW v AS SELECT a, b FROM t;\n"
                         "-- file: 000002_v.down.sql\nDROP VIEW v;\nCREATE VIEW v AS\nSELECT a\nFROM t;\n"},
                    {.sql = "-- file: 000001_f.up.sql\nCREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS "
                            "'SELECT 1';\n"
                            "-- file: 000001_f.down.sql\nDROP FUNCTION f();\n"}}},
      .check_round_trip = check_round_trip};
}

}  // namespace pgrehearse::rules::down_lacks_previous_body
