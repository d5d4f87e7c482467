// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/second_run.h"

namespace pgrehearse::rules::create_policy_no_guard {

static void check(const Statement& statement, Context& context) {
  auto* policy = statement.as<CreatePolicyStmt>();
  if (!policy || !fails_again(context)) return;
  if (context.dropped_earlier(OBJECT_POLICY, view(policy->policy_name), view(policy->table->relname)) ||
      context.dropped_earlier(OBJECT_TABLE, view(policy->table->relname))) {
    return;
  }
  std::string name = quote_identifier(view(policy->policy_name)), table = display_name(*policy->table);
  auto& finding =
      context.report(statement.span, "CREATE POLICY " + name + " on " + table + " fails when the file runs again");
  finding.help = "There is no CREATE POLICY IF NOT EXISTS and no OR REPLACE. Write DROP POLICY IF EXISTS " + name +
                 " ON " + table + " before it, in the same transaction.";
  // Outside a transaction others would meet the table without the policy.
  bool safe = is_in_transaction(statement, context);
  finding.fix = put_before(statement, safe ? Fix::Safety::safe : Fix::Safety::unsafe, "Drop the policy first",
                           "DROP POLICY IF EXISTS " + name + " ON " + table + ";");
}

Rule rule() {
  return {
      .info =
          {.id = "create-policy-no-guard",
           .title = "CREATE POLICY that a second run trips over",
           .category = Category::idempotency,
           .severity = Severity::warning,
           .why = R"(
A second run stops here with SQLSTATE 42710, and all that stands below in the file is not applied: later policies and grants
are missing then. `CREATE POLICY IF NOT EXISTS` and `CREATE OR REPLACE POLICY` do not exist on any version up to 18.

This rule looks only at layouts whose files may run twice. Select it by its id to have it everywhere.)",
           .instead = R"(
`DROP POLICY IF EXISTS name ON t;` and then `CREATE POLICY name ON t ...`, both in one transaction: between the two a table
with row level security shows no rows, or without its restrictive policy too many. `ALTER POLICY` changes one that is there.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint, owner text);",
           .bad = {{.sql = "CREATE POLICY mine ON orders USING (owner = current_user);"},
                   {.sql = "DROP POLICY IF EXISTS other ON orders;\nCREATE POLICY mine ON orders USING (true);"},
                   {.sql = "DO $$ BEGIN\n  CREATE POLICY mine ON orders USING (true);\nEND $$;"}},
           .good =
               {{.sql = "DROP POLICY IF EXISTS mine ON orders;\nCREATE POLICY mine ON orders USING (true);"},
                {.sql =
                     "DROP POLICY IF EXISTS mine ON public.orders;\nCREATE POLICY mine ON public.orders USING (true);"},
                {.sql = "DO $$ BEGIN\n  CREATE POLICY mine ON orders USING (true);\n"
                        "EXCEPTION WHEN duplicate_object THEN NULL;\nEND $$;"},
                {.sql =
                     "DO $$ BEGIN\n  IF NOT EXISTS (SELECT FROM pg_policies WHERE tablename = 'orders' AND "
                     "policyname = 'mine') THEN\n    CREATE POLICY mine ON orders USING (true);\n  END IF;\nEND $$;"}}},
      .nodes = {T_CreatePolicyStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::create_policy_no_guard
