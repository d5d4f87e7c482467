// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::on_conflict_without_key {
namespace {

bool writes(const InsertStmt& insert, std::string_view column) {
  if (!insert.cols) return true;
  for (const ResTarget& target : each<ResTarget>(insert.cols)) {
    if (view(target.name) == column) return true;
  }
  return false;
}

/// The column gets a new value with every row, so a key over it never meets a row that is there.
bool always_new(const RelationState& table, std::string_view name) {
  auto* column = table.column(name);
  if (!column) return false;
  if (column->sequence != 0 || column->identity != Identity::no) return true;
  if (!column->default_value) return false;
  return std::ranges::any_of(column->default_value->functions, [](const QualifiedName& function) {
    return function.name == "nextval" || function.name == "gen_random_uuid" || function.name == "uuid_generate_v4" ||
           function.name == "uuidv7";
  });
}

bool can_conflict(const InsertStmt& insert, const RelationState& table, const std::vector<std::string>& columns) {
  return std::ranges::none_of(
      columns, [&](const std::string& column) { return !writes(insert, column) && always_new(table, column); });
}

void check(const Statement& statement, Context& context) {
  auto* insert = statement.as<InsertStmt>();
  if (!insert || !insert->onConflictClause || context.loop_depth() > 0) return;
  const OnConflictClause& clause = *insert->onConflictClause;
  if (clause.action != ONCONFLICT_NOTHING || clause.infer) return;
  auto* table = context.state().find(*insert->relation);
  if (!table || !table->complete || table->uncertain || table->persistence == Persistence::temporary) return;
  if (table->kind != RelationKind::table && table->kind != RelationKind::partitioned_table) return;
  bool any_key = false;
  for (const ConstraintState& constraint : table->constraints) {
    if (constraint.kind == ConstraintKind::exclusion) return;
    if (constraint.kind != ConstraintKind::primary_key && constraint.kind != ConstraintKind::unique) continue;
    any_key = true;
    if (can_conflict(*insert, *table, constraint.columns)) return;
  }
  for (const IndexState& index : table->indexes) {
    if (!index.unique) continue;
    any_key = true;
    if (index.has_expressions || can_conflict(*insert, *table, index.columns)) return;
  }
  std::string name = shown_name(context, *insert->relation);
  auto& finding = context.report(
      statement.span, any_key ? "nothing can conflict: the only key of " + name + " gets a new value with every row"
                              : "nothing can conflict: " + name + " has no unique key");
  finding.help =
      "Add a unique index on what tells a row apart, and name it: ON CONFLICT (columns) DO NOTHING. Or leave rows out "
      "that are there: INSERT ... SELECT ... WHERE NOT EXISTS (...).";
}

}  // namespace

Rule rule() {
  return {.info = {.id = "on-conflict-without-key",
                   .title = "ON CONFLICT DO NOTHING where nothing can conflict",
                   .category = Category::idempotency,
                   .severity = Severity::warning,
                   .why = R"(
`ON CONFLICT DO NOTHING` skips a row that a unique key refuses. Without such a key, or when the only key is an id that the
table makes up for each row, no row is ever refused: the clause looks like a guard and each run adds all rows again. The same
on all versions.)",
                   .instead = R"(
Say which key is meant; PostgreSQL then refuses the statement (42P10) where there is none:

```sql
CREATE UNIQUE INDEX roles_name_key ON roles (name);
INSERT INTO roles (name) VALUES ('admin') ON CONFLICT (name) DO NOTHING;
```)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE log (line text);\nCREATE TABLE lines (id bigserial PRIMARY KEY, line text);\n"
                            "CREATE TABLE roles (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE);\n"
                            "CREATE TABLE places (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text);\n"
                            "CREATE TABLE mails (id bigserial PRIMARY KEY, mail text);\n"
                            "CREATE UNIQUE INDEX mails_lower ON mails (lower(mail));",
                   .bad = {{.sql = "INSERT INTO log VALUES ('migrated') ON CONFLICT DO NOTHING;"},
                           {.sql = "INSERT INTO lines (line) VALUES ('migrated') ON CONFLICT DO NOTHING;"},
                           {.sql = "INSERT INTO places (name) SELECT line FROM log ON CONFLICT DO NOTHING;",
                            .min_server = 13}},
                   .good = {{.sql = "INSERT INTO roles (name) VALUES ('admin') ON CONFLICT DO NOTHING;"},
                            {.sql = "INSERT INTO lines VALUES (1, 'migrated') ON CONFLICT DO NOTHING;"},
                            {.sql = "INSERT INTO lines (id, line) VALUES (1, 'migrated') ON CONFLICT DO NOTHING;"},
                            {.sql = "INSERT INTO mails (mail) VALUES ('a@example.org') ON CONFLICT DO NOTHING;"},
                            {.sql = "INSERT INTO not_seen (name) VALUES ('admin') ON CONFLICT DO NOTHING;"}}},
          .nodes = {T_InsertStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::on_conflict_without_key
