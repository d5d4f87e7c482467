// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string>

#include "linter/rule.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::drop_create_resets_acl {
namespace {

/// Who holds something on an object by what the files said so far.
class Holders {
 public:
  void take(const SecurityMention& mention) {
    bool grants = mention.kind == SecurityMention::Kind::grant;
    for (const std::string& role : mention.grantees) {
      if (role == "public" && mention.function && !mention.defaults) closed_ = !grants;
      auto& roles = mention.defaults ? by_default_ : roles_;
      if (grants) {
        roles.insert(role);
      } else if (mention.privileges.empty()) {
        roles.erase(role);
      }
    }
  }
  /// What default privileges give comes back by itself.
  bool would_lose(bool function) const {
    if (function && closed_) return true;
    return std::ranges::any_of(roles_, [&](const std::string& role) {
      return !by_default_.contains(role) && !(function && role == "public");
    });
  }

 private:
  std::set<std::string> roles_, by_default_;
  bool closed_ = false;  ///< a function that PUBLIC may not call
};

}  // namespace

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
  Holders held;
  bool again = false;
  auto take = [&](const SecurityHistory::Placed& placed, bool whole_schema) {
    const SecurityMention& mention = *placed.mention;
    bool is_grant = mention.kind == Kind::grant || mention.kind == Kind::revoke;
    if (!is_grant || mention.function != function || mention.whole_schema != whole_schema) return;
    if (mention.object_type == OBJECT_SCHEMA) return;
    bool before = placed.migration < here || (placed.migration == here && mention.span.end <= statement.span.begin);
    // Of ALL ... IN SCHEMA it is not known whether the object was there already.
    if (before && (!whole_schema || mention.defaults)) held.take(mention);
    again = again || (!before && !mention.defaults);
  };
  std::string schema = function ? context.state().resolve_function(name).schema : context.state().resolve(name).schema;
  for (const auto& placed : history.about(schema)) take(placed, true);
  for (const auto& placed : history.about("")) take(placed, true);
  for (const auto& placed : history.about(name.name)) {
    if (may_be_same(placed.mention->object, name)) take(placed, false);
  }
  if (again || !held.would_lose(function)) return;
  context
      .report(statement.span, display_name(name) + " is made anew, so " +
                                  (function ? "every role may call it again" : "the grants on it are gone"))
      .help = function ? "Use CREATE OR REPLACE, or repeat REVOKE and GRANT right after it."
                       : "Repeat the grants right after it, in the same transaction.";
}

Rule rule() {
  return {
      .info = {.id = "drop-create-resets-acl",
               .title = "Dropping and creating again loses the grants",
               .category = Category::privileges,
               .severity = Severity::error,
               .why = R"(
`DROP` and `CREATE` make a new object with default privileges. Grants on a view or table are gone, so that the application fails with
SQLSTATE 42501; a function is open to PUBLIC again, whatever was revoked from it. `CREATE OR REPLACE` keeps the privileges. It is the
same on PostgreSQL 12 to 18.

Reported when the migrations of the set have granted or revoked something on the object that default privileges do not give
again, and none does it after the `CREATE`.)",
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
                       {.sql = "-- file: 001_views.sql\nCREATE VIEW all_of AS SELECT 1 AS a;\n"
                               "GRANT SELECT ON all_of TO app;\n"
                               "-- file: 002_again.sql\nDROP VIEW all_of;\nCREATE VIEW all_of AS SELECT 2 AS a;\n"},
                       {.sql = "DROP TABLE IF EXISTS orders;\n"
                               "CREATE TABLE orders (id bigint, note text);"}},
               .good = {{.sql = "DROP VIEW report;\n"
                                "CREATE VIEW report AS SELECT 2 AS a;\n"
                                "GRANT SELECT ON report TO app;"},
                        {.sql = "CREATE OR REPLACE VIEW report AS SELECT 2 AS a;"},
                        {.sql = "DROP VIEW free;\n"
                                "CREATE VIEW free AS SELECT 2 AS a;"},
                        {.sql = "REVOKE ALL ON report FROM app;\nDROP VIEW report;\n"
                                "CREATE VIEW report AS SELECT 2 AS a;"},
                        {.sql = "-- file: 001_views.sql\nCREATE VIEW all_of AS SELECT 1 AS a;\n"
                                "GRANT SELECT ON all_of TO app;\n"
                                "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO app;\n"
                                "-- file: 002_again.sql\nDROP VIEW all_of;\nCREATE VIEW all_of AS SELECT 2 AS a;\n"},
                        {.sql = "DROP VIEW report;"},
                        {.sql = "DROP FUNCTION total();\n"
                                "CREATE FUNCTION total() RETURNS int LANGUAGE sql AS 'SELECT 2';\n"
                                "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;"}}},
      .nodes = {T_ViewStmt, T_CreateFunctionStmt, T_CreateStmt, T_CreateTableAsStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::drop_create_resets_acl
