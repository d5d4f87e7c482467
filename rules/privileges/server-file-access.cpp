// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"

namespace pgrehearse::rules::server_file_access {
static constexpr std::string_view functions[] = {
    "pg_read_file",   "pg_read_binary_file", "pg_ls_dir",     "pg_stat_file",
    "pg_ls_logdir",   "pg_ls_waldir",        "pg_ls_tmpdir",  "pg_ls_archive_statusdir",
    "lo_import",      "lo_export",           "pg_file_write", "pg_file_unlink",
    "pg_file_rename", "pg_file_read",        "pg_logdir_ls",  "pg_file_sync"};

static void report(Context& context, Span span, const std::string& what) {
  context.report(span, what + " on the machine of the database server").help =
      "Send the data through the connection: COPY ... FROM STDIN or TO STDOUT (psql: \\copy), or INSERT.";
}

static void check(const Statement& statement, Context& context) {
  if (auto* extension = statement.as<CreateExtensionStmt>()) {
    std::string_view name = view(extension->extname);
    if (name == "file_fdw" || name == "adminpack")
      report(context, statement.span, "extension " + std::string(name) + " reaches files");
    return;
  }
  if (auto* server = statement.as<CreateForeignServerStmt>()) {
    if (view(server->fdwname) == "file_fdw") report(context, statement.span, "a server of file_fdw reads files");
    return;
  }
  for_each_node<FuncCall>(statement.node, [&](const FuncCall& call) {
    std::string_view name = last_name(call.funcname);
    if (std::ranges::find(functions, name) == std::end(functions)) return;
    report(context, statement.token_at(call.location), std::string(name) + "() reaches files");
  });
}

Rule rule() {
  return {.info = {.id = "server-file-access",
                   .title = "Reading or writing the server's files",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
`pg_read_file()`, `pg_ls_dir()`, `lo_import()`, `lo_export()` and the extensions `file_fdw`
and `adminpack` reach the files of the machine that the server runs on, with that process's rights. Only superusers and members of
`pg_read_server_files` or `pg_write_server_files` may do it (for others SQLSTATE 42501), the file must be on every server that the
migration ever runs on, and managed services refuse it. For `COPY` with a file see server-side-copy-file.)",
                   .instead = R"(
Send the data through the connection: `COPY ... FROM STDIN` (in psql: `\copy`), or `INSERT`.)",
                   .since = "0.2.0",
                   .applies_to_down = true,
                   .applies_to_function_bodies = true,
                   .security_severity = 8.0,
                   .setup = "CREATE TABLE rates (day date, rate numeric);",
                   .bad = {{.sql = "SELECT pg_read_file('/etc/hostname');"},
                           {.sql = "CREATE EXTENSION IF NOT EXISTS file_fdw;"},
                           {.sql = "DO $$ BEGIN PERFORM lo_import('/srv/logo.png'); END $$;"}},
                   .good = {{.sql = "COPY rates TO STDOUT;"},
                            {.sql = "COPY rates FROM STDIN;\n"
                                    "2024-01-01	1.1\n"
                                    "\\.\n"
                                    ""},
                            {.sql = "SELECT lo_create(0);"},
                            {.sql = "CREATE EXTENSION postgres_fdw;"},
                            {.sql = "SELECT pg_read_file_name(1);"}}},
          .nodes = {T_SelectStmt, T_InsertStmt, T_UpdateStmt, T_CreateTableAsStmt, T_CallStmt, T_CreateExtensionStmt,
                    T_CreateForeignServerStmt},
          .words = {"pg_", "lo_import", "lo_export", "file_fdw", "adminpack"},
          .check = check};
}

}  // namespace pgrehearse::rules::server_file_access
