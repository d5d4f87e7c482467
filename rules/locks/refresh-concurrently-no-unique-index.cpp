// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/matview.h"

namespace pgrehearse::rules::refresh_concurrently_no_unique_index {

static void check(const Statement& statement, Context& context) {
  auto* refresh = statement.as<RefreshMatViewStmt>();
  if (!refresh || !refresh->concurrent) return;
  auto* view = context.state().find(*refresh->relation);
  if (has_plain_unique_index(view) != Known::no) return;
  std::string name = shown_name(context, *refresh->relation);
  bool almost = false;
  for (const IndexState& index : view->indexes) almost |= index.unique;
  auto& finding = context.report(statement.span, "REFRESH MATERIALIZED VIEW CONCURRENTLY fails: " + name +
                                                     " has no unique index on " +
                                                     (almost ? "plain columns over all rows" : "its columns"));
  finding.help =
      "Create one first: CREATE UNIQUE INDEX ... ON " + name + " (columns that identify a row), without WHERE.";
}

Rule rule() {
  return {
      .info = {.id = "refresh-concurrently-no-unique-index",
               .title = "REFRESH MATERIALIZED VIEW CONCURRENTLY without a unique index",
               .category = Category::locks,
               .severity = Severity::error,
               .why = R"(
The concurrent refresh compares old and new rows by a unique index. Without one PostgreSQL refuses it on every version
(SQLSTATE 55000). An index on an expression or with a WHERE clause does not count.)",
               .instead = R"(
`CREATE UNIQUE INDEX` on columns that identify a row of the view, once, before the first concurrent refresh.)",
               .since = "0.1.0",
               .fails_for_certain = true,
               .setup = "CREATE TABLE orders (id bigint, code text);\n"
                        "CREATE MATERIALIZED VIEW codes AS SELECT DISTINCT code FROM orders;",
               .bad = {{.sql = "REFRESH MATERIALIZED VIEW CONCURRENTLY codes;", .sqlstate = "55000"},
                       {.sql =
                            "CREATE INDEX codes_code ON codes (code);\nREFRESH MATERIALIZED VIEW CONCURRENTLY codes;",
                        .sqlstate = "55000"},
                       {.sql = "CREATE UNIQUE INDEX codes_code ON codes (lower(code));\n"
                               "REFRESH MATERIALIZED VIEW CONCURRENTLY codes;",
                        .sqlstate = "55000"},
                       {.sql = "CREATE UNIQUE INDEX codes_code ON codes (code) WHERE code <> '';\n"
                               "REFRESH MATERIALIZED VIEW CONCURRENTLY codes;",
                        .sqlstate = "55000"}},
               .good = {{.sql = "CREATE UNIQUE INDEX codes_code ON codes (code);\n"
                                "REFRESH MATERIALIZED VIEW CONCURRENTLY codes;"},
                        {.sql = "REFRESH MATERIALIZED VIEW codes;"},
                        {.sql = "REFRESH MATERIALIZED VIEW CONCURRENTLY somebody_made_this_one;"}}},
      .nodes = {T_RefreshMatViewStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::refresh_concurrently_no_unique_index
