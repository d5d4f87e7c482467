// SPDX-License-Identifier: Apache-2.0
#include "runner/probes.h"

#include <atomic>
#include <optional>
#include <thread>

namespace pgrehearse {
namespace {

/// A server has room for so many, besides those that look on.
constexpr size_t most_sessions = 10;
constexpr std::chrono::milliseconds pause{4};
/// An answer that comes sooner had nothing to wait for.
constexpr std::chrono::milliseconds at_once{2};
/// Rows whose locks stand for those of the others.
constexpr const char* sampled_rows = "8";
constexpr std::chrono::milliseconds between_samples{250};

enum class Answer { had, table_locked, rows_locked };

}  // namespace

std::string read_probe(const std::string& table) { return "explain (costs off) select 1 from " + table; }
std::string write_probe(const std::string& table) { return "explain (costs off) delete from " + table; }

/// One session with a thread of its own, for one or several probes in turn.
class Probes::Session {
 public:
  struct Probe {
    size_t table = 0;
    bool write = false;
    std::string name, shown;
    std::string rows = {};  ///< places of some of its rows, as an array; empty: none
    Clock::time_point sampled = {};
    std::optional<Wait> wait = {};  ///< one that goes on
    bool refused = false;
  };

  Session(Connection connection) : connection_(std::move(connection)) {}
  ~Session() { (void)stop(Clock::now()); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void add(Probe probe) { probes_.push_back(std::move(probe)); }

  void start() {
    stopped_ = false;
    for (Probe& probe : probes_) {
      if (probe.write) sample(probe);
    }
    thread_ = std::thread([this] { run(); });
  }

  void halt() { stopped_ = true; }
  std::vector<Wait> stop(Clock::time_point now) {
    halt();
    if (thread_.joinable()) thread_.join();
    for (Probe& probe : probes_) {
      if (probe.wait) probe.wait->end = now;
      end_wait(probe);
    }
    std::vector<Wait> waits = std::move(waits_);
    waits_.clear();
    for (Wait& wait : waits) wait.end = std::min(wait.end, now);
    std::erase_if(waits, [](const Wait& wait) { return wait.end - wait.begin < patience; });
    return waits;
  }

  std::vector<std::string> refused;

 private:
  void run() {
    while (!stopped_ && connection_.state() == Connection::State::idle) {
      bool waited = false;
      for (Probe& probe : probes_) {
        if (!stopped_ && !probe.refused) waited = one(probe) || waited;
      }
      if (!waited) std::this_thread::sleep_for(pause);
    }
  }

  /// True when it waited for a lock of the table, and so took its time.
  bool one(Probe& probe) {
    auto begin = Clock::now();
    Answer answer = ask(probe);
    auto end = Clock::now();
    if (answer == Answer::had) {
      // With several probes in turn nobody knows when between its last two it could have been served.
      if (probe.wait && end - begin > at_once) probe.wait->end = end;
      end_wait(probe);
      return false;
    }
    // The server may have come to the lock later; it refused `patience` after that.
    if (answer == Answer::table_locked) begin = std::max(begin, end - patience);
    if (!probe.wait) probe.wait = Wait{probe.table, probe.write, answer == Answer::rows_locked, begin, end};
    probe.wait->end = end;
    return answer == Answer::table_locked;
  }

  void end_wait(Probe& probe) {
    if (probe.wait) waits_.push_back(*probe.wait);
    probe.wait.reset();
  }

  SqlResult<Rows> run(const std::string& sql) {
    connection_.set_deadline(Clock::now() + std::chrono::seconds(10));
    return connection_.run(sql);
  }

  Answer ask(Probe& probe) {
    auto answer = run(probe.write ? write_probe(probe.name) : read_probe(probe.name));
    if (!answer) return refusal(probe, answer.error());
    if (!probe.write) return Answer::had;
    if (probe.rows.empty()) {
      if (Clock::now() - probe.sampled > between_samples) sample(probe);
      return Answer::had;
    }
    std::string chosen = " from " + probe.name + " where ctid = any ('{" + probe.rows + "}'::pg_catalog.tid[])";
    auto locked = run("select (select pg_catalog.count(*)" + chosen + "), (select pg_catalog.count(*) from (select 1" +
                      chosen + " for no key update skip locked) x)");
    if (!locked) return refusal(probe, locked.error());
    std::string_view there = locked->at(0, 0);
    if (there == "0") probe.rows.clear();
    return there == locked->at(0, 1) ? Answer::had : Answer::rows_locked;
  }

  Answer refusal(Probe& probe, const SqlError& error) {
    if (error.sqlstate == "55P03") return Answer::table_locked;
    if (error.sqlstate == "42501") {
      probe.refused = true;
      refused.push_back((probe.write ? "writes to " : "reads of ") + probe.shown + ": " + error.message);
    }
    return Answer::had;  // gone, or of another form: whoever comes is told so at once
  }

  void sample(Probe& probe) {
    probe.sampled = Clock::now();
    probe.rows.clear();
    auto rows = run("select ctid from " + probe.name + " limit " + sampled_rows);
    for (int i = 0; rows && i < rows->size(); ++i)
      probe.rows.append(probe.rows.empty() ? "\"" : ",\"").append(rows->at(i, 0)).append("\"");
  }

  Connection connection_;
  std::vector<Probe> probes_;
  std::vector<Wait> waits_;
  std::atomic<bool> stopped_ = true;
  std::thread thread_;
};

Probes::Probes() = default;
Probes::~Probes() = default;

Result<std::unique_ptr<Probes>> Probes::open(Server& server, const std::vector<ProbedTable>& tables) {
  std::unique_ptr<Probes> probes(new Probes);
  std::string settings =
      "set lock_timeout = " + std::to_string(patience.count()) +
      "; set statement_timeout = '5s'; set search_path = pg_catalog; set default_transaction_isolation "
      "= 'read committed'; set default_transaction_read_only = off; set synchronous_commit = off";
  for (size_t i = 0; i < std::min(most_sessions, 2 * tables.size()); ++i) {
    auto connection = server.connect_migration();
    if (!connection || !connection->run(settings)) {
      if (i > 0) break;  // fewer will do
      return connection ? environment_error("could not prepare a session to read and write with")
                        : Result<std::unique_ptr<Probes>>(std::unexpected(connection.error()));
    }
    probes->sessions_.push_back(std::make_unique<Session>(std::move(*connection)));
  }
  for (size_t i = 0; i < 2 * tables.size(); ++i) {
    const ProbedTable& table = tables[i / 2];
    probes->sessions_[i % probes->sessions_.size()]->add({i / 2, i % 2 == 1, table.name, table.shown});
  }
  return probes;
}

void Probes::start() {
  for (auto& session : sessions_) session->start();
}

std::vector<Probes::Wait> Probes::stop() {
  auto now = Clock::now();
  std::vector<Wait> waits;
  for (auto& session : sessions_) session->halt();
  for (auto& session : sessions_) {
    auto more = session->stop(now);
    waits.insert(waits.end(), more.begin(), more.end());
  }
  return waits;
}

std::vector<std::string> Probes::refused() const {
  std::vector<std::string> all;
  for (const auto& session : sessions_) all.insert(all.end(), session->refused.begin(), session->refused.end());
  return all;
}

}  // namespace pgrehearse
