// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "linter/rule.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::policy_self_recursion {
/// Whether a policy of `table`, as the files up to here say, reads `target`.
static bool reads(const SecurityHistory& history, const QualifiedName& table, const QualifiedName& target,
                  size_t place) {
  for (const auto& placed : history.about(table.name)) {
    if (placed.migration > place || placed.mention->kind != SecurityMention::Kind::create_policy) continue;
    if (!may_be_same(placed.mention->object, table)) continue;
    for (const QualifiedName& read : placed.mention->reads) {
      if (may_be_same(read, target)) return true;
    }
  }
  return false;
}

static void check(const Statement& statement, Context& context) {
  auto* policy = statement.as<CreatePolicyStmt>();
  if (!policy) return;
  QualifiedName table = qualified_name(*policy->table);
  for (const Node* expression : {policy->qual, policy->with_check}) {
    if (!expression) continue;
    std::optional<Span> place;
    std::string through;
    for_each_node<RangeVar>(expression, [&](const RangeVar& read) {
      QualifiedName name = qualified_name(read);
      if (place) return;
      if (may_be_same(name, table)) {
        place = statement.token_at(read.location);
      } else {
        const SecurityHistory& history = security_history(context);
        if (!reads(history, name, table, history.place_of(context))) return;
        auto* known = context.state().find(name);
        // Of the two that read each other the later one is reported, when the other is there already.
        if (!known || known->policies.empty()) return;
        place = statement.token_at(read.location);
        through = display_name(name);
      }
    });
    if (!place) continue;
    context
        .report(*place, "policy " + quote_identifier(view(policy->policy_name)) + " reads " + display_name(table) +
                            (through.empty() ? ", its own table: " : " through the policies of " + through + ": ") +
                            "each query fails with infinite recursion")
        .help = "Put the look-up into a SECURITY DEFINER function with a fixed search_path, and call it in the policy.";
    return;
  }
}

Rule rule() {
  return {
      .info =
          {.id = "policy-self-recursion",
           .title = "A policy that reads its own table",
           .category = Category::privileges,
           .severity = Severity::error,
           .why = R"(
Reading the table in its own policy applies the policy to that reading too. `CREATE POLICY` succeeds; the first query of a role that
the policy holds for fails with SQLSTATE 42P17, "infinite recursion detected in policy". So do two tables whose policies read each
other. The owner and superusers are not held to policies and notice nothing. It is the same on PostgreSQL 12 to 18.)",
           .instead = R"(
Put the look-up into a function that runs with its owner's rights, and call that from the policy:

```sql
CREATE FUNCTION team_of(member text) RETURNS bigint LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'SELECT team_id FROM app.members WHERE name = member';
```)",
           .since = "0.2.0",
           .security_severity = 5.0,
           .setup = "CREATE TABLE notes (id bigint, owner text, is_open boolean);\n"
                    "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"
                    "CREATE POLICY mine ON notes TO app USING (owner = current_user);\n"
                    "CREATE TABLE plain (id bigint);",
           .bad = {{.sql =
                        "CREATE POLICY team ON notes USING (owner IN (SELECT n.owner FROM notes n WHERE n.is_open));"},
                   {.sql = "CREATE POLICY team ON public.notes FOR SELECT USING (EXISTS (SELECT FROM public.notes n "
                           "WHERE n.owner = current_user));"},
                   {.sql = "CREATE POLICY a ON notes USING (EXISTS (SELECT FROM plain));\n"
                           "CREATE POLICY b ON plain USING (EXISTS (SELECT FROM notes));"}},
           .good = {{.sql = "CREATE POLICY team ON notes USING (EXISTS (SELECT FROM plain));"},
                    {.sql = "CREATE POLICY team ON notes USING (team_of(owner) = 1);"},
                    {.sql = "CREATE POLICY own ON notes USING (notes.owner = current_user);"}}},
      .nodes = {T_CreatePolicyStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::policy_self_recursion
