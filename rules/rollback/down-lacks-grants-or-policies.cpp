// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/round_trip.h"

namespace pgrehearse::rules::down_lacks_grants_or_policies {

static void check_round_trip(const RoundTrip& trip, Context& context) {
  if (!can_judge(trip, context)) return;
  for (const Difference* difference : differences(trip, RoundTripTopic::protection, context)) {
    auto& finding =
        report_difference(context, *difference, "the down part makes the object anew without the " + difference->what);
    if (finding.help.empty()) finding.help = "Repeat it after the CREATE in the down part.";
  }
}

Rule rule() {
  return {
      .info =
          {.id = "down-lacks-grants-or-policies",
           .title = "A down part that makes an object anew without its grants, policies or comments",
           .category = Category::rollback,
           .severity = Severity::error,
           .why = R"(
`DROP` takes privileges, policies, row security, the owner and comments along, and `CREATE` does not bring them back. A table that
a rollback makes anew is readable by nobody but its owner, and has row security off: what the policies kept apart is seen by
everyone who is given the table later. A function made anew can be executed by PUBLIC again.)",
           .instead = R"(
Repeat GRANT, `ENABLE ROW LEVEL SECURITY`, CREATE POLICY, `OWNER TO` and COMMENT after the CREATE in the down part.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .bad =
               {{.sql =
                     "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\nGRANT SELECT ON orders TO app;\n"
                     "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                     "-- file: 000002_gone.up.sql\nDROP TABLE orders;\n"
                     "-- file: 000002_gone.down.sql\nCREATE TABLE orders (id bigint);\n"},
                {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint, owner text);\n"
                        "ALTER TABLE orders ENABLE ROW LEVEL SECURITY;\n"
                        "CREATE POLICY mine ON orders TO app USING (owner = current_user);\n"
                        "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                        "-- file: 000002_gone.up.sql\nDROP TABLE orders;\n"
                        "-- file: 000002_gone.down.sql\nCREATE TABLE orders (id bigint, owner text);\n"},
                {.sql = "-- file: 000001_f.up.sql\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
                        "REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC;\nGRANT EXECUTE ON FUNCTION f() TO app;\n"
                        "-- file: 000001_f.down.sql\nDROP FUNCTION f();\n"
                        "-- file: 000002_f.up.sql\nDROP FUNCTION f();\n"
                        "-- file: 000002_f.down.sql\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"}},
           .good =
               {{.sql =
                     "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\nGRANT SELECT ON orders TO app;\n"
                     "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                     "-- file: 000002_gone.up.sql\nDROP TABLE orders;\n"
                     "-- file: 000002_gone.down.sql\nCREATE TABLE orders (id bigint);\nGRANT SELECT ON orders TO "
                     "app;\n"},
                {.sql = "-- file: 000001_v.up.sql\nCREATE VIEW v AS SELECT 1 AS a;\nGRANT SELECT ON v TO app;\n"
                        "-- file: 000001_v.down.sql\nDROP VIEW v;\n"
                        "-- file: 000002_v.up.sql\nCREATE OR REPLACE VIEW v AS SELECT 2 AS a;\n"
                        "-- file: 000002_v.down.sql\nCREATE OR REPLACE VIEW v AS SELECT 1 AS a;\n"}}},
      .check_round_trip = check_round_trip};
}

}  // namespace pgrehearse::rules::down_lacks_grants_or_policies
