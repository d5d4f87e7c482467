// SPDX-License-Identifier: Apache-2.0
// What the rules' examples claim about locks, rewrites, scans and errors, held against servers.
#include <libpq-fe.h>

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <memory>
#include <stdexcept>

#include "../impact/observer.h"
#include "linter/rule.h"
#include "rules/all_rules.h"
#include "sql/script.h"

using namespace pgrehearse;

namespace {

class Session {
 public:
  explicit Session(const std::string& conninfo) : connection_(PQconnectdb(conninfo.c_str()), PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
    PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
  }
  int major() const { return PQserverVersion(connection_.get()) / 10000; }
  /// The SQLSTATE, or empty when it went well.
  std::string execute(const std::string& sql) {
    Result result(PQexec(connection_.get(), sql.c_str()), PQclear);
    ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY) return {};
    const char* code = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    return code ? code : "?????";
  }
  void must(const std::string& sql) {
    if (!execute(sql).empty()) throw std::runtime_error(PQerrorMessage(connection_.get()) + (" in: " + sql));
  }
  std::vector<std::vector<std::string>> query(const std::string& sql) {
    Result result(PQexec(connection_.get(), sql.c_str()), PQclear);
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
    std::vector<std::vector<std::string>> rows(static_cast<size_t>(PQntuples(result.get())));
    for (size_t i = 0; i < rows.size(); ++i) {
      for (int j = 0; j < PQnfields(result.get()); ++j) {
        rows[i].emplace_back(PQgetvalue(result.get(), static_cast<int>(i), j));
      }
    }
    return rows;
  }

 private:
  using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

std::vector<std::string> statements(std::string_view sql) {
  Script script(std::make_shared<const SourceFile>("example.sql", std::string(sql)));
  std::vector<std::string> result;
  for (const auto& statement : script.statements()) result.emplace_back(statement.span.in(script.text()));
  return result;
}

struct Seen {
  std::string failed_early = {};  ///< a statement before the last one
  std::string sqlstate = {};
  std::vector<RelationImpact> relations = {};
  std::vector<std::string> empty = {};  ///< relations without rows, where no reading can be seen
};

struct Relation {
  std::string name, filenode;
  long tuples = 0;
};

/// Each table gets a row, so that reading it can be seen.
void fill(Session& session) {
  for (const auto& table : session.query("SELECT oid::regclass, oid FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                                         " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY pg_class.oid")) {
    std::string columns, values;
    for (const auto& column : session.query(
             "SELECT quote_ident(attname), CASE WHEN t::text LIKE 'date%' OR t::text LIKE 'timestamp%' THEN $$'2025-06-01'$$"
             " WHEN t::text = 'tsrange' THEN $$'[2025-06-01,2025-06-02)'$$ ELSE $$'1'$$ END"
             " FROM pg_attribute, CAST(atttypid AS regtype) AS t WHERE attrelid = " + table[1] +
             " AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = ''")) {
      columns += (columns.empty() ? "" : ", ") + column[0];
      values += (values.empty() ? "" : ", ") + column[1];
    }
    session.execute("INSERT INTO " + table[0] + " (" + columns + ") VALUES (" + values + ")");
  }
}

Seen replay(Session& session, const RuleInfo& info, const Example& example, bool with_rows) {
  session.execute("ROLLBACK");
  session.must("DISCARD ALL");
  session.must("DROP SCHEMA IF EXISTS public CASCADE");
  session.must("CREATE SCHEMA public");
  for (const std::string& sql : statements(info.setup)) session.must(sql);
  if (with_rows) fill(session);

  auto all = statements(example.sql);
  std::string last = all.back();
  all.pop_back();
  if (example.in_transaction) session.must("BEGIN");
  for (const std::string& sql : all) {
    if (std::string error = session.execute(sql); !error.empty()) return {.failed_early = error + " in " + sql};
  }
  if (!example.locks) return {.sqlstate = session.execute(last)};

  if (!example.in_transaction) session.execute("BEGIN");
  auto relations = [&] {
    std::map<std::string, Relation> found;
    for (const auto& row : session.query(
             "SELECT oid, oid::regclass, coalesce(pg_relation_filenode(oid), 0),"
             " coalesce(pg_stat_get_xact_tuples_returned(oid), 0) FROM pg_class"
             " WHERE relnamespace = 'public'::regnamespace AND relkind <> 'c'")) {
      found[row[0]] = {row[1], row[2], std::stol(row[3])};
    }
    return found;
  };
  auto locks = [&] {
    std::map<std::string, LockMode> found;
    for (const auto& row : session.query("SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'")) {
      found[row[0]] = std::max(found[row[0]], *parse_lock_mode(row[1]));
    }
    return found;
  };
  Seen seen;
  for (const auto& row : session.query("SELECT oid::regclass FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                                       " AND relkind IN ('r', 'm') AND pg_relation_size(oid) = 0")) {
    seen.empty.push_back(row[0]);
  }
  auto before = relations();
  auto held = locks();
  seen.sqlstate = session.execute(last);
  if (!seen.sqlstate.empty()) return seen;
  auto taken = locks();
  auto after = relations();
  for (const auto& [oid, relation] : before) {
    RelationImpact impact;
    impact.name = relation.name;
    bool claimed = std::ranges::find(*example.locks, relation.name, &RelationImpact::name) != example.locks->end();
    if (claimed || taken[oid] > held[oid]) impact.lock = taken[oid];
    auto now = after.find(oid);
    if (now != after.end()) {
      impact.rewrite = now->second.filenode != relation.filenode;
      impact.scan = now->second.tuples > relation.tuples;
    }
    if (impact.lock != LockMode::none || impact.rewrite) seen.relations.push_back(std::move(impact));
  }
  return seen;
}

std::string text(std::vector<RelationImpact> relations, const std::vector<std::string>& without_rows) {
  std::ranges::sort(relations, {}, &RelationImpact::name);
  std::string result;
  for (const auto& relation : relations) {
    bool scan = relation.scan && std::ranges::find(without_rows, relation.name) == without_rows.end();
    result += relation.name + " " + std::string(lock_name(relation.lock)) + (relation.rewrite ? " rewrite" : "") +
              (scan ? " scan" : "") + "\n";
  }
  return result;
}

void check_example(Session& session, const RuleInfo& info, const Example& example) {
  bool files = example.sql.find("-- file: ") != std::string_view::npos;
  if (files || example.min_server > session.major() || (!example.locks && example.sqlstate.empty())) return;
  INFO(info.id << " on " << session.major() << "\n" << example.sql);
  Seen seen = replay(session, info, example, true);
  if (seen.sqlstate != example.sqlstate || !seen.failed_early.empty()) {
    seen = replay(session, info, example, false);  // it may have failed for the rows
  }
  // What refuses a transaction cannot be looked at in one; tests/impact watches those while they wait.
  if (example.locks && !example.in_transaction && seen.sqlstate == "25001") return;
  CHECK(seen.failed_early.empty());
  CHECK(seen.sqlstate == example.sqlstate);
  if (example.locks && example.sqlstate.empty()) CHECK(text(seen.relations, seen.empty) == text(*example.locks, seen.empty));
}

}  // namespace

TEST_CASE("servers do what the examples claim", "[server]") {
  auto folders = test::server_folders();
  REQUIRE_FALSE(folders.empty());
  for (const auto& folder : folders) {
    test::TestServer server(folder);
    Session session(server.conninfo());
    for (const Rule& rule : all_rules()) {
      for (const Example& example : rule.info.bad) check_example(session, rule.info, example);
      for (const Example& example : rule.info.good) check_example(session, rule.info, example);
    }
  }
}
