// SPDX-License-Identifier: Apache-2.0
// What the rules' examples claim and what impact predicts for them, held against a real server: each example of each
// rule is run there, and the locks, rewrites, scans and errors that are seen must be those.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <utility>

#include "impact/agreement.h"
#include "impact/forecast.h"
#include "linter/example.h"
#include "rules/all_rules.h"
#include "runner/apply.h"
#include "runner/blocker.h"
#include "runner/server.h"
#include "runner/trace.h"
#include "sql/script.h"
#include "tests/claims.h"

namespace pgrehearse::test {
namespace {

/// One row in each table that takes it, the same value everywhere, so that foreign keys hold: on empty tables a server
/// need not read, look up or refuse anything.
constexpr const char* fill = R"(
do $$
declare t record; names text; vals text;
begin
  for t in select c.oid, c.oid::regclass as name from pg_class c
           where c.relkind = 'r' and c.oid >= 16384 and c.relpersistence <> 't' order by c.oid loop
    select string_agg(quote_ident(a.attname), ', '),
           string_agg(case when b.typcategory = 'N' then '1' when b.typcategory = 'B' then 'true'
                           when b.typcategory = 'D' then quote_literal('2025-01-02')
                           when b.typname = 'uuid' then quote_literal('00000000-0000-0000-0000-000000000001')
                           when b.typname in ('json', 'jsonb') then quote_literal('{}')
                           when b.typcategory = 'A' then quote_literal('{}')
                           when b.typcategory = 'S' then quote_literal('1')
                           when b.typcategory = 'E' then (select quote_literal(enumlabel) from pg_enum
                                                          where enumtypid = b.oid order by enumsortorder limit 1)
                           else 'null' end, ', ')
      into names, vals
      from pg_attribute a join pg_type d on d.oid = a.atttypid
      join pg_type b on b.oid = case when d.typtype = 'd' then d.typbasetype else d.oid end
      where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '';
    continue when names is null;
    begin
      execute format('insert into %s (%s) overriding system value values (%s)', t.name, names, vals);
    exception when others then null;
    end;
  end loop;
  for t in select c.oid from pg_class c where c.relkind = 'S' and c.oid >= 16384 and c.relpersistence <> 't' loop
    perform setval(t.oid, 1000);
  end loop;
end $$)";

/// Takes back what an example made, as far as that goes without a new server.
constexpr const char* clean = R"(
do $$
declare r record;
begin
  execute format('drop owned by %I cascade', (select a.rolname from pg_roles a join pg_database d on d.datdba = a.oid
                                              where d.datname = current_database()));
  for r in select rolname from pg_roles where oid >= 16384
           and oid not in (select datdba from pg_database) and rolname <> current_user loop
    execute format('drop owned by %I cascade', r.rolname);
    execute format('drop role %I', r.rolname);
  end loop;
  for r in select amname from pg_am where oid >= 16384 loop
    execute format('drop access method %I cascade', r.amname);
  end loop;
end $$)";

/// What is there beside the system's own, and whom it belongs to.
constexpr const char* inventory = R"(
select concat_ws(' ',
  (select count(*) from pg_class where oid >= 16384), (select count(*) from pg_type where oid >= 16384),
  (select count(*) from pg_proc where oid >= 16384), (select count(*) from pg_namespace where oid >= 16384),
  (select count(*) from pg_extension), (select count(*) from pg_publication), (select count(*) from pg_event_trigger),
  (select count(*) from pg_default_acl), (select count(*) from pg_db_role_setting),
  (select string_agg(concat_ws(' ', rolname, rolsuper, rolbypassrls), ',' order by rolname) from pg_roles
   where oid >= 16384),
  (select string_agg(concat_ws(' ', datname, datacl::text), ',' order by datname) from pg_database),
  (select string_agg(concat_ws(' ', nspname, nspacl::text), ',' order by nspname) from pg_namespace
   where nspname !~ '^pg_')))";

struct Run {
  std::vector<Forecast> forecasts;
  Applied applied;
  std::string setup_error;  ///< SQLSTATE of an earlier file that failed; the last one was then not run
};

class Bench {
 public:
  Bench() {
    ServerOptions options;
    options.superuser = true;
    auto started = start_server(options);
    if (!started) FAIL(started.error().message);
    server_ = std::move(*started);
  }
  int major() const { return server_->version_number() / 10000; }
  const std::string& version() const { return server_->version(); }

