// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::rename_table {

/// Something that takes the old name, which keeps the running application going: CREATE VIEW, or another table's
/// rename.
static bool takes_name(const Statement& statement, const RangeVar& relation) {
  if (auto* created = statement.as<ViewStmt>()) return view(created->view->relname) == view(relation.relname);
  auto* rename = statement.as<RenameStmt>();
  return rename && rename->renameType == OBJECT_TABLE && view(rename->newname) == view(relation.relname);
}

/// ALTER TABLE ... RENAME TO also renames indexes and sequences, whose names no query says.
static bool is_queried(const RenameStmt& rename, const Context& context) {
  switch (rename.renameType) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_FOREIGN_TABLE: break;
    default: return false;
  }
  if (context.state().index(qualified_name(*rename.relation))) return false;
  auto* known = context.state().find(*rename.relation);
  return !known || known->kind != RelationKind::sequence;
}

static void check(const Statement& statement, Context& context) {
  auto* rename = statement.as<RenameStmt>();
  if (!rename || !rename->relation || !is_queried(*rename, context) || !context.existed_before(*rename->relation))
    return;
  if (any_later(statement, context, [&](const Statement& later) { return takes_name(later, *rename->relation); })) {
    return;
  }
  std::string from = shown_name(context, *rename->relation), to = quote_identifier(view(rename->newname));
  auto& finding = context.report(statement.span, "renaming " + from + " to " + to +
                                                     " breaks every query of the running application that names it");
  finding.help = "Leave a view under the old name in the same transaction: CREATE VIEW " + from + " AS SELECT * FROM " +
                 to + ". Drop it when nothing asks for " + from + " any more.";
}

Rule rule() {
  return {
      .info = {.id = "rename-table",
               .title = "Renaming a table that the application uses",
               .category = Category::compatibility,
               .severity = Severity::error,
               .why = R"(
The rename itself only touches the catalog, but it takes effect for everybody at once. The version of the application that
runs during the deployment still says the old name and gets SQLSTATE 42P01 until the last instance is replaced, and again
after a rollback.)",
               .instead = R"(
Rename the table and leave a view under the old name, both in one transaction:
`ALTER TABLE old RENAME TO new; CREATE VIEW old AS SELECT * FROM new;`. PostgreSQL writes through such a simple view
(INSERT, also with ON CONFLICT DO NOTHING, UPDATE, DELETE). Grants and row level security need care: a view runs with its
owner's rights unless `security_invoker` (15 and later) is on. Drop the view in a later release.)",
               .since = "0.1.0",
               .setup =
                   "CREATE TABLE users (id bigint);\nCREATE INDEX users_id ON users (id);\nCREATE SEQUENCE numbers;",
               .bad = {{.sql = "ALTER TABLE users RENAME TO accounts;",
                        .locks = {{{.name = "users", .lock = LockMode::access_exclusive}}}},
                       {.sql = "ALTER TABLE IF EXISTS public.users RENAME TO accounts;\n"
                               "CREATE VIEW people AS SELECT * FROM accounts;"}},
               .good = {{.sql = "ALTER TABLE users RENAME TO accounts;\nCREATE VIEW users AS SELECT * FROM accounts;"},
                        {.sql =
                             "CREATE TABLE users_new (id bigint, name text);\nALTER TABLE users RENAME TO users_old;\n"
                             "ALTER TABLE users_new RENAME TO users;"},
                        {.sql = "ALTER INDEX users_id RENAME TO users_pk;"},
                        {.sql = "ALTER TABLE users_id RENAME TO users_pk;\nALTER TABLE numbers RENAME TO users_seq;"},
                        {.sql = "CREATE TABLE carts (id bigint);\nALTER TABLE carts RENAME TO baskets;"}}},
      .nodes = {T_RenameStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::rename_table
