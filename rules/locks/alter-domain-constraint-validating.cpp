// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "sql/edit.h"

namespace pgrehearse::rules::alter_domain_constraint_validating {

/// The subtypes of AlterDomainStmt that matter here.
enum : char { adds_constraint = 'C', sets_not_null = 'O' };

static void check(const Statement& statement, Context& context) {
  auto* alter = statement.as<AlterDomainStmt>();
  if (!alter || (alter->subtype != adds_constraint && alter->subtype != sets_not_null)) return;
  auto* constraint = as<Constraint>(alter->def);
  if (alter->subtype == adds_constraint && (!constraint || constraint->skip_validation)) return;
  const RelationImpact* read = nullptr;
  for (const RelationImpact& relation : context.impact().relations) {
    if (relation.scan && relation.existing && !read) read = &relation;
  }
  if (!read) return;
  std::string domain = display_name(qualified_name(alter->typeName));
  bool is_check = constraint && constraint->contype == CONSTR_CHECK;
  auto& finding = context.report(
      statement.span, std::string(is_check ? "a new CHECK" : "NOT NULL") + " of the domain " + domain + " reads " +
                          read->name + " and all others that use it, and " + lock_clause(context, read->name));
  finding.help =
      is_check
          ? "Add it NOT VALID: new rows are checked from then on, and no row is read. VALIDATE CONSTRAINT on a "
            "domain takes the same lock and reads the same rows."
          : "Set NOT NULL on the columns instead, each by way of a CHECK (... IS NOT NULL) that is added NOT VALID "
            "and then validated.";
  if (is_check) finding.fix = Fix{"Add NOT VALID", Fix::Safety::unsafe, {append(statement, " NOT VALID")}};
}

Rule rule() {
  RelationImpact read{.name = "customers", .lock = LockMode::share, .scan = true};
  return {
      .info =
          {.id = "alter-domain-constraint-validating",
           .title = "A constraint of a domain that reads every table which uses it",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
`ALTER DOMAIN ... ADD CHECK` and `SET NOT NULL` hold SHARE on every table that has a column of the domain and read all their
rows: writes to all of them wait until the last is read (12 to 18). With `NOT VALID` nothing is read. There is no way without: `ALTER
DOMAIN ... VALIDATE CONSTRAINT` takes SHARE and reads as well.)",
           .instead = R"(
`ALTER DOMAIN ... ADD CONSTRAINT ... CHECK (...) NOT VALID`, and for the rows that are there a CHECK of the table, which
`VALIDATE CONSTRAINT` proves while writes go on.)",
           .since = "0.1.0",
           .setup = "CREATE DOMAIN email AS text;\nCREATE TABLE customers (id bigint, mail email);\nCREATE DOMAIN "
                    "unused AS text;",
           .bad = {{.sql = "ALTER DOMAIN email ADD CONSTRAINT filled CHECK (value <> '');", .locks = {{read}}},
                   {.sql = "ALTER DOMAIN email ADD CHECK (value <> '');", .locks = {{read}}},
                   {.sql = "ALTER DOMAIN email SET NOT NULL;", .locks = {{read}}}},
           .good =
               {{.sql = "ALTER DOMAIN email ADD CONSTRAINT filled CHECK (value <> '') NOT VALID;"},
                {.sql = "ALTER DOMAIN unused ADD CHECK (value <> '');"},
                {.sql = "ALTER DOMAIN email DROP NOT NULL;"},
                {.sql = "CREATE DOMAIN word AS text;\nCREATE TABLE words (w word);\nALTER DOMAIN word SET NOT NULL;"}}},
      .nodes = {T_AlterDomainStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::alter_domain_constraint_validating