  /// Runs the set on an empty database, the last migration watched. `context`: what others made there.
  Run run(const MigrationSet& set, std::string_view context) {
    auto observer = empty_database();
    auto session = server_->connect_migration();
    REQUIRE(observer);
    REQUIRE(session);
    if (!context.empty()) {
      auto made = session->run(std::string(context));
      INFO((made ? "" : made.error().one_line()));
      REQUIRE(made);
    }
    Run result;
    SchemaState state;
    for (uint32_t i = 0; i < set.migrations.size(); ++i) {
      const Part& part = set.migrations[i].up;
      bool last = i + 1 == set.migrations.size();
      state.begin_migration(i);
      auto forecasts = forecast(part, state, major());
      if (!last) {
        Applied applied = apply_part(*session, part, nullptr, {});
        INFO(part.file->path() << ": " << applied.error.one_line());
        if (!applied.succeeded) result.setup_error = applied.error.sqlstate;
        if (!applied.succeeded) return result;
        continue;
      }
      auto filled = observer->run(fill);
      INFO((filled ? "" : filled.error().one_line()));
      REQUIRE(filled);
      Tracer tracer(*observer);
      REQUIRE(tracer.watch(*session));
      result.forecasts = std::move(forecasts);
      result.applied = apply_part(*session, part, &tracer, {});
    }
    return result;
  }

  /// The last migration again, in a session of its own.
  Applied again(const MigrationSet& set) {
    auto session = server_->connect_migration();
    REQUIRE(session);
    return apply_part(*session, set.migrations.back().up, nullptr, {});
  }

  /// The last statement, held back by an open write while it is looked at. The ones before it have run.
  Impact run_behind_writer(const MigrationSet& set, std::string_view context) {
    MigrationSet before = set;
    Part& part = before.migrations.back().up;
    Script script(part.file, part.section);
    const StatementSpan& last = script.statements().back();
    std::string statement(last.span.in(script.text()));
    part.section.end = last.span.begin;
    run(before, context);
    auto observed = observe_behind_writer(*server_, statement);
    REQUIRE(observed);
    return *observed;
  }

 private:
  /// A new server costs a tenth of a second: what can be swept out of the old one is.
  Result<Connection> empty_database() {
    if (!inventory_.empty()) {
      auto observer = server_->connect_observer();
      REQUIRE(observer);
      auto found = observer->run(clean) ? observer->run(inventory) : SqlResult<Rows>(Rows());
      if (found && found->size() == 1 && found->at(0, 0) == inventory_) return observer;
    }
    REQUIRE(server_->reset());
    auto observer = server_->connect_observer();
    REQUIRE(observer);
    auto found = observer->run(inventory);
    REQUIRE(found);
    inventory_ = found->at(0, 0);
    return observer;
  }

  std::unique_ptr<Server> server_;
  std::string inventory_;
};

bool is_concurrent(std::string_view statement) {
  std::string upper(statement);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper.find("CONCURRENTLY") != std::string::npos;
}

std::string shown(const std::vector<RelationImpact>& relations) {
  std::string text;
  for (const RelationImpact& relation : relations) {
    text += relation.name + "=" + std::string(lock_json_name(relation.lock));
    if (relation.rewrite) text += " rewrite";
    if (relation.scan) text += " scan";
    text += "; ";
  }
  return text.empty() ? "nothing" : text;
}

/// What the last statement did. Locks that its transaction held before count where they are claimed, too.
std::vector<RelationImpact> at_the_end(const Run& run, const std::vector<RelationImpact>& claimed) {
  if (run.applied.statements.empty()) return {};
  std::vector<RelationImpact> relations = run.applied.statements.back().impact.relations;
  size_t last = run.forecasts.size() - 1;
  for (size_t i = 0; i < last && i < run.applied.statements.size(); ++i) {
    if (run.forecasts[i].held_until < last) continue;
    for (const RelationImpact& before : run.applied.statements[i].impact.relations) {
      auto found = std::ranges::find(relations, before.name, &RelationImpact::name);
      if (found != relations.end()) found->lock = std::max(found->lock, before.lock);
      bool is_claimed = std::ranges::find(claimed, before.name, &RelationImpact::name) != claimed.end();
      if (found == relations.end() && is_claimed) relations.push_back({.name = before.name, .lock = before.lock});
    }
  }
  std::ranges::sort(relations, {}, &RelationImpact::name);
  return relations;
}

