// SPDX-License-Identifier: Apache-2.0
#include "runner/stage.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "migration/expansion.h"

namespace pgrehearse {
namespace {

/// Settings that change the meaning of what runs next in the same session. Timeouts and memory do not.
constexpr std::array<const char*, 9> watched_settings{
    "search_path", "session_replication_role",      "row_security", "default_transaction_isolation", "DateStyle",
    "TimeZone",    "default_transaction_read_only", "xmloption",    "standard_conforming_strings"};

/// Makes the session hand over its counts of written rows; from 15 on that is done when the answer is there.
constexpr const char* hand_over = "pg_catalog.pg_stat_force_next_flush()";

std::string settings_query(const Connection& session) {
  std::string sql = "select ";
  for (const char* name : watched_settings) sql += "pg_catalog.current_setting('" + std::string(name) + "'), ";
  // What follows asks no table: it is run after each step.
  sql += "current_user operator(pg_catalog.=) session_user, pg_catalog.pg_my_temp_schema()";
  return session.server_version() < 150000 ? sql : sql + ", " + hand_over;
}

}  // namespace

Result<std::unique_ptr<Stage>> Stage::open(const ServerOptions& options, std::string prelude, std::string bookkeeping) {
  auto server = start_server(options);
  if (!server) return std::unexpected(server.error());
  std::unique_ptr<Stage> stage(new Stage);
  stage->server_ = std::move(*server);
  stage->prelude_ = std::move(prelude);
  stage->bookkeeping_ = std::move(bookkeeping);
  stage->notes_ = stage->server_->notes();
  stage->may_all_ = options.superuser;
  if (auto connected = stage->connect(); !connected) return std::unexpected(connected.error());
  if (auto prepared = stage->prepare_database(); !prepared) return std::unexpected(prepared.error());
  return stage;
}

Result<void> Stage::connect() {
  tables_.reset();
  tracer_.reset();
  snapshots_.reset();
  lost_counts_ = false;
  session_.reset();
  auto observer = server_->connect_observer();
  if (!observer) return std::unexpected(observer.error());
  observer_ = std::make_unique<Connection>(std::move(*observer));
  // It comes up while the observer gets ready, but never before it: the names of temporary schemas tell who came first.
  coming_ = std::async(std::launch::async, [this] { return server_->connect_migration(); });
  std::vector<std::string> notes;
  auto snapshots = Snapshots::open(*observer_, server_->ours(), notes);
  if (!snapshots) return std::unexpected(snapshots.error());
  for (std::string& line : notes) note(std::move(line));
  snapshots_ = std::move(*snapshots);
  // The empty database is always the same: what it holds needs to be read only once.
  if (server_->ours() && !snapshots_->recall(server_->recall("snapshot"))) {
    if (auto taken = snapshots_->take(); !taken) return std::unexpected(taken.error());
    server_->remember("snapshot", snapshots_->to_recall());
  }
  tracer_.emplace(*observer_);
  tables_.emplace(*observer_);
  if (!server_->ours()) return {};
  if (auto begun = state(); !begun) return std::unexpected(begun.error());
  return {};
}

SqlResult<Rows> Stage::write_as_observer(const std::string& sql) {
  state_.reset();
  auto ran = observer_->run(sql);
  if (ran && server_->version_number() >= 150000) (void)observer_->run(std::string("select ") + hand_over);
  return ran;
}

Result<Connection*> Stage::clean_session() {
  handed_over_ = false;
  state_.reset();
  bool had_session = session_ != nullptr;
  if (session_) session_->set_deadline(Clock::now() + std::chrono::seconds(30));
  if (session_ && session_->state() != Connection::State::idle) {
    bool ended = session_->state() != Connection::State::lost && session_->run("rollback").has_value();
    if (!ended) session_.reset();
  }
  if (session_ && !session_->run("discard all")) session_.reset();
  if (had_session && !session_) lost_counts_ = true;
  if (!session_) {
    auto session = coming_.valid() ? coming_.get() : server_->connect_migration();
    if (!session) return std::unexpected(session.error());
    session_ = std::make_unique<Connection>(std::move(*session));
    int pid = session_->backend_pid();
    session_->on_stuck(
        [this, pid] { (void)observer_->run("select pg_catalog.pg_terminate_backend(" + std::to_string(pid) + ")"); });
    initial_settings_.clear();
  }
  if (initial_settings_.empty()) {
    auto settings = session_->run(settings_query(*session_));
    if (!settings) return environment_error("could not read the session's settings: " + settings.error().one_line());
    for (size_t i = 0; i < watched_settings.size(); ++i)
      initial_settings_.emplace_back(settings->at(0, static_cast<int>(i)));
  }
  session_->take_notices();
  return session_.get();
}

Result<void> Stage::prepare_database() {
  if (has_foundation()) return {};  // it is prepared
  if (!prelude_.empty()) {
    auto ran = write_as_observer("set search_path = public; " + prelude_ + "; set search_path = pg_catalog");
    if (!ran) return environment_error("could not run the prelude: " + ran.error().one_line());
  }
  if (!bookkeeping_.empty()) {
    if (auto clean = clean_session(); !clean) return std::unexpected(clean.error());
    auto ran = session_->run(bookkeeping_);
    if (!ran) return environment_error("could not create the tool's own table: " + ran.error().one_line());
  }
  return {};
}

Result<Applied> Stage::apply(const Part& part, const ApplyLimits& limits, bool trace) {
  if (auto clean = clean_session(); !clean) return std::unexpected(clean.error());
  if (trace) {
    if (auto watching = tracer_->watch(*session_); !watching) return std::unexpected(watching.error());
  }
  Applied applied = apply_part(*session_, part, trace ? &*tracer_ : nullptr, limits);
  if (applied.succeeded) history_.push_back(part);
  if (applied.error.connection_lost) {
    // A session that crashes without a word is gone a moment before the server is.
    bool ended_by_hand =
        applied.error.sqlstate == "57P01" && applied.error.message.find("postmaster") == std::string::npos;
    loss_ = server_->why_ended(std::chrono::seconds(ended_by_hand ? 0 : 2));
    if (!loss_.empty()) applied.error.message = loss_;
  }
  return applied;
}

void Stage::note(std::string line) {
  if (std::ranges::find(notes_, line) == notes_.end()) notes_.push_back(std::move(line));
}

bool Stage::transaction_is_open() const {
  return session_ && (session_->state() == Connection::State::in_transaction ||
                      session_->state() == Connection::State::failed_transaction);
}

Stage::Left Stage::leftovers() {
  Left left;
  session_->set_deadline(Clock::now() + std::chrono::seconds(10));
  if (transaction_is_open()) {
    left.transaction = true;
    (void)session_->run("rollback");
    return left;
  }
  if (session_->state() == Connection::State::lost) return left;
  observer_->send({{"advisory locks",
                    "select from pg_catalog.pg_locks where locktype = 'advisory' and pid = $1::int",
                    {std::to_string(session_->backend_pid())}}});
  auto now = session_->run(settings_query(*session_));
  auto locks = observer_->receive();
  if (!now) return left;
  handed_over_ = true;
  for (size_t i = 0; i < watched_settings.size(); ++i) {
    std::string value(now->at(0, static_cast<int>(i)));
    if (value != initial_settings_[i]) {
      left.others.push_back("setting " + std::string(watched_settings[i]) + " = '" + value + "'");
    }
  }
  constexpr int after_settings = static_cast<int>(watched_settings.size());
  if (now->at(0, after_settings) == "f") left.others.emplace_back("another role (SET ROLE)");
  if (locks && !locks->empty() && locks->front().size() > 0) left.others.emplace_back("an advisory lock");
  if (now->at(0, after_settings + 1) != "0") {
    auto tables = observer_->run_prepared({{"temporary tables",
                                            "select from pg_catalog.pg_class where relnamespace = $1::oid",
                                            {std::string(now->at(0, after_settings + 1))}}});
    if (tables && tables->front().size() > 0) left.others.emplace_back("a temporary table");
  }
  return left;
}

Result<State> Stage::state(const TableData* older) {
  if (state_ && older == older_) return *state_;
  bool counted = written_rows_are_counted();
  auto schema = snapshots_->take(counted);
  if (!schema) return std::unexpected(schema.error());
  if (check_snapshots_) {
    std::vector<std::string> notes;
    auto other = Snapshots::open(*observer_, server_->ours(), notes);
    auto whole = other ? other->take_whole() : Result<Snapshot>(std::unexpected(other.error()));
    if (!whole) return std::unexpected(whole.error());
    if (!(*schema == *whole)) {
      return environment_error("the snapshot is not what it would be if it were read as a whole:\n" +
                               difference(*whole, *schema, "as a whole", "what has changed"));
    }
  }
  auto data = tables_->read(*schema, snapshots_->moment(), older, counted);
  if (!data) return std::unexpected(data.error());
  older_ = older;
  return state_.emplace(std::move(*schema), std::move(*data));
}

/// Whether all sessions have handed over their counts of written rows. Only a superuser can switch the counting off.
bool Stage::written_rows_are_counted() {
  if (!server_->ours() || may_all_ || server_->version_number() < 150000 || lost_counts_) return false;
  if (!session_ || handed_over_) return true;
  session_->set_deadline(Clock::now() + std::chrono::seconds(10));
  handed_over_ =
      session_->state() == Connection::State::idle && session_->run(std::string("select ") + hand_over).has_value();
  return handed_over_;
}

void Stage::forget_after(size_t mark) {
  history_.erase(history_.begin() + static_cast<std::ptrdiff_t>(std::min(mark, history_.size())), history_.end());
}

void Stage::rewrite_history(size_t mark, const Part& part) {
  forget_after(mark);
  history_.push_back(part);
}

bool Stage::can_begin_anew(std::vector<const Part*> parts) const {
  if (server_->ours()) return true;
  for (const Part& part : history_) parts.push_back(&part);
  return std::ranges::none_of(parts, [](const Part* part) {
    Script script = script_of(*part);
    return std::ranges::any_of(std::array{"create role", "create user", "create group", "create tablespace"},
                               [&](const char* what) { return contains_ignoring_case(script.text(), what); });
  });
}

void Stage::disconnect() {
  state_.reset();
  session_.reset();
  if (coming_.valid()) (void)coming_.get();
  tables_.reset();
  snapshots_.reset();
  tracer_.reset();
  observer_.reset();
}

Result<std::vector<std::string>> Stage::leave_server() {
  disconnect();
  return server_->leave();
}

Result<void> Stage::keep_foundation(std::map<std::string, std::string, std::less<>> notes) {
  auto taken = snapshots_->take(written_rows_are_counted());
  if (!taken) return std::unexpected(taken.error());
  notes["snapshot"] = snapshots_->to_recall();
  disconnect();
  auto kept = server_->keep(notes);
  if (!kept) return std::unexpected(kept.error());
  if (!*kept) return restore(mark());
  history_.clear();
  return connect();
}

Result<void> Stage::restore(size_t mark) {
  disconnect();
  if (auto empty = server_->reset(); !empty) return empty;
  if (auto connected = connect(); !connected) return connected;
  if (auto prepared = prepare_database(); !prepared) return prepared;
  std::vector<Part> parts(history_.begin(), history_.begin() + static_cast<std::ptrdiff_t>(mark));
  history_.clear();
  for (const Part& part : parts) {
    auto applied = apply(part, {}, false);
    if (!applied) return std::unexpected(applied.error());
    if (!applied->succeeded) {
      return environment_error("could not build the state again: \"" + part.file->path() +
                               "\" failed on its second life: " + applied->error.one_line());
    }
  }
  return {};
}

}  // namespace pgrehearse
