// SPDX-License-Identifier: Apache-2.0
#include "observer.h"

#include <libpq-fe.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <thread>

namespace pgrehearse::test {

namespace fs = std::filesystem;

std::vector<std::string> server_folders() {
  std::vector<std::string> folders;
  if (const char* one = std::getenv("PGREHEARSE_PG_BIN")) return {one};
  if (const char* given = std::getenv("PGREHEARSE_PG_BINS")) {
    std::string text(given);
    for (size_t at = 0; at <= text.size();) {
      size_t end = std::min(text.find(':', at), text.size());
      if (end > at) folders.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return folders;
  }
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    if (fs::exists(entry.path() / "bin/postgres")) folders.push_back(entry.path() / "bin");
  }
  std::ranges::sort(folders);
  if (folders.size() > 1) folders.erase(folders.begin(), folders.end() - 1);
  return folders;
}

std::string TestServer::run(const std::string& command) const {
  // A server refuses to run as root.
  std::string line = geteuid() == 0 ? "su postgres -s /bin/sh -c \"" + command + "\"" : command;
  line += " >" + folder_ + "/output 2>&1";
  if (std::system(line.c_str()) != 0) throw std::runtime_error("failed: " + command + ", see " + folder_ + "/output");
  return {};
}

TestServer::TestServer(std::string bin) : bin_(std::move(bin)) {
  std::string pattern = (fs::temp_directory_path() / "pgrehearse-test-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error("could not make a folder for the server");
  folder_ = pattern;
  if (geteuid() == 0 && std::system(("chown postgres " + folder_).c_str()) != 0)
    throw std::runtime_error("chown failed");
  run(bin_ + "/initdb -D " + folder_ + "/data -A trust -U postgres -E UTF8 --locale=C -N");
  run(bin_ + "/pg_ctl -w -D " + folder_ + "/data -l " + folder_ + "/log -o '-c listen_addresses= -k " + folder_ +
      " -c fsync=off -c autovacuum=off -c max_parallel_workers_per_gather=0 -c max_parallel_maintenance_workers=0"
      " -c timezone=UTC -c shared_buffers=16MB' start");
}

TestServer::~TestServer() {
  try {
    run(bin_ + "/pg_ctl -w -m immediate -D " + folder_ + "/data stop");
  } catch (const std::exception&) {
  }
  std::error_code error;
  fs::remove_all(folder_, error);
}

struct Observer::Session {
  explicit Session(const std::string& conninfo) : connection(PQconnectdb(conninfo.c_str()), PQfinish) {
    if (PQstatus(connection.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
    PQsetNoticeProcessor(
        connection.get(), [](void*, const char*) {}, nullptr);
  }
  using Rows = std::vector<std::vector<std::string>>;
  static std::string state_of(const PGresult* result) {
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY) return {};
    const char* code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return code ? code : "?????";
  }
  /// The SQLSTATE, or empty when it went well.
  std::string execute(const std::string& sql) {
    std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), PQclear);
    return state_of(result.get());
  }
  void must(const std::string& sql) {
    if (!execute(sql).empty()) throw std::runtime_error(std::string(PQerrorMessage(connection.get())) + " in: " + sql);
  }
  Rows query(const std::string& sql) {
    std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), PQclear);
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
    Rows rows(static_cast<size_t>(PQntuples(result.get())));
    for (size_t i = 0; i < rows.size(); ++i) {
      for (int j = 0; j < PQnfields(result.get()); ++j) {
        rows[i].emplace_back(PQgetvalue(result.get(), static_cast<int>(i), j));
      }
    }
    return rows;
  }
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection;
};

Observer::Observer(const std::string& conninfo)
    : main_(std::make_unique<Session>(conninfo)),
      holder_(std::make_unique<Session>(conninfo)),
      watcher_(std::make_unique<Session>(conninfo)) {
  major_ = PQserverVersion(main_->connection.get()) / 10000;
  main_->execute("CREATE ROLE r1");
  main_->execute("SET allow_in_place_tablespaces = on");
  main_->execute("CREATE TABLESPACE ts1 LOCATION ''");
  main_->execute("CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler");
}
Observer::~Observer() = default;

namespace {

struct File {
  std::string name, filenode, kind;
  long tuples = 0;
};

const char* files_query =
    "SELECT oid, relname, coalesce(pg_relation_filenode(oid), 0), relkind, "
    "coalesce(pg_stat_get_xact_tuples_returned(oid), 0)"
    " FROM pg_class WHERE relnamespace = 't'::regnamespace AND relkind <> 'c'";
const char* locks_query = "SELECT relation, mode FROM pg_locks WHERE pid = %s AND locktype = 'relation'";

std::string locks_of(const std::string& pid) {
  std::string query = locks_query;
  return query.replace(query.find("%s"), 2, pid);
}

}  // namespace

