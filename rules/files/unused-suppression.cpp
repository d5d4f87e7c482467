// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::unused_suppression {

/// Found by the engine, which reports it under this id.
Rule rule() {
  return {
      .info = {
          .id = "unused-suppression",
          .title = "A suppression of something that is not there",
          .category = Category::files,
          .severity = Severity::warning,
          .why = R"(
A suppression that silences nothing is left over from a statement that was changed, or it stands in the wrong place. It
would hide the next mistake of that kind on the same lines.)",
          .instead =
              R"(Remove the comment, or move it: it covers the statement that it stands in, behind or right above.)",
          .since = "0.1.0",
          .applies_to_down = true,
          .bad = {{.sql = "-- pgrehearse: allow grant-to-public because everybody may read it\n"
                          "GRANT SELECT ON countries TO app;"},
                  {.sql = "-- pgrehearse: allow grant-to-public, grant-all because everybody may read it\n"
                          "GRANT SELECT ON countries TO PUBLIC;"}},
          .good = {{.sql = "-- pgrehearse: allow grant-to-public because everybody may read it\n"
                           "GRANT SELECT ON countries TO PUBLIC;"},
                   {.sql = "GRANT SELECT ON countries TO PUBLIC;  -- pgrehearse: allow grant-to-public because "
                           "everybody may read it"}}}};
}

}  // namespace pgrehearse::rules::unused_suppression
