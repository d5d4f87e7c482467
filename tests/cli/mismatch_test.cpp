// SPDX-License-Identifier: Apache-2.0
#include "cli/mismatch.h"

#include <catch2/catch_test_macros.hpp>

namespace pgrehearse {
namespace {

constexpr std::string_view text =
    "CREATE TABLE orders (id bigint);\n"
    "ALTER TABLE customers ADD COLUMN note text;\n"
    "CREATE INDEX customers_note ON customers (note);\n";

/// A set of one migration, and the report of a rehearsal that saw what is given for the last two statements.
struct Rehearsed {
  MigrationSet set;
  Report report;

  Rehearsed(RelationImpact altered, RelationImpact indexed, Verdict verdict = Verdict::passed) {
    auto file = std::make_shared<const SourceFile>("001_note.sql", std::string(text));
    Migration migration;
    migration.version = "001";
    migration.up = {file, {0, static_cast<uint32_t>(text.size())}, RunMode::statements, false};
    set.migrations.push_back(migration);
    report.server_version = "18.4";
    MigrationReport one;
    one.version = "001";
    one.name = migration.display_name();
    one.file = report.add_file(file);
    Outcome apply;
    apply.verdict = verdict;
    apply.statements = {
        {statement("CREATE TABLE"), 0, {}}, {statement("ALTER TABLE"), 0, {}}, {statement("CREATE INDEX"), 0, {}}};
    apply.statements[1].impact.relations.push_back(std::move(altered));
    apply.statements[2].impact.relations.push_back(std::move(indexed));
    one.outcomes.push_back(std::move(apply));
    report.migrations.push_back(std::move(one));
    report_mismatches(set, report);
  }

  static Span statement(std::string_view begin) {
    size_t at = text.find(begin);
    return {static_cast<uint32_t>(at), static_cast<uint32_t>(text.find(';', at))};
  }
};

RelationImpact seen(LockMode lock, bool rewrite, bool scan) {
  return {.name = "customers", .lock = lock, .rewrite = rewrite, .scan = scan};
}

}  // namespace

TEST_CASE("a rehearsal that saw what impact predicts says nothing") {
  Rehearsed run(seen(LockMode::access_exclusive, false, false), seen(LockMode::share, false, true));
  CHECK(run.report.findings.empty());
  CHECK(run.report.rules.empty());
  CHECK(hold_against_impact(run.set, run.report).size() == 3);
}

TEST_CASE("a rewrite that impact did not predict is an info about the model, at its statement") {
  Rehearsed run(seen(LockMode::access_exclusive, true, true), seen(LockMode::share, false, true));
  REQUIRE(run.report.findings.size() == 1);
  const Finding& finding = run.report.findings.front();
  CHECK(finding.rule == "impact-mismatch");
  CHECK(finding.severity == Severity::info);
  CHECK(finding.span == Rehearsed::statement("ALTER TABLE"));
  CHECK(finding.message.starts_with("PostgreSQL 18.4 did something else here than the model says: "));
  CHECK(finding.message.find("customers") != std::string::npos);
  CHECK(run.report.rule("impact-mismatch") != nullptr);
}

TEST_CASE("a weaker lock than impact predicts is a mismatch too") {
  Rehearsed run(seen(LockMode::access_exclusive, false, false), seen(LockMode::share_update_exclusive, false, true));
  REQUIRE(run.report.findings.size() == 1);
  CHECK(run.report.findings.front().span == Rehearsed::statement("CREATE INDEX"));
}

TEST_CASE("what a failing statement did is not held against impact, unless impact said how it fails") {
  Rehearsed run(seen(LockMode::access_exclusive, false, false), seen(LockMode::share, false, false), Verdict::failed);
  CHECK(run.report.findings.empty());
}

TEST_CASE("without a server there is nothing to hold against impact") {
  Report report;
  MigrationSet set;
  report_mismatches(set, report);
  CHECK(report.findings.empty());
}

}  // namespace pgrehearse
