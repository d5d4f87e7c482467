// SPDX-License-Identifier: Apache-2.0
#include "runner/connection.h"

#include <poll.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>

#include "runner/libpq.h"

namespace pgrehearse {
namespace {

PGconn* conn(void* handle) { return static_cast<PGconn*>(handle); }
const PGresult* res(const void* result) { return static_cast<const PGresult*>(result); }

std::string trimmed(const char* text) {
  std::string result = text ? text : "";
  while (!result.empty() && (result.back() == '\n' || result.back() == ' ')) result.pop_back();
  return result;
}

std::string field(const PGresult* result, int code) {
  const char* text = libpq.PQresultErrorField(result, code);
  return text ? text : "";
}

bool is_error(ExecStatusType status) {
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_PIPELINE_ABORTED;
}

int milliseconds_until(Clock::time_point deadline) {
  if (deadline == Clock::time_point::max()) return -1;
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count() + 1;
  return static_cast<int>(std::clamp<long long>(left, 0, 1 << 30));
}

}  // namespace

struct Connection::Notices {
  std::vector<std::string> lines;
  static void receive(void* self, const PGresult* result) {
    auto& lines = static_cast<Notices*>(self)->lines;
    if (lines.size() < 1000) {
      lines.push_back(field(result, PG_DIAG_SEVERITY) + ": " + field(result, PG_DIAG_MESSAGE_PRIMARY));
    }
  }
};

std::string SqlError::one_line() const {
  std::string line = message.substr(0, message.find('\n'));
  return sqlstate.empty() ? line : line + " (" + sqlstate + ")";
}

void Rows::clear(void* result) {
  if (result) libpq.PQclear(static_cast<PGresult*>(result));
}
int Rows::size() const { return result_ ? libpq.PQntuples(res(result_.get())) : 0; }
bool Rows::is_one_boolean() const {
  constexpr unsigned boolean = 16;  // pg_type.oid
  if (!result_ || libpq.PQnfields(res(result_.get())) != 1) return false;
  return libpq.PQftype(res(result_.get()), 0) == boolean;
}

bool Rows::is_null(int row, int column) const { return libpq.PQgetisnull(res(result_.get()), row, column) != 0; }
std::string_view Rows::at(int row, int column) const {
  return {libpq.PQgetvalue(res(result_.get()), row, column),
          static_cast<size_t>(libpq.PQgetlength(res(result_.get()), row, column))};
}
std::string_view Rows::command() const {
  return result_ ? libpq.PQcmdStatus(static_cast<PGresult*>(result_.get())) : std::string_view();
}

std::expected<Connection, SqlError> Connection::open(const Settings& settings, std::chrono::milliseconds timeout) {
  return open_url({}, settings, timeout);
}

std::expected<Connection, SqlError> Connection::open_url(const std::string& url, const Settings& settings,
                                                         std::chrono::milliseconds timeout) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  if (!url.empty()) {
    keywords.push_back("dbname");
    values.push_back(url.c_str());
  }
  for (const auto& [keyword, value] : settings) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  return finish_open(libpq.PQconnectStartParams(keywords.data(), values.data(), url.empty() ? 0 : 1), timeout);
}