Observed Observer::observe(const Case& item) {
  main_->must("DROP SCHEMA IF EXISTS t CASCADE");
  main_->must("RESET ALL");
  main_->must("DROP PUBLICATION IF EXISTS pb1");
  main_->must(fixture());
  for (const auto& sql : item.given) {
    std::string error = main_->execute(sql);
    if (!error.empty()) return {"given " + error, {}};
  }
  return item.hold.empty() ? in_transaction(item) : while_waiting(item);
}

Observed Observer::in_transaction(const Case& item) {
  using Rows = std::vector<std::vector<std::string>>;
  main_->must("BEGIN");
  for (const auto& sql : item.before) main_->must(sql);
  auto files = [&] {
    std::map<std::string, File> result;
    for (const auto& row : main_->query(files_query)) result[row[0]] = {row[1], row[2], row[3], std::stol(row[4])};
    return result;
  };
  auto before = files();
  Rows held = main_->query(locks_of("pg_backend_pid()"));
  std::string error = main_->execute(item.run);
  if (!error.empty()) {
    main_->must("ROLLBACK");
    return {error, {}};
  }
  Rows locks = main_->query(locks_of("pg_backend_pid()"));
  auto after = files();
  main_->must("ROLLBACK");

  Observed seen;
  for (const auto& [oid, file] : before) {
    RelationImpact relation;
    relation.name = file.name;
    for (const auto& lock : locks) {
      bool is_new = std::ranges::find(held, lock) == held.end();
      if (lock[0] == oid && is_new) relation.lock = std::max(relation.lock, *parse_lock_mode(lock[1]));
    }
    auto now = after.find(oid);
    if (now == after.end()) {
      // Dropped, or made anew under its name: then only the file tells whether it was built again.
      now = std::ranges::find_if(after, [&](const auto& entry) {
        return entry.second.name == file.name && entry.second.kind == file.kind && !before.contains(entry.first);
      });
    }
    if (now != after.end()) {
      relation.rewrite = now->second.filenode != file.filenode;
      bool has_rows = file.kind == "r" || file.kind == "m";
      relation.scan = has_rows && now->second.tuples > file.tuples;
    }
    bool index = file.kind == "i" || file.kind == "I";
    if (index && relation.lock == LockMode::access_share) relation.lock = LockMode::none;  // of planning
    if (relation.lock != LockMode::none || relation.rewrite) seen.relations.push_back(std::move(relation));
  }
  std::ranges::sort(seen.relations, {}, &RelationImpact::name);
  return seen;
}

Observed Observer::while_waiting(const Case& item) {
  holder_->must("SET search_path = t");
  holder_->must("BEGIN");
  holder_->must(item.hold);
  std::map<std::string, std::string> names;
  for (const auto& row : watcher_->query(files_query)) names[row[0]] = row[1];
  std::string pid = std::to_string(PQbackendPID(main_->connection.get()));
  if (!PQsendQuery(main_->connection.get(), item.run.c_str())) throw std::runtime_error("could not send");
  Observed seen;
  for (int i = 0; i < 2000; ++i) {
    PQconsumeInput(main_->connection.get());
    if (!PQisBusy(main_->connection.get())) break;  // it did not wait
    auto waits = watcher_->query("SELECT count(*) FROM pg_locks WHERE pid = " + pid + " AND NOT granted");
    if (waits[0][0] == "0") {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      continue;
    }
    for (const auto& row : watcher_->query(locks_of(pid))) {
      auto name = names.find(row[0]);
      if (name == names.end()) continue;
      LockMode mode = *parse_lock_mode(row[1]);
      auto known = std::ranges::find(seen.relations, name->second, &RelationImpact::name);
      if (known != seen.relations.end()) {
        known->lock = std::max(known->lock, mode);
      } else {
        RelationImpact relation;
        relation.name = name->second;
        relation.lock = mode;
        seen.relations.push_back(relation);
      }
    }
    break;
  }
  holder_->must("ROLLBACK");
  while (PGresult* result = PQgetResult(main_->connection.get())) {
    std::string error = Session::state_of(result);
    if (!error.empty()) seen = {error, {}};
    PQclear(result);
  }
  std::ranges::sort(seen.relations, {}, &RelationImpact::name);
  return seen;
}

}  // namespace pgrehearse::test
