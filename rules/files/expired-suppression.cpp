// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::expired_suppression {

/// Found by the engine, which reports it under this id.
Rule rule() {
  return {
      .info = {
          .id = "expired-suppression",
          .title = "A suppression whose day has come",
          .category = Category::files,
          .severity = Severity::error,
          .why = R"(
`until 2027-01-31` says when the reason no longer holds: the maintenance window is over, the old application is gone. From
that day on the comment silences nothing.)",
          .instead =
              R"(Do what was put off and remove the comment, or give it a new day with a reason that still holds.)",
          .since = "0.1.0",
          .applies_to_down = true,
          .bad =
              {{.sql =
                    "-- pgrehearse: allow grant-to-public until 2020-01-31 because the viewer role is not there yet\n"
                    "GRANT SELECT ON countries TO PUBLIC;"}},
          .good = {
              {.sql = "-- pgrehearse: allow grant-to-public until 2999-01-31 because the viewer role is not there yet\n"
                      "GRANT SELECT ON countries TO PUBLIC;"}}}};
}

}  // namespace pgrehearse::rules::expired_suppression
