// SPDX-License-Identifier: Apache-2.0
#include "tests/report/fixture.h"

#include <catch2/catch_test_macros.hpp>

namespace pgrehearse::fixture {
namespace {

uint32_t add(Report& report, std::string path, std::string text) {
  return report.add_file(std::make_shared<SourceFile>(std::move(path), std::move(text)));
}

Finding finding(std::string_view id, Severity severity, uint32_t file, Span span, std::string message,
                std::string help) {
  Finding result;
  result.rule = id;
  result.severity = severity;
  result.file = file;
  result.span = span;
  result.message = std::move(message);
  result.help = std::move(help);
  return result;
}

Outcome outcome(Step step, Verdict verdict, double seconds = 0, std::string reason = {}) {
  Outcome result;
  result.step = step;
  result.verdict = verdict;
  result.seconds = seconds;
  result.reason = std::move(reason);
  return result;
}

const std::vector<RuleInfo>& rules() {
  static const std::vector<RuleInfo> all = [] {
    std::vector<RuleInfo> rules{
        own_rule(
            "add-column-not-null-no-default", Category::compatibility, Severity::error,
            "A NOT NULL column without a default",
            "Adding the column fails as soon as the table has a row.\n\nAn old release that does not know the column "
            "cannot insert any more.",
            "Add the column with a default, or add it nullable and fill it in batches."),
        own_rule("create-index-not-concurrently", Category::locks, Severity::error,
                 "CREATE INDEX without CONCURRENTLY on an existing table",
                 "`CREATE INDEX` takes a lock that blocks all writes until the index is built.",
                 "```sql\nCREATE INDEX CONCURRENTLY ...\n```"),
        own_rule("missing-lock-timeout", Category::locks, Severity::warning, "A strong lock without lock_timeout",
                 "A statement that waits for its lock makes all later ones wait.", "`SET lock_timeout = '2s';`"),
        own_rule("role-password-literal", Category::secrets, Severity::error, "A password in the text of a migration",
                 "Whoever can read the repository can log in.", "Set the password outside of the migrations."),
        own_rule("update-unbatched", Category::data, Severity::info, "All rows of a table updated at once",
                 "Row locks are held, and dead rows kept, until the end.", "Update in batches by key."),
    };
    rules[3].security_severity = 9.1;
    return rules;
  }();
  return all;
}

}  // namespace

Report report() {
  Report report;
  report.tool_version = "0.1.0";
  report.server_version = "16.4";
  report.statements = 11;
  report.suppressed = 1;
  for (const RuleInfo& rule : rules()) report.rules.push_back(&rule);

  uint32_t customers =
      add(report, "db/V001__create_customers.sql",
          "CREATE TABLE IF NOT EXISTS customers (\n  id bigint PRIMARY KEY,\n  name text NOT NULL\n);\n");
  uint32_t index = add(report, "db/V002__index.sql",
                       "SET search_path = shop;\r\nCREATE INDEX customers_name_idx ON customers (name);\r\n");
  uint32_t orders = add(report, "db/V003__orders.sql",
                        "-- Bestellungen, r\xC3\xBC"
                        "ckw\xC3\xA4rts \xF0\x9F\x98\x80 \xE6\xB3\xA8\xE6\x96\x87\n"
                        "\tALTER TABLE \"\xF0\x9F\x98\x80 \xE6\xB3\xA8\xE6\x96\x87\" ADD COLUMN total numeric NOT "
                        "NULL; -- e\xCC\x81t\xC3\xA9\n"
                        "UPDATE customers\n   SET name = upper(name),\n       seen = now()\n WHERE name IS NOT NULL\n"
                        "   AND id > 0;\n");
  uint32_t rollback = add(report, "db/V003__rollback_orders.sql", "ALTER TABLE orders DROP COLUMN totl;\n");
  std::string role = "CREATE ROLE app LOGIN PASSWORD 'hunter2'; SELECT 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';\n";
  uint32_t secrets = add(report, "db/V004__roles.sql", role + "-- was ghp_16C7e42F292c6912E7710c838347Ae178B4a\n");
  uint32_t hostile = add(report, "db/::error::%0A,x\x1b[31m <&\"]]>\xE2\x80\xAE\xFF.sql",
                         "SELECT '\x1b]0;owned\x07 ##[error]x ##vso[task.x] \xE2\x80\xAEtxt ' || $$]]>$$ AS " +
                             std::string(150, 'x') + ", 1 AS \"<b>&amp;\" FROM t;\n");

  Finding f = finding("create-index-not-concurrently", Severity::error, index, find(report, index, "INDEX"),
                      "building index customers_name_idx blocks all writes to customers (SHARE) until it is done",
                      "Use CREATE INDEX CONCURRENTLY, in a migration of its own that runs outside a transaction.");
  uint32_t after = find(report, index, "INDEX").end;
  f.fix = Fix{"Add CONCURRENTLY", Fix::Safety::safe, {{{after, after}, " CONCURRENTLY"}}};
  f.related = {{customers, find(report, customers, "customers"), "the table is created here"}};
  report.findings.push_back(f);

  f = finding("add-column-not-null-no-default", Severity::error, orders, find(report, orders, "NOT NULL"),
              "column total is NOT NULL without a default: adding it fails when the table has rows",
              "Give it a default:\n  ALTER TABLE ... ADD COLUMN total numeric NOT NULL DEFAULT 0;");
  report.findings.push_back(f);
  f = finding("update-unbatched", Severity::info, orders,
              {find(report, orders, "UPDATE").begin, find(report, orders, "> 0").end},
              "all rows of customers are updated in one transaction", "Update in batches by key.");
  f.fix = Fix{"Split into batches", Fix::Safety::unsafe, {{find(report, orders, "UPDATE"), "DO $$ UPDATE"}}};
  report.findings.push_back(f);

  f = finding("role-password-literal", Severity::error, secrets, find(report, secrets, "'hunter2'"),
              "the password of role app is written in the migration", "Set it with \\password or from a secret store.");
  f.redact = {find(report, secrets, "hunter2")};
  f.fix = Fix{"Hash it", Fix::Safety::safe, {{f.span, "'SCRAM of hunter2'"}}};
  report.findings.push_back(f);
  f = finding("missing-lock-timeout", Severity::warning, secrets, find(report, secrets, "SELECT"),
              "syntax error at or near \"hunter2\"", "Set lock_timeout first.");
  report.findings.push_back(f);
  f = finding("secret-in-literal", Severity::error, secrets, find(report, secrets, token),
              "a GitHub token is written in the migration", "Revoke it.");
  f.redact = {f.span};
  report.findings.push_back(f);

  f = finding("missing-lock-timeout", Severity::warning, hostile, find(report, hostile, "FROM t"),
              "::error::x\n##[group]y \x1b[2J [click](http://evil) 100%0A\r::set-output name=a::b ]]> <b> \xC0\xAF",
              "::stop-commands::x\n  ::error::y");
  report.findings.push_back(f);

  MigrationReport first{"001", "V001 create_customers", customers, {}};
  for (int step = 0; step < step_count; ++step)
    first.outcomes.push_back(outcome(static_cast<Step>(step), Verdict::passed, 0.004));
  ObservedStatement statement{find(report, customers, "CREATE TABLE IF NOT EXISTS customers"), 0.0031, {}};
  statement.impact.relations.push_back({"customers", LockMode::access_exclusive, true, false, false, false});
  first.outcomes[0].statements.push_back(statement);
  first.measures.objects = {{"column", 2, 0, 0}, {"constraint", 1, 0, 0}, {"table", 1, 0, 0}};
  first.measures.reads_blocked = 0.0;
  first.measures.writes_blocked = 0.0005;
  report.migrations.push_back(first);

  MigrationReport second{"002", "V002 index", index, {}};
  second.outcomes.push_back(outcome(Step::apply, Verdict::passed, 1.25));
  second.outcomes.push_back(
      outcome(Step::reapply, Verdict::warned, 0.002, "relation \"customers_name_idx\" already exists"));
  second.outcomes.back().cause = Cause::error;
  second.outcomes.back().sqlstate = "42P07";
  second.outcomes.back().file = index;
  second.outcomes.back().span = find(report, index, "CREATE INDEX customers_name_idx ON customers (name)");
  for (Step step : {Step::rollback, Step::rollback_again, Step::apply_again}) {
    second.outcomes.push_back(outcome(step, Verdict::skipped, 0, "the migration has no down part"));
  }
  report.migrations.push_back(second);

  MigrationReport third{"003", "V003 orders", orders, {}};
  third.outcomes.push_back(outcome(Step::apply, Verdict::passed, 0.021));
  third.outcomes.push_back(
      outcome(Step::reapply, Verdict::failed, 0.013, "column total of customers was added once more"));
  third.outcomes.back().cause = Cause::schema_changed;
  third.outcomes.back().difference =
      "--- after apply\n+++ after re-apply\n@@ table customers @@\n   name text NOT NULL\n-  total numeric\n"
      "+  total numeric DEFAULT 'hunter2'\n+  ::error::evil ##[error]x\n";
  third.outcomes.push_back(
      outcome(Step::rollback, Verdict::failed, 0.002, "column \"totl\" of relation \"orders\" does not exist"));
  third.outcomes.back().cause = Cause::error;
  third.outcomes.back().sqlstate = "42703";
  third.outcomes.back().detail =
      "DETAIL: Key (token)=(ghp_16C7e42F292c6912E7710c838347Ae178B4a)\nHINT: ::error::mend the name";
  third.outcomes.back().file = rollback;
  third.outcomes.back().span = find(report, rollback, "totl");
  for (Step step : {Step::rollback_again, Step::apply_again}) {
    third.outcomes.push_back(outcome(step, Verdict::skipped, 0, "the roll-back failed"));
  }
  third.measures.waits = {
      {"customers", true, 1.2345, Step::apply, orders, find(report, orders, "ALTER TABLE")},
      {"customers", false, 0.8125, Step::rollback, rollback, find(report, rollback, "ALTER TABLE orders DROP")},
      {"orders", true, 0.25, Step::apply, secrets, {0, static_cast<uint32_t>(role.size())}},
      {"app.\x1b[2J\"logs\"", false, 0.02, Step::apply, {}, {}}};
  report.migrations.push_back(third);

  report.errors.push_back({Error::Kind::environment, "could not open file \"db/V005__\x1b[2Jx.sql\": Permission denied",
                           "Make the file readable."});
  report.notes.push_back("db: 4 migrations in the layout V<version>__<name>.sql");
  report.finish();
  return report;
}

Report report_of_majors() {
  Report majors = report();
  std::vector<MigrationReport> older{majors.migrations[0], majors.migrations[1]};
  older[1].outcomes[1].verdict = Verdict::failed;
  majors.other_servers.push_back({"14.12", std::move(older)});
  return majors;
}

Report clean_report() {
  Report report;
  report.tool_version = "0.1.0";
  report.statements = 1;
  for (const RuleInfo& rule : rules()) report.rules.push_back(&rule);
  add(report, "db/V001__create_customers.sql", "CREATE TABLE IF NOT EXISTS customers (id bigint PRIMARY KEY);\n");
  return report;
}

Span find(const Report& report, uint32_t file, std::string_view text) {
  size_t begin = report.files[file]->text().find(text);
  REQUIRE(begin != std::string_view::npos);
  return {static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + text.size())};
}

std::string write(std::string_view format, const Report& report, const ReportOptions& options) {
  const Format* found = find_format(format);
  REQUIRE(found);
  Sink out;
  found->write(report, options, out);
  return out.text;
}

}  // namespace pgrehearse::fixture
