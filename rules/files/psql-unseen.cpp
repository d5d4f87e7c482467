// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::psql_unseen {

static void check_command(const MetaCommand& command, std::string_view, Context& context) {
  if (command.name == "c" || command.name == "connect") {
    context.report(command.span, "what follows \\c runs in another database or as another user").help =
        "Give each database its own migrations. Here and in the rehearsal the rest is read as if it stayed where it "
        "is.";
  } else if (command.name == "gexec") {
    context.report(command.span, "the statements that \\gexec makes of rows are not seen").help =
        "Write them out, or use a DO block with EXECUTE format(), so that what runs can be read.";
  }
}

Rule rule() {
  return {.info = {.id = "psql-unseen",
                   .title = "A psql command behind which nobody can see",
                   .category = Category::files,
                   .severity = Severity::warning,
                   .why = R"(
`\c` goes to another database or another user, `\gexec` runs what a query returns. Neither lint nor the rehearsal can tell
what happens then, and other tools than psql cannot run the file at all.)",
                   .instead = R"(One database for a set of migrations; statements that are written out.)",
                   .since = "0.1.0",
                   .applies_to_down = true,
                   .bad = {{.sql = "\\c other\nSELECT 1;", .in_transaction = false},
                           {.sql = "SELECT format('GRANT SELECT ON %I TO app', relname) FROM pg_class \\gexec\n",
                            .in_transaction = false}},
                   .good = {{.sql = "\\set ON_ERROR_STOP on\nSELECT 1;", .in_transaction = false},
                            {.sql = "\\echo done\nSELECT 1;", .in_transaction = false}}},
          .check_command = check_command};
}

}  // namespace pgrehearse::rules::psql_unseen
