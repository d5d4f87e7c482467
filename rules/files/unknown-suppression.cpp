// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::unknown_suppression {

/// Found by the engine, which reports it under this id.
Rule rule() {
  return {
      .info = {.id = "unknown-suppression",
               .title = "A suppression of a rule that does not exist",
               .category = Category::files,
               .severity = Severity::error,
               .why = R"(
A mistyped id silences nothing: the finding that it was written for stays, and nobody sees why. An id that a newer
version of this program knows, but not this one, is reported too.)",
               .instead = R"(Write the id as `pgrehearse rules` lists it; the message names the nearest one.)",
               .since = "0.1.0",
               .applies_to_down = true,
               .bad = {{.sql = "-- pgrehearse: allow grant-to-publik because everybody may read it\n"
                               "GRANT SELECT ON countries TO PUBLIC;"},
                       {.sql = "SELECT 1; -- pgrehearse: allow grant-to-public, no-such-rule because of the report"}},
               .good = {{.sql = "-- pgrehearse: allow grant-to-public because everybody may read it\n"
                                "GRANT SELECT ON countries TO PUBLIC;"},
                        {.sql = "-- allow grant-to-publik\n"
                                "SELECT 1;"}}}};
}

}  // namespace pgrehearse::rules::unknown_suppression
