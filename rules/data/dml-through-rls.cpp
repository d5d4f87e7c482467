// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::dml_through_rls {
namespace {

/// Why the policies hold for whoever runs the statement; empty: they need not.
std::string why_held(const RelationState& table, const SchemaState& state) {
  if (!table.row_security || table.uncertain) return {};
  std::string role = state.current_role();
  if (!role.empty()) {
    auto* known = state.role(role);
    bool above = known && (known->superuser == Known::yes || known->bypass_rls == Known::yes);
    if (above) return {};
    // What a migration made before it switched belongs to whoever runs the migrations.
    bool owns =
        table.owner.empty() ? !table.complete : table.owner == role || state.is_member(role, table.owner) != Known::no;
    if (!owns || table.force_row_security) return "role " + quote_identifier(role) + " is held to its policies";
  }
  return table.force_row_security ? "FORCE ROW LEVEL SECURITY holds the owner to its policies" : "";
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  const RangeVar* target = nullptr;
  if (auto* update = statement.as<UpdateStmt>()) target = update->relation;
  if (auto* remove = statement.as<DeleteStmt>()) target = remove->relation;
  if (!target || context.state().setting("row_security") == "off") return;
  auto* table = context.state().find(*target);
  if (!table || !context.state().existed_before(*table)) return;
  std::string why = why_held(*table, context.state());
  if (why.empty()) return;
  std::string name = shown_name(context, *target);
  context
      .report(statement.span, std::string(statement.as<UpdateStmt>() ? "UPDATE" : "DELETE") +
                                  " passes over each row of " + name + " that the policies hide: " + why)
      .help =
      "Write SET LOCAL row_security = off before it: PostgreSQL then refuses the statement (SQLSTATE 42501) where "
      "rows would be hidden, and a role with BYPASSRLS sees them all.";
}

Rule rule() {
  return {
      .info = {.id = "dml-through-rls",
               .title = "A migration changes rows of a table with row security as a role that the policies hold",
               .category = Category::data,
               .severity = Severity::warning,
               .why = R"(
UPDATE and DELETE see only the rows that the policies show to the role that runs them. The others stay as they are, and nothing says
so: no error, no warning, and a count that nobody compares. Owners, superusers and roles with BYPASSRLS are not held to policies; a
role that the file switches to is, and with `FORCE ROW LEVEL SECURITY` the owner is too. A migration seldom has the settings
(`app.tenant`) that the policies ask for, so they mostly hide all rows. It is the same on PostgreSQL 12 to 18.

Off by default, since superusers run the migrations of many projects.)",
               .instead = R"(
`SET LOCAL row_security = off` makes the server refuse (SQLSTATE 42501) what would otherwise do half of the work. Run the migration as
a role with BYPASSRLS, or take FORCE away and set it again in the same transaction.)",
               .since = "0.1.0",
               .on_by_default = false,
               .setup = "CREATE ROLE app;\nCREATE TABLE notes (id bigint, owner text, state text);\n"
                        "ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\n"
                        "CREATE POLICY mine ON notes USING (owner = current_setting('app.user', true));\n"
                        "CREATE TABLE orders (id bigint, state text);\nALTER TABLE orders ENABLE ROW LEVEL SECURITY;\n"
                        "CREATE POLICY none ON orders USING (false);\n"
                        "GRANT SELECT, UPDATE, DELETE ON orders TO app;",
               .bad = {{.sql = "UPDATE notes SET state = 'new' WHERE state IS NULL;"},
                       {.sql = "SET LOCAL ROLE app;\nDELETE FROM orders WHERE state = 'old';\nRESET ROLE;"}},
               .good = {{.sql = "SET LOCAL row_security = off;\nUPDATE notes SET state = 'new' WHERE state IS NULL;"},
                        {.sql = "UPDATE orders SET state = 'new' WHERE state IS NULL;"},
                        {.sql =
                             "ALTER TABLE notes NO FORCE ROW LEVEL SECURITY;\nDELETE FROM notes WHERE state = 'old';\n"
                             "ALTER TABLE notes FORCE ROW LEVEL SECURITY;"}}},
      .nodes = {T_UpdateStmt, T_DeleteStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::dml_through_rls