bool claimed_equals(std::vector<RelationImpact> claimed, const std::vector<RelationImpact>& seen) {
  std::ranges::sort(claimed, {}, &RelationImpact::name);
  return std::ranges::equal(claimed, seen, [&](const RelationImpact& a, const RelationImpact& b) {
    return a.name == b.name && a.lock == b.lock && a.rewrite == b.rewrite && a.scan == b.scan;
  });
}

/// Rules whose examples show what is written; what a server does with it is not what they claim.
bool is_about_text(Category category) { return category == Category::secrets || category == Category::privileges; }

/// A schema, table, column, function, role or database that nobody has made.
bool wants_more(std::string_view sqlstate) {
  static constexpr std::string_view codes[] = {"3D000", "3F000", "42P01", "42703", "42704", "42883", "22023"};
  return std::ranges::find(codes, sqlstate) != std::end(codes);
}

/// Checks one example. Returns whether anything was checked: a claim, or else what the model says of its last
/// statement.
bool check_example(Bench& bench, const RuleInfo& rule, const Example& example, bool bad) {
  auto set = example_set(rule, example);
  REQUIRE(set);
  if (set->migrations.empty() || example.min_server > bench.major()) return true;
  INFO(rule.id << " on " << bench.version() << ": " << example.sql);
  std::string_view context = context_of(rule.id, example.sql);
  Run run = bench.run(*set, context);
  if (!run.setup_error.empty()) {
    CHECK((rule.category != Category::locks && wants_more(run.setup_error)));
    return true;
  }

  const Part& part = set->migrations.back().up;
  Script script(part.file, part.section);
  bool all_parsed = run.forecasts.size() == script.statements().size();
  Agreement agreement(run.forecasts);
  bool held_against = false;  // what the last statement does, by the model
  for (size_t i = 0; all_parsed && i < run.applied.statements.size(); ++i) {
    bool last = i + 1 == run.applied.statements.size();
    Comparison compared = agreement.compare(i, run.applied.statements[i].impact, last && !run.applied.succeeded);
    held_against = compared.verdict == Comparison::Verdict::equal;
    INFO("statement " << run.forecasts[i].span.in(script.text()));
    for (const Disagreement& difference : compared.differences) {
      bool unseen = !context.empty() && difference.predicted.lock == LockMode::none;  // an index that others made
      if (!unseen) FAIL_CHECK(difference.text());
    }
    const std::string& predicted = run.forecasts[i].impact.sqlstate;
    if (!predicted.empty()) CHECK(predicted == (last ? run.applied.error.sqlstate : ""));
  }

  // Nothing can be claimed of what the files do not tell, nor of what is refused for the rows that are there.
  bool cannot = !context.empty() || !expected_failure(rule.id, example.sql).empty() ||
                (!run.forecasts.empty() && !run.forecasts.back().impact.known);
  bool claims = example.locks.made || !example.sqlstate.empty() || held_against || cannot;
  if (!example.sqlstate.empty()) {
    std::string seen = run.applied.error.sqlstate;
    if (run.applied.succeeded) seen = bench.again(*set).error.sqlstate;
    CHECK(seen == example.sqlstate);
  } else if (!run.applied.succeeded && is_about_text(rule.category)) {
    // Secrets and rights: psql's variables, hosts and roles of somebody's.
  } else if (!run.applied.succeeded && rule.category != Category::locks &&
             (bad || wants_more(run.applied.error.sqlstate))) {
    // What other rules find often fails: that is why they find it. And their good examples show what is written, not
    // all that must be there for it.
  } else if (!run.applied.succeeded) {
    INFO(run.applied.error.one_line());
    CHECK(expected_failure(rule.id, example.sql) == run.applied.error.sqlstate);
  }
  if (!example.locks.made || !run.applied.succeeded) return claims;
  std::vector<RelationImpact> claimed = claimed_impact(example);
  REQUIRE_FALSE(script.statements().empty());
  std::vector<RelationImpact> seen = at_the_end(run, claimed);
  bool released = !run.applied.statements.empty() && !run.applied.statements.back().impact.known;
  if (released && !is_concurrent(script.statements().back().span.in(script.text()))) {
    // REINDEX and CLUSTER let go at once: inside a transaction they can be looked at.
    MigrationSet enclosed = *set;
    enclosed.migrations.back().up.mode = RunMode::transaction;
    seen = at_the_end(bench.run(enclosed, context), claimed);
  }
  if (is_concurrent(script.statements().back().span.in(script.text()))) {
    // Once a second the session hands its counts over, and a scan may then not be seen.
    for (int attempt = 0; attempt < 3; ++attempt) {
      seen = bench.run_behind_writer(*set, context).relations;
      if (claimed_equals(claimed, seen)) break;
    }
  }
  INFO("claimed " << shown(claimed));
  INFO("seen    " << shown(seen));
  CHECK(claimed_equals(claimed, seen));
  return claims;
}