std::expected<Connection, SqlError> Connection::finish_open(void* handle, std::chrono::milliseconds timeout) {
  Connection connection;
  connection.handle_ = handle;
  auto deadline = Clock::now() + timeout;
  PostgresPollingStatusType want = PGRES_POLLING_WRITING;
  if (libpq.PQstatus(conn(handle)) == CONNECTION_BAD) return std::unexpected(connection.connection_error());
  while (want != PGRES_POLLING_OK) {
    pollfd wait{libpq.PQsocket(conn(handle)), static_cast<short>(want == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    if (poll(&wait, 1, milliseconds_until(deadline)) == 0) {
      SqlError error;
      error.message = "the server did not answer in time";
      error.connection_lost = error.timed_out = true;
      return std::unexpected(error);
    }
    want = libpq.PQconnectPoll(conn(handle));
    if (want == PGRES_POLLING_FAILED) return std::unexpected(connection.connection_error());
  }
  connection.notices_ = std::make_unique<Notices>();
  libpq.PQsetNoticeReceiver(conn(handle), &Notices::receive, connection.notices_.get());
  libpq.PQsetnonblocking(conn(handle), 1);
  return connection;
}

Connection::Connection() = default;
Connection::~Connection() {
  if (handle_) libpq.PQfinish(conn(handle_));
}
Connection::Connection(Connection&& other) noexcept { *this = std::move(other); }
Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(notices_, other.notices_);
  std::swap(prepared_, other.prepared_);
  std::swap(fresh_, other.fresh_);
  std::swap(expected_, other.expected_);
  std::swap(sent_, other.sent_);
  std::swap(unsent_, other.unsent_);
  std::swap(on_stuck_, other.on_stuck_);
  std::swap(deadline_, other.deadline_);
  std::swap(lost_, other.lost_);
  return *this;
}

Connection::State Connection::state() const {
  if (!handle_ || lost_ || libpq.PQstatus(conn(handle_)) != CONNECTION_OK) return State::lost;
  switch (libpq.PQtransactionStatus(conn(handle_))) {
    case PQTRANS_IDLE: return State::idle;
    case PQTRANS_INERROR: return State::failed_transaction;
    case PQTRANS_UNKNOWN: return State::lost;
    default: return State::in_transaction;
  }
}

int Connection::server_version() const { return libpq.PQserverVersion(conn(handle_)); }
int Connection::backend_pid() const { return libpq.PQbackendPID(conn(handle_)); }
std::string Connection::host() const { return trimmed(libpq.PQhost(conn(handle_))); }
std::string Connection::parameter(const char* name) const {
  return trimmed(libpq.PQparameterStatus(conn(handle_), name));
}

SqlError Connection::connection_error() const {
  SqlError error;
  error.message = trimmed(libpq.PQerrorMessage(conn(handle_)));
  error.connection_lost = libpq.PQstatus(conn(handle_)) != CONNECTION_OK;
  return error;
}

SqlError Connection::result_error(const void* result) {
  SqlError error;
  error.sqlstate = field(res(result), PG_DIAG_SQLSTATE);
  error.message = field(res(result), PG_DIAG_MESSAGE_PRIMARY);
  if (error.message.empty()) error.message = trimmed(libpq.PQresultErrorMessage(res(result)));
  error.detail = field(res(result), PG_DIAG_MESSAGE_DETAIL);
  error.hint = field(res(result), PG_DIAG_MESSAGE_HINT);
  error.table = field(res(result), PG_DIAG_TABLE_NAME);
  error.column = field(res(result), PG_DIAG_COLUMN_NAME);
  error.context = field(res(result), PG_DIAG_CONTEXT);
  error.position = std::strtoul(field(res(result), PG_DIAG_STATEMENT_POSITION).c_str(), nullptr, 10);
  error.internal_query = field(res(result), PG_DIAG_INTERNAL_QUERY);
  error.internal_position = std::strtoul(field(res(result), PG_DIAG_INTERNAL_POSITION).c_str(), nullptr, 10);
  // After FATAL the server closes the connection, even if libpq has not seen that yet.
  std::string severity = field(res(result), PG_DIAG_SEVERITY_NONLOCALIZED);
  error.connection_lost = libpq.PQstatus(conn(handle_)) != CONNECTION_OK || severity == "FATAL" || severity == "PANIC";
  lost_ = lost_ || error.connection_lost;
  return error;
}

/// Until there is something to read or the connection is gone. At the deadline it cancels, then asks for the session's
/// end, then gives up; false when given up or lost.
bool Connection::wait_until_readable(bool& timed_out) {
  Clock::time_point deadline = timed_out ? Clock::now() + grace_ : deadline_;
  int attempts = timed_out ? 1 : 0;
  while (true) {
    int unsent = libpq.PQflush(conn(handle_));
    if (unsent < 0) return libpq.PQconsumeInput(conn(handle_)) && !libpq.PQisBusy(conn(handle_));
    pollfd wait{libpq.PQsocket(conn(handle_)), static_cast<short>(unsent ? POLLIN | POLLOUT : POLLIN), 0};
    int ready = poll(&wait, 1, milliseconds_until(deadline));
    if (ready < 0 && errno != EINTR) return false;
    if (ready > 0) {
      if (!(wait.revents & (POLLIN | POLLHUP | POLLERR))) continue;
      return libpq.PQconsumeInput(conn(handle_)) != 0;
    }
    if (ready == 0) {
      timed_out = true;
      if (++attempts == 1) {
        std::array<char, 256> error;
        if (PGcancel* cancel = libpq.PQgetCancel(conn(handle_))) {
          libpq.PQcancel(cancel, error.data(), error.size());
          libpq.PQfreeCancel(cancel);
        }
      } else if (attempts == 2 && on_stuck_) {
        on_stuck_();
      } else {
        return false;
      }
      deadline = Clock::now() + grace_;
    }
  }
}

/// One result, or `end` at the end of the command's results.
SqlResult<Rows> Connection::next_result(bool& timed_out, bool& end) {
  end = false;
  while (libpq.PQisBusy(conn(handle_))) {
    if (!wait_until_readable(timed_out)) {
      SqlError error = connection_error();
      if (PGresult* result = libpq.PQisBusy(conn(handle_)) ? nullptr : libpq.PQgetResult(conn(handle_))) {
        Rows rows(result);
        if (is_error(libpq.PQresultStatus(result))) error = result_error(result);
      }
      error.timed_out = timed_out;
      error.connection_lost = true;
      return std::unexpected(error);
    }
  }
  PGresult* result = libpq.PQgetResult(conn(handle_));
  if (!result) {
    end = true;
    return Rows();
  }
  Rows rows(result);
  if (is_error(libpq.PQresultStatus(result))) {
    SqlError error = result_error(result);
    error.timed_out = timed_out;
    return std::unexpected(error);
  }
  return rows;
}

/// The rows of COPY TO STDOUT have no taker here.
bool Connection::discard_copy_out(bool& timed_out) {
  while (true) {
    char* row = nullptr;
    int size = libpq.PQgetCopyData(conn(handle_), &row, 1);
    if (row) libpq.PQfreemem(row);
    if (size < 0) return true;
    if (size == 0 && !wait_until_readable(timed_out)) return false;
  }
}

/// The results of what was sent, to the end: the last rows, or the first error.
SqlResult<Rows> Connection::collect(std::string_view copy_data) {
  bool timed_out = false;
  SqlResult<Rows> answer = Rows();
  while (true) {
    bool end = false;
    SqlResult<Rows> next = next_result(timed_out, end);
    if (end) return answer;
    if (!next) {
      if (answer) answer = std::move(next);
      if (answer.error().connection_lost) return answer;
      continue;
    }
    ExecStatusType status = libpq.PQresultStatus(static_cast<PGresult*>(next->result_.get()));
    if (status == PGRES_COPY_IN) {
      // libpq queues all of it when the connection does not block; the wait for the answer sends it.
      constexpr size_t piece = 1 << 20;
      for (size_t at = 0; at < copy_data.size(); at += piece) {
        size_t size = std::min(piece, copy_data.size() - at);
        if (libpq.PQputCopyData(conn(handle_), copy_data.data() + at, static_cast<int>(size)) != 1) break;
      }
      libpq.PQputCopyEnd(conn(handle_), nullptr);
      copy_data = {};
    } else if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      discard_copy_out(timed_out);
    } else if (answer) {
      answer = std::move(next);
    }
  }
}

