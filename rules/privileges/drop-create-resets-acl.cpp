// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/security_history.h"

namespace pgrehearse {
static void check(const Statement& statement, Context& context) {
  if (statement.origin != Origin::top_level) return;
  QualifiedName name;
  bool function = false;
  if (auto* create = statement.as<CreateStmt>()) name = qualified_name(*create->relation);
  if (auto* created = statement.as<CreateTableAsStmt>()) name = qualified_name(*created->into->rel);
  if (auto* create = statement.as<ViewStmt>()) name = qualified_name(*create->view);
  if (auto* create = statement.as<CreateFunctionStmt>()) {
    name = qualified_name(create->funcname);
    function = true;
  }
  if (!context.dropped_earlier(function ? OBJECT_FUNCTION : OBJECT_TABLE, name.name)) return;
  using Kind = SecurityMention::Kind;
  const SecurityHistory& history = security_history(context, SecurityHistory::Topic::privileges);
  size_t here = history.place_of(context);
  const SecurityMention* earlier = nullptr;
  bool again = false;
  auto is_grant = [](const SecurityMention& mention) {
    return mention.kind == Kind::grant || mention.kind == Kind::revoke;
  };
  for (const auto& placed : history.about(name.name)) {
    if (!is_grant(*placed.mention) || placed.mention->function != function || placed.mention->whole_schema) continue;
    if (placed.mention->object_type == OBJECT_SCHEMA) continue;
    if (!may_be_same(placed.mention->object, name)) continue;
    bool before =
        placed.migration < here || (placed.migration == here && placed.mention->span.end <= statement.span.begin);
    if (before) earlier = placed.mention;
    again = again || !before;
  }
  if (!earlier || again) return;
  for (const SecurityMention& mention : history.of(context)) {
    if (is_grant(mention) && mention.whole_schema && mention.function == function &&
        mention.span.begin > statement.span.end)
      return;
  }
  context
      .report(statement.span, display_name(name) + " is made anew, so " +
                                  (function ? "every role may call it again" : "the grants on it are gone"))
      .help = function ? "Use CREATE OR REPLACE, or repeat REVOKE and GRANT right after it."
                       : "Repeat the grants right after it, in the same transaction.";
}

Rule drop_create_resets_acl() {
  return {.info = {.id = "drop-create-resets-acl",
                   .title = "Dropping and creating again loses the grants",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
`DROP` and `CREATE` make a new object with default privileges. Grants on a view or table are gone, so that the application fails with
SQLSTATE 42501; a function is open to PUBLIC again, whatever was revoked from it. `CREATE OR REPLACE` keeps the privileges. It is the
same on PostgreSQL 12 to 18.

Reported when a migration of the set has granted or revoked something on the object, and this one does not do it again after the
`CREATE`.)",
                   .instead = R"(
`CREATE OR REPLACE`, where the signature or the columns allow it; else repeat the grants right after the `CREATE`, in the same
transaction.)",
                   .since = "0.2.0",
                   .security_severity = 5.0,
                   .setup = "CREATE TABLE orders (id bigint);\n"
                            "CREATE VIEW report AS SELECT 1 AS a;\n"
                            "CREATE VIEW free AS SELECT 1 AS a;\n"
                            "CREATE FUNCTION total() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
                            "GRANT SELECT ON report, orders TO app;\n"
                            "REVOKE EXECUTE ON FUNCTION total() FROM PUBLIC;",
                   .bad = {{.sql = "DROP VIEW report;\n"
                                   "CREATE VIEW report AS SELECT 2 AS a;"},
                           {.sql = "DROP FUNCTION total();\n"
                                   "CREATE FUNCTION total() RETURNS int LANGUAGE sql AS 'SELECT 2';"},
                           {.sql = "DROP TABLE IF EXISTS orders;\n"
                                   "CREATE TABLE orders (id bigint, note text);"}},
                   .good = {{.sql = "DROP VIEW report;\n"
                                    "CREATE VIEW report AS SELECT 2 AS a;\n"
                                    "GRANT SELECT ON report TO app;"},
                            {.sql = "CREATE OR REPLACE VIEW report AS SELECT 2 AS a;"},
                            {.sql = "DROP VIEW free;\n"
                                    "CREATE VIEW free AS SELECT 2 AS a;"},
                            {.sql = "DROP VIEW report;"},
                            {.sql = "DROP FUNCTION total();\n"
                                    "CREATE FUNCTION total() RETURNS int LANGUAGE sql AS 'SELECT 2';\n"
                                    "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;"}}},
          .nodes = {T_ViewStmt, T_CreateFunctionStmt, T_CreateStmt, T_CreateTableAsStmt},
          .check = check};
}

}  // namespace pgrehearse
