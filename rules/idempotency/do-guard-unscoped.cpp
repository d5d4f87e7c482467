// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/do_guards.h"

namespace pgrehearse::rules::do_guard_unscoped {
namespace {

/// A catalog in which a name alone says too little.
struct Catalog {
  std::string_view relation;
  std::string_view name;   ///< the column that people compare
  std::string_view scope;  ///< the column that makes it exact enough
  std::string_view advice;
};

constexpr Catalog catalogs[] = {
    {"pg_constraint", "conname", "conrelid", "conrelid = 't'::regclass"},
    {"pg_trigger", "tgname", "tgrelid", "tgrelid = 't'::regclass"},
    {"pg_attribute", "attname", "attrelid", "attrelid = 't'::regclass"},
    {"pg_policy", "polname", "polrelid", "polrelid = 't'::regclass"},
    {"pg_policies", "policyname", "tablename", "tablename = 't' AND schemaname = current_schema()"},
    {"pg_rules", "rulename", "tablename", "tablename = 't' AND schemaname = current_schema()"},
    {"table_constraints", "constraint_name", "table_name", "table_name = 't' AND table_schema = current_schema()"},
    {"columns", "column_name", "table_name", "table_name = 't' AND table_schema = current_schema()"},
    {"triggers", "trigger_name", "event_object_table", "event_object_table = 't'"},
};

bool reads(const Node* root, std::string_view column) {
  bool found = false;
  for_each_node<ColumnRef>(root, [&](const ColumnRef& reference) { found |= last_name(reference.fields) == column; });
  return found;
}

bool is_named(const RangeVar& relation, const Catalog& catalog) {
  if (view(relation.relname) != catalog.relation) return false;
  bool standard = !catalog.relation.starts_with("pg_");
  return view(relation.schemaname) == (standard ? "information_schema" : "pg_catalog") ||
         (!standard && !relation.schemaname);
}

void check_select(const Statement& question, const SelectStmt& select, Context& context) {
  for (const Node& item : each<Node>(select.fromClause)) {
    for_each_node<RangeVar>(&item, [&](const RangeVar& relation) {
      auto* catalog = std::ranges::find_if(catalogs, [&](const Catalog& c) { return is_named(relation, c); });
      if (catalog == std::end(catalogs) || !reads(select.whereClause, catalog->name)) return;
      auto* whole = reinterpret_cast<const Node*>(&select);
      if (reads(whole, catalog->scope) || reads(whole, "contypid")) return;
      auto& finding = context.report(question.token_at(relation.location),
                                     "this guard looks for a " + std::string(catalog->name) + " on any table");
      finding.help = "Ask for the one table as well: " + std::string(catalog->advice) + ".";
    });
  }
}

void check(const Statement& statement, Context& context) {
  auto body = body_of(statement);
  if (!body || body->language != "plpgsql") return;
  for_each_question(*body, plpgsql_outline(body->text), statement.source,
                    [&](const Statement& question, const BodyPiece&) {
                      for_each_node<SelectStmt>(
                          question.node, [&](const SelectStmt& select) { check_select(question, select, context); });
                    });
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "do-guard-unscoped",
           .title = "A guard in a DO block that any other table satisfies",
           .category = Category::idempotency,
           .severity = Severity::warning,
           .why = R"(
Names of constraints, triggers, policies and columns are unique on a table, not in a database. `IF NOT EXISTS (SELECT FROM
pg_constraint WHERE conname = 'positive')` is false as soon as any table of any schema has a constraint of that name: the
block then does nothing, reports success, and the table goes without its constraint. Seen on 14 to 18.)",
           .instead = R"(
Ask for the table too:

```sql
IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'orders'::regclass AND conname = 'positive') THEN
```

`tgrelid` for pg_trigger, `polrelid` for pg_policy, `attrelid` for pg_attribute; `table_name` and `table_schema` in the views
of information_schema.)",
           .since = "0.1.0",
           .setup =
               "CREATE TABLE orders (id bigint);\nCREATE TABLE carts (id bigint CONSTRAINT positive CHECK (id > 0));",
           .bad = {{.sql =
                        "DO $$ BEGIN\n  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'positive') THEN\n"
                        "    ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;\n  END IF;\nEND $$;"},
                   {.sql =
                        "DO $$ BEGIN\n  PERFORM 1 FROM pg_catalog.pg_trigger t WHERE t.tgname = 'stamp';\n"
                        "  IF NOT FOUND THEN\n    CREATE TRIGGER stamp BEFORE UPDATE ON orders EXECUTE FUNCTION f();\n"
                        "  END IF;\nEND $$;"},
                   {.sql = "DO $$ BEGIN\n  IF EXISTS (SELECT FROM information_schema.columns WHERE column_name = "
                           "'note') THEN\n"
                           "    ALTER TABLE orders RENAME COLUMN note TO remark;\n  END IF;\nEND $$;"},
                   {.sql = "DO $$ BEGIN\n  IF (SELECT count(*) FROM pg_policies WHERE policyname = 'mine') = 0 THEN\n"
                           "    CREATE POLICY mine ON orders USING (true);\n  END IF;\nEND $$;"}},
           .good =
               {{.sql =
                     "DO $$ BEGIN\n  IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'orders'::regclass AND "
                     "conname = 'positive') THEN\n    ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0);\n"
                     "  END IF;\nEND $$;"},
                {.sql = "DO $$ BEGIN\n  IF NOT EXISTS (SELECT 1 FROM pg_constraint c JOIN pg_class t ON t.oid = "
                        "c.conrelid "
                        "WHERE t.relname = 'orders' AND c.conname = 'positive') THEN\n"
                        "    ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0);\n  END IF;\nEND $$;"},
                {.sql = "DO $$ BEGIN\n  IF NOT EXISTS (SELECT FROM information_schema.columns WHERE table_name = "
                        "'orders' AND "
                        "column_name = 'note') THEN\n    ALTER TABLE orders ADD COLUMN note text;\n  END IF;\nEND $$;"},
                {.sql = "DO $$ BEGIN\n  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN\n"
                        "    CREATE ROLE app;\n  END IF;\nEND $$;"},
                {.sql = "DO $$ DECLARE c text; BEGIN\n  FOR c IN SELECT conname FROM pg_constraint WHERE conname ~ "
                        "'_old$' LOOP\n"
                        "    RAISE NOTICE '%', c;\n  END LOOP;\nEND $$;"}}},
      .nodes = {T_DoStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::do_guard_unscoped
