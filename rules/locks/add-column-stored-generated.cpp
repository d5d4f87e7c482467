// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::add_column_stored_generated {

/// PostgreSQL 17 and older know no other kind.
static bool is_stored([[maybe_unused]] const Constraint& generated) {
#if PG_VERSION_NUM >= 180000
  return generated.generated_kind == 's';
#else
  return true;
#endif
}

static void check(const Statement& statement, Context& context) {
  std::string names;
  Span span;
  auto added = commands_on_used_table(statement, context, AT_AddColumn);
  for (const Command& command : added) {
    auto* column = command.column();
    auto* generated = column ? column_constraint(*column, CONSTR_GENERATED) : nullptr;
    if (!generated || !is_stored(*generated) || adds_nothing(context, command)) continue;
    Span here = command_span(statement, command);
    span = names.empty() ? here : Span{span.begin, here.end};  // one rewrite, one finding
    names += (names.empty() ? "" : ", ") + quote_identifier(view(column->colname));
  }
  if (names.empty()) return;
  std::string table = shown_name(context, *added.front().table->relation);
  auto& finding = context.report(span, (names.find(", ") == names.npos ? "stored generated column " + names + " is"
                                                                       : "stored generated columns " + names + " are") +
                                           " computed for each row: the ALTER writes the table anew and " +
                                           lock_clause(context, table));
  finding.help = context.settings().pg_version >= 18
                     ? "Use VIRTUAL instead of STORED, which computes it on reading, or add "
                       "a plain column"
                     : "Add a plain column";
  finding.help += " that a trigger keeps up to date, and fill the old rows in batches.";
}

Rule rule() {
  return {
      .info =
          {.id = "add-column-stored-generated",
           .title = "ADD COLUMN ... GENERATED ALWAYS AS (...) STORED on an existing table",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
A stored generated column is computed for each row and written to disk, so adding one makes PostgreSQL 12 to 18 write the
table and its indexes anew; nobody can read or write it until that is done.)",
           .instead = R"(
PostgreSQL 18 has `VIRTUAL` columns, computed on reading: adding one only touches the catalog (they cannot be indexed).
On older versions add a plain column, keep it up to date with a trigger, and fill the old rows in batches. An index on
the expression itself often does without the column.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint, net numeric);",
           .bad =
               {{.sql = "ALTER TABLE orders ADD COLUMN gross numeric GENERATED ALWAYS AS (net * 1.19) STORED;",
                 .locks = {{{.name = "orders", .lock = LockMode::access_exclusive, .rewrite = true, .scan = true}}}},
                {.sql = "ALTER TABLE orders ADD a numeric GENERATED ALWAYS AS (net * 2) STORED, ADD b text,\n"
                        "  ADD c numeric GENERATED ALWAYS AS (net * 3) STORED;",
                 .locks = {{{.name = "orders", .lock = LockMode::access_exclusive, .rewrite = true, .scan = true}}}},
                {.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD gross numeric GENERATED ALWAYS AS (net * 2) STORED;\n"
                        "END $$;",
                 .locks = {{{.name = "orders", .lock = LockMode::access_exclusive, .rewrite = true, .scan = true}}}}},
           .good = {{.sql = "ALTER TABLE orders ADD COLUMN gross numeric GENERATED ALWAYS AS (net * 1.19) VIRTUAL;",
                     .locks = {{{.name = "orders", .lock = LockMode::access_exclusive}}},
                     .min_server = 18},
                    {.sql = "CREATE TABLE carts (net numeric);\n"
                            "ALTER TABLE carts ADD COLUMN gross numeric GENERATED ALWAYS AS (net * 2) STORED;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AddColumn},
      .check = check};
}

}  // namespace pgrehearse::rules::add_column_stored_generated