SqlResult<Rows> Connection::run(const std::string& sql) { return copy_in(sql, {}); }

SqlResult<Rows> Connection::copy_in(const std::string& sql, std::string_view data) {
  if (sent_) (void)receive();
  if (!libpq.PQsendQuery(conn(handle_), sql.c_str())) return std::unexpected(connection_error());
  return collect(data);
}

SqlResult<std::vector<Rows>> Connection::run_prepared(const std::vector<Call>& calls) {
  send(calls);
  return receive();
}

void Connection::send(const std::vector<Call>& calls) {
  if (sent_) (void)receive();
  unsent_.reset();
  fresh_.clear();
  expected_ = 0;
  sent_ = true;
  if (auto begun = begin_pipeline(); !begun) {
    unsent_ = std::move(begun.error());
    return;
  }
  for (const Call& call : calls) {
    if (!prepared_.contains(call.name)) {
      libpq.PQsendPrepare(conn(handle_), call.name.c_str(), call.sql.c_str(), 0, nullptr);
      prepared_.insert(call.name);
      fresh_.push_back(call.name);
      ++expected_;
    }
    std::vector<const char*> values;
    for (const auto& value : call.values) values.push_back(value.c_str());
    libpq.PQsendQueryPrepared(conn(handle_), call.name.c_str(), static_cast<int>(values.size()), values.data(), nullptr,
                              nullptr, 0);
    ++expected_;
  }
  libpq.PQpipelineSync(conn(handle_));
}