struct Form {
  std::string given, sql;
};

/// docs/locks-forms.sql: the tables, then the forms.
std::pair<std::string, std::vector<Form>> locks_forms() {
  std::ifstream file(PGREHEARSE_SOURCE_DIR "/docs/locks-forms.sql");
  REQUIRE(file);
  std::string setup;
  std::vector<Form> forms;
  bool in_setup = true;
  std::string given;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("-- section: ")) in_setup = false;
    if (line.starts_with("-- given: ")) given = line.substr(10);
    if (line.empty() || line.starts_with("--")) continue;
    if (in_setup) {
      setup += line + "\n";
    } else {
      forms.push_back({std::exchange(given, {}), line});
    }
  }
  return {setup, forms};
}

MigrationSet set_of(const std::string& before, const std::string& sql, RunMode mode) {
  MigrationSet set;
  for (const std::string* text : {&before, &sql}) {
    Migration& migration = set.migrations.emplace_back();
    migration.up.file = std::make_shared<const SourceFile>(text == &sql ? "form.sql" : "before.sql", *text);
    migration.up.section = {0, static_cast<uint32_t>(text->size())};
    migration.up.mode = text == &sql ? mode : RunMode::statements;
  }
  return set;
}

}  // namespace

TEST_CASE("each form of docs/locks.md does on a server what the page says", "[server][claims]") {
  Bench bench;
  auto [setup, forms] = locks_forms();
  REQUIRE(forms.size() > 80);
  for (const Form& form : forms) {
    INFO(bench.version() << ": " << form.sql << " after " << form.given);
    bool alone = is_concurrent(form.sql) && !form.sql.starts_with("REFRESH");
    bool vacuum = form.sql.starts_with("VACUUM");
    auto set = set_of(setup + form.given, form.sql, alone || vacuum ? RunMode::statements : RunMode::transaction);
    Run run = bench.run(set, {});
    REQUIRE(run.forecasts.size() == 1);
    const Impact& predicted = run.forecasts[0].impact;
    CHECK(predicted.known);
    CHECK(predicted.sqlstate == run.applied.error.sqlstate);
    if (!run.applied.succeeded || vacuum) continue;
    // DETACH ... CONCURRENTLY waits between two transactions, with no lock: cases.txt has it.
    if (form.sql.find("DETACH") != std::string::npos && alone) continue;
    if (alone) {
      auto locks_of = [](const Impact& impact) {
        std::map<std::string, LockMode> locks;
        for (const RelationImpact& relation : impact.relations) {
          if (relation.lock != LockMode::none) locks[relation.name] = relation.lock;
        }
        return locks;
      };
      CHECK(locks_of(predicted) == locks_of(bench.run_behind_writer(set, {})));
      continue;
    }
    Comparison compared = Agreement(run.forecasts).compare(0, run.applied.statements.at(0).impact);
    for (const Disagreement& difference : compared.differences) FAIL_CHECK(difference.text());
  }
}

TEST_CASE("each example does on a server what it claims and what impact predicts", "[server][claims]") {
  Bench bench;
  std::string only = std::getenv("PGREHEARSE_CLAIMS_OF") ? std::getenv("PGREHEARSE_CLAIMS_OF") : "";
  int examples = 0;
  for (const Rule& rule : all_rules()) {
    if (!only.empty() && rule.info.id != only) continue;
    if (!why_not_run(rule.info.id).empty()) continue;
    for (const Example& example : rule.info.bad) {
      bool claims = check_example(bench, rule.info, example, true);
      ++examples;
      INFO(rule.info.id << ": " << example.sql);
      if (rule.info.category == Category::locks && !claims) CHECK(!why_without_claims(rule.info.id).empty());
    }
    for (const Example& example : rule.info.good) {
      check_example(bench, rule.info, example, false);
      ++examples;
    }
  }
  if (only.empty()) CHECK(examples > 300);
}

}  // namespace pgrehearse::test
