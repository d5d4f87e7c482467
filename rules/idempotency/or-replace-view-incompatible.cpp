// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::or_replace_view_incompatible {
namespace {

/// Names of the query's columns, in order, as far as the text tells; `all` when none is left out at the end.
struct Columns {
  std::vector<std::string> names;
  bool all = true;
};

Columns columns_of(const ViewStmt& statement) {
  Columns columns;
  auto* select = as<SelectStmt>(statement.query);
  while (select && select->larg) select = select->larg;
  if (!select || select->valuesLists) return {{}, false};
  for (const ResTarget& target : each<ResTarget>(select->targetList)) {
    std::string_view name = view(target.name);
    if (auto* reference = as<ColumnRef>(target.val)) {
      if (last_name(reference->fields).empty()) {  // a star: nobody knows how many
        columns.all = false;
        break;
      }
      if (name.empty()) name = last_name(reference->fields);
    }
    columns.names.emplace_back(name);  // empty: PostgreSQL's own choice
  }
  size_t index = 0;
  for (const String& alias : each<String>(statement.aliases)) {
    if (index < columns.names.size()) columns.names[index] = view(alias.sval);
    ++index;
  }
  return columns;
}

void check(const Statement& statement, Context& context) {
  auto* created = statement.as<ViewStmt>();
  if (!created || !created->replace || context.conditional()) return;
  auto* known = context.state().find(*created->view);
  if (!known || known->kind != RelationKind::view || !known->complete || known->uncertain) return;
  Columns now = columns_of(*created);
  std::string name = shown_name(context, *created->view), problem;
  size_t index = 0;
  for (const ColumnState& old : known->columns) {
    if (index >= now.names.size()) {
      if (now.all) problem = "it leaves out the column " + quote_identifier(old.name);
      break;
    }
    const std::string& fresh = now.names[index++];
    if (fresh.empty() || old.name.empty() || old.name == "?column?" || fresh == old.name) continue;
    problem =
        "column " + std::to_string(index) + " is " + quote_identifier(old.name) + ", not " + quote_identifier(fresh);
    break;
  }
  if (problem.empty()) return;
  auto& finding = context.report(statement.span, "OR REPLACE cannot change the columns of " + name + ": " + problem);
  finding.help = "Keep the columns that are there, in their order, and add new ones at the end. Otherwise DROP VIEW " +
                 name + " before it, in the same transaction, and grant its privileges again.";
}

}  // namespace

Rule rule() {
  return {.info = {.id = "or-replace-view-incompatible",
                   .title = "CREATE OR REPLACE VIEW that drops, renames or reorders columns",
                   .category = Category::idempotency,
                   .severity = Severity::error,
                   .why = R"(
The statement fails with SQLSTATE 42P16 on all versions: `OR REPLACE` can add columns behind those that are there, and
nothing else. It passes on a fresh database, where the view does not exist yet, and fails where it matters.)",
                   .instead = R"(
`DROP VIEW name; CREATE VIEW name AS ...; GRANT ...` in one transaction. Views that build on it need the same. The running
application may read the old columns: keep them as long as it does.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id bigint, code text, total numeric);\n"
                            "CREATE VIEW codes AS SELECT id, code FROM orders;",
                   .bad = {{.sql = "CREATE OR REPLACE VIEW codes AS SELECT id FROM orders;", .sqlstate = "42P16"},
                           {.sql = "CREATE OR REPLACE VIEW codes AS SELECT code, id FROM orders;", .sqlstate = "42P16"},
                           {.sql = "CREATE OR REPLACE VIEW codes AS SELECT id, total, code FROM orders;",
                            .sqlstate = "42P16"},
                           {.sql = "CREATE OR REPLACE VIEW codes (id, name) AS SELECT id, code FROM orders;",
                            .sqlstate = "42P16"}},
                   .good = {{.sql = "CREATE OR REPLACE VIEW codes AS SELECT id, code, total FROM orders;"},
                            {.sql = "CREATE OR REPLACE VIEW codes AS SELECT id, upper(code) AS code FROM orders;"},
                            {.sql = "CREATE OR REPLACE VIEW codes AS SELECT * FROM orders;"},
                            {.sql = "DROP VIEW codes;\nCREATE OR REPLACE VIEW codes AS SELECT id FROM orders;"}}},
          .nodes = {T_ViewStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::or_replace_view_incompatible
