// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"
#include "rules/support/matview.h"
#include "sql/edit.h"

namespace pgrehearse::rules::refresh_matview_not_concurrent {

static void check(const Statement& statement, Context& context) {
  auto* refresh = statement.as<RefreshMatViewStmt>();
  if (!refresh || refresh->concurrent || refresh->skipData || !context.is_used(*refresh->relation)) return;
  auto* view = context.state().find(*refresh->relation);
  if (view && !view->populated) return;  // nobody can read it yet, and CONCURRENTLY is refused
  std::string name = shown_name(context, *refresh->relation);
  Known unique = has_plain_unique_index(view);
  auto& finding =
      context.report(statement.span, "REFRESH MATERIALIZED VIEW without CONCURRENTLY " + lock_clause(context, name));
  finding.help = "Use REFRESH MATERIALIZED VIEW CONCURRENTLY: reads go on, and it may run inside a transaction.";
  if (unique != Known::yes) finding.help += " It needs a unique index on columns of " + name + ", over all rows.";
  if (unique == Known::no) return;
  if (auto edit = insert_after(statement, {"materialized", "view"}, " CONCURRENTLY")) {
    finding.fix = Fix{"Add CONCURRENTLY", unique == Known::yes ? Fix::Safety::safe : Fix::Safety::unsafe, {*edit}};
  }
}

Rule rule() {
  return {
      .info = {.id = "refresh-matview-not-concurrent",
               .title = "REFRESH MATERIALIZED VIEW without CONCURRENTLY",
               .category = Category::locks,
               .severity = Severity::warning,
               .why = R"(
A plain `REFRESH MATERIALIZED VIEW` runs the view's whole query while nobody can read the view. It is the same on
PostgreSQL 12 to 18. A view that holds nothing yet (`WITH NO DATA`) is exempt: it cannot be read anyway.)",
               .instead = R"(
`REFRESH MATERIALIZED VIEW CONCURRENTLY` computes the new rows beside the old ones and changes what differs; readers never
wait, other refreshes do. It needs a unique index on plain columns without a WHERE clause, and is, unlike the other
concurrent forms, allowed inside a transaction.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint, total numeric);\n"
                        "CREATE MATERIALIZED VIEW totals AS SELECT id, sum(total) FROM orders GROUP BY id;\n"
                        "CREATE UNIQUE INDEX totals_id ON totals (id);\n"
                        "CREATE MATERIALIZED VIEW empty AS SELECT id FROM orders WITH NO DATA;",
               .bad = {{.sql = "REFRESH MATERIALIZED VIEW totals;"},
                       {.sql = "INSERT INTO orders VALUES (1, 1);\nREFRESH MATERIALIZED VIEW public.totals WITH DATA;"},
                       {.sql = "REFRESH MATERIALIZED VIEW somebody_made_this_one;"},
                       {.sql = "DROP INDEX totals_id;\nREFRESH MATERIALIZED VIEW totals;"}},
               .good = {{.sql = "REFRESH MATERIALIZED VIEW CONCURRENTLY totals;"},
                        {.sql = "REFRESH MATERIALIZED VIEW empty;"},
                        {.sql = "REFRESH MATERIALIZED VIEW totals WITH NO DATA;"},
                        {.sql = "CREATE MATERIALIZED VIEW latest AS SELECT max(id) FROM orders;\n"
                                "REFRESH MATERIALIZED VIEW latest;"}}},
      .nodes = {T_RefreshMatViewStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::refresh_matview_not_concurrent
