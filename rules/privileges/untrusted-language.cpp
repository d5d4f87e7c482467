// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"

namespace pgrehearse::rules::untrusted_language {
static bool is_untrusted(std::string_view language) {
  static constexpr std::string_view languages[] = {"plpython3u", "plpython2u", "plpythonu", "plperlu", "pltclu",
                                                   "plsh",       "pljavau",    "plru",      "c",       "internal"};
  return std::ranges::find(languages, language) != std::end(languages);
}

static void check(const Statement& statement, Context& context) {
  std::string_view language;
  Span span = statement.span;
  const List* options = nullptr;
  if (auto* create = statement.as<CreateFunctionStmt>()) options = create->options;
  if (auto* block = statement.as<DoStmt>()) options = block->args;
  for (const auto& option : each<DefElem>(options)) {
    if (view(option.defname) != "language") continue;
    language = string_value(option.arg);
    span = statement.token_at(option.location);
  }
  if (auto* extension = statement.as<CreateExtensionStmt>()) {
    language = view(extension->extname);
    if (language == "c" || language == "internal") return;
  }
  if (auto* created = statement.as<CreatePLangStmt>()) language = view(created->plname);
  if (!is_untrusted(language)) return;
  context
      .report(span, "code in " + std::string(language) + " runs with the rights of the server's operating system user")
      .help = "Use plpgsql, sql or a trusted language, or do the work outside the database.";
}

Rule rule() {
  return {
      .info = {.id = "untrusted-language",
               .title = "Code in a language without a sandbox",
               .category = Category::privileges,
               .severity = Severity::error,
               .why = R"(
Functions in `plpython3u`, `plperlu`, `pltclu`, `plsh` and `c` are not held back by PostgreSQL's privileges: they read and write
files, open connections and start programs as the operating system user that the server runs as. Creating them takes a superuser,
so the migration must run as one, and managed services refuse it.)",
               .instead = R"(
Write it in `plpgsql` or `sql`, or in a trusted language (`plperl`, `pltcl`, `plv8`), or do the work in the application.)",
               .since = "0.2.0",
               .security_severity = 8.0,
               .bad = {{.sql = "CREATE FUNCTION load_page(url text) RETURNS text LANGUAGE plpython3u AS 'return url';"},
                       {.sql = "CREATE EXTENSION plpython3u;"},
                       {.sql = "DO LANGUAGE plperlu $$ system('ls'); $$;"},
                       {.sql = "CREATE FUNCTION add_one(int) RETURNS int AS 'my_lib', 'add_one' LANGUAGE c STRICT;"}},
               .good = {{.sql = "CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';"},
                        {.sql = "CREATE EXTENSION plperl;"},
                        {.sql = "CREATE EXTENSION pgcrypto;"},
                        {.sql = "DO $$ BEGIN NULL; END $$;"}}},
      .nodes = {T_CreateFunctionStmt, T_DoStmt, T_CreateExtensionStmt, T_CreatePLangStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::untrusted_language
