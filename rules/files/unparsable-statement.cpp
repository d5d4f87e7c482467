// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/syntax_advice.h"

namespace pgrehearse::rules::unparsable_statement {

static void check_syntax_error(const SyntaxError& error, Context& context) {
  const Part& part = context.part();
  std::string_view text = (part.expansion ? part.expansion->file : part.file)->text();  // what was parsed
  if (is_merge_mark(error, text)) return;  // unresolved-merge-marker tells of it, once a file
  auto& finding = context.report(error.span, shown_message(error, text));
  finding.help = syntax_advice(error, text);
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info = {.id = "unparsable-statement",
               .title = "A statement that PostgreSQL's parser refuses",
               .category = Category::files,
               .severity = Severity::error,
               .why = R"(
The message is that of PostgreSQL's own parser (of version 18), so the server says the same when the migration runs, and
the migration stops there. The other statements of the file are still read.

Bodies of `DO` blocks and functions are read too. The server checks the SQL inside them only when that line runs, which
can be long after the migration.)",
               .instead = R"(
Mend the statement. Some forms that other databases have, or that one would expect, do not exist in PostgreSQL:

* `UPDATE ... LIMIT` and `DELETE ... LIMIT`: put the limit into a sub-select, `WHERE id IN (SELECT id ... LIMIT 1000)`.
* `ADD CONSTRAINT IF NOT EXISTS`: `DROP CONSTRAINT IF EXISTS` before it, in the same `ALTER TABLE`.
* `CREATE TYPE`, `CREATE POLICY`, `CREATE TRIGGER`, `CREATE DOMAIN` or `CREATE ROLE` with `IF NOT EXISTS`: a `DO` block
  that looks into the catalog.

Marks of templates (`${x}`, `{{ x }}`, `<%= x %>`, `%(x)s`) are taken for a name or a value. Where they stand for more than
that, the file must be rendered before it is checked.)",
               .since = "0.1.0",
               .applies_to_down = true,
               .applies_to_function_bodies = true,
               .bad = {{.sql = "UPDATE orders SET status = 'new' WHERE status IS NULL LIMIT 1000;",
                        .sqlstate = "42601"},
                       {.sql = "DO $$ BEGIN\n  LOOP\n    DELETE FROM orders WHERE total = 0 LIMIT 1000;\n"
                               "    EXIT WHEN NOT FOUND;\n  END LOOP;\nEND $$;"},
                       {.sql = "ALTER TABLE orders ADD CONSTRAINT IF NOT EXISTS positive CHECK (total > 0);",
                        .sqlstate = "42601"},
                       {.sql = "CREATE TYPE IF NOT EXISTS mood AS ENUM ('sad', 'happy');", .sqlstate = "42601"},
                       {.sql = "CREATE POLICY IF NOT EXISTS mine ON orders USING (true);", .sqlstate = "42601"},
                       {.sql = "CREATE {{ kind }} orders (id bigint);", .sqlstate = "42601"},
                       {.sql = "SELECT 'it''s not closed;"}},
               .good = {{.sql = "UPDATE orders SET status = 'new' WHERE id IN (SELECT id FROM orders LIMIT 1000);"},
                        {.sql = "ALTER TABLE orders DROP CONSTRAINT IF EXISTS positive, ADD CONSTRAINT positive "
                                "CHECK (total > 0);"},
                        {.sql = "CREATE TABLE IF NOT EXISTS orders (id bigint);"},
                        {.sql = "CREATE TABLE :schema.orders (id bigint);"},
                        {.sql = "SELECT '{{ not a template }}';"}}},
      .check_syntax_error = check_syntax_error};
  return rule;
}

}  // namespace pgrehearse::rules::unparsable_statement