SqlResult<std::vector<Rows>> Connection::receive() {
  std::vector<Rows> all;
  if (!std::exchange(sent_, false)) return all;
  if (unsent_) return std::unexpected(*unsent_);
  std::optional<SqlError> failure;
  for (size_t i = 0; i < expected_ && !failure; ++i) {
    auto answer = collect({});
    if (!answer) {
      failure = std::move(answer.error());
    } else if (libpq.PQresultStatus(static_cast<PGresult*>(answer->result_.get())) == PGRES_TUPLES_OK) {
      all.push_back(std::move(*answer));
    }
  }
  auto finished = drain_pipeline();
  if (failure) {
    // Which of them the server knows now is not worth finding out.
    for (const auto& name : fresh_) {
      prepared_.erase(name);
      (void)run("deallocate prepare " + quote_name(name));
    }
    return std::unexpected(std::move(*failure));
  }
  if (!finished) return std::unexpected(std::move(finished.error()));
  return all;
}

SqlResult<void> Connection::begin_pipeline() {
  if (!libpq.PQenterPipelineMode(conn(handle_))) return std::unexpected(connection_error());
  return {};
}

SqlResult<Rows> Connection::run_in_pipeline(const std::string& sql) {
  if (!libpq.PQsendQueryParams(conn(handle_), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) ||
      !libpq.PQsendFlushRequest(conn(handle_))) {
    return std::unexpected(connection_error());
  }
  return collect({});
}

SqlResult<void> Connection::finish_pipeline() {
  libpq.PQpipelineSync(conn(handle_));
  return drain_pipeline();
}

/// Reads up to the answer to the Sync, which ends the implicit transaction; a deferred constraint fails here.
SqlResult<void> Connection::drain_pipeline() {
  std::optional<SqlError> failure;
  bool timed_out = false;
  while (true) {
    bool end = false;
    auto answer = next_result(timed_out, end);
    if (!answer) {
      if (!failure) failure = std::move(answer.error());
      if (failure->connection_lost) break;
    } else if (end && state() == State::lost) {
      // There the end comes again and again, and the answer to the Sync never.
      if (!failure) failure = connection_error();
      failure->connection_lost = true;
      break;
    } else if (!end && libpq.PQresultStatus(static_cast<PGresult*>(answer->result_.get())) == PGRES_PIPELINE_SYNC) {
      break;
    }
  }
  // On a dead connection this fails, and its message would take the place of the one that tells why.
  if (state() != State::lost) libpq.PQexitPipelineMode(conn(handle_));
  if (failure) return std::unexpected(std::move(*failure));
  return {};
}

std::vector<std::string> Connection::take_notices() {
  return notices_ ? std::exchange(notices_->lines, {}) : std::vector<std::string>();
}

std::string quote_literal(std::string_view text) {
  std::string quoted = text.find('\\') == std::string_view::npos ? "'" : "E'";
  for (char c : text) {
    if (c == '\'' || c == '\\') quoted += c;
    quoted += c;
  }
  return quoted + "'";
}

std::string quote_name(std::string_view name) {
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += c;
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace pgrehearse
