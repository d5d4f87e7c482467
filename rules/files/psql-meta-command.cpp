// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "migration/markdown.h"
#include "rules/support/settings.h"

namespace pgrehearse::rules::psql_meta_command {

static std::string_view instead(std::string_view name) {
  if (name == "i" || name == "ir" || name.starts_with("include")) return "Write the other file's statements here.";
  if (name == "copy") return "Use INSERT, or load the rows from the outside.";
  if (name == "c" || name == "connect") return "Make a migration folder for each database.";
  if (name == "set" || name == "unset" || name.starts_with("if") || name == "gset") {
    return "Use plain SQL, or a DO block where something must be decided.";
  }
  if (name == ".") return "Inline data of COPY ends like that, which only psql can send; use INSERT.";
  return "Leave it out.";
}

static void check_command(const MetaCommand& command, std::string_view, Context& context) {
  if (has_own_session(context) || context.already_reported()) return;  // psql it is, or it was said
  if (is_read_only(context.set())) return;                             // a document's reader sends it, mostly with psql
  auto& finding =
      context.report(command.span, "\\" + std::string(command.name) +
                                       " is a command of psql, not SQL: this tool sends it to the server, which "
                                       "refuses it");
  finding.help =
      std::string(instead(command.name)) + " Where psql is meant to run the file, keep it out of this tool's folder.";
}

Rule rule() {
  return {.info = {.id = "psql-meta-command",
                   .title = "A psql command in a file that psql does not run",
                   .category = Category::files,
                   .severity = Severity::error,
                   .why = R"(
Lines such as `\i other.sql`, `\set x 1` or `\copy` are commands of the program psql. Every other migration tool sends the text to
the server as it is, and PostgreSQL answers with a syntax error at the backslash (SQLSTATE 42601). The rule speaks once a file, and
keeps silent for layouts that psql runs.

Dumps of pg_dump have them too: `\restrict` and `\unrestrict` since the releases of August 2025, `\.` behind data.)",
                   .instead = R"(
Plain SQL. Make dumps with `--inserts` where they hold data, and take psql's lines out.)",
                   .since = "0.1.0",
                   .applies_to_down = true,
                   .setup = "CREATE TABLE orders (id bigint);",
                   .bad = {{.sql = "\\set ON_ERROR_STOP on\nALTER TABLE orders ADD COLUMN note text;"},
                           {.sql = "ALTER TABLE orders ADD COLUMN note text;\n\\i more.sql\n"},
                           {.sql = "\\restrict abc\nCREATE TABLE carts (id bigint);\n\\unrestrict abc\n"}},
                   .good = {{.sql = "\\set ON_ERROR_STOP on\nALTER TABLE orders ADD COLUMN note text;",
                             .in_transaction = false},
                            {.sql = "UPDATE orders SET id = 1 WHERE 'a\\b' = E'a\\\\b';"},
                            {.sql = "-- \\i more.sql\nDO $$ BEGIN\n  RAISE NOTICE '\\set';\nEND $$;"}}},
          .check_command = check_command};
}

}  // namespace pgrehearse::rules::psql_meta_command
