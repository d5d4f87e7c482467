// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::suppression_without_reason {

/// Found by the engine, which reports it under this id.
Rule rule() {
  return {.info = {.id = "suppression-without-reason",
                   .title = "A suppression that gives no reason",
                   .category = Category::files,
                   .severity = Severity::error,
                   .why = R"(
A suppression hides a finding from everybody who comes later, so it must say why that is right. One without a reason, or
one that cannot be read, silences nothing: the finding stays, and this one is added.)",
                   .instead =
                       R"(
Name the rule and write the reason behind `because`:
`-- pgrehearse: allow drop-column because nothing has read it since June`.)",
                   .since = "0.1.0",
                   .applies_to_down = true,
                   .bad = {{.sql = "-- pgrehearse: allow grant-to-public\n"
                                   "GRANT SELECT ON orders TO PUBLIC;"},
                           {.sql = "-- pgrehearse: ignore grant-to-public because everybody may read it\n"
                                   "SELECT 1;"}},
                   .good = {{.sql = "-- pgrehearse: allow grant-to-public because the list of countries is public\n"
                                    "GRANT SELECT ON countries TO PUBLIC;"},
                            {.sql = "-- pgrehearse is run on this file\n"
                                    "SELECT 1;"}}}};
}

}  // namespace pgrehearse::rules::suppression_without_reason
