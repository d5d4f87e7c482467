// SPDX-License-Identifier: Apache-2.0
// The only door to libpq, which is loaded on first use: commands that need no server need no libpq either.
#pragma once
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace pgrehearse {

/// What the server said when it refused a statement.
struct SqlError {
  std::string sqlstate;  ///< empty when the connection itself failed
  std::string message;
  std::string detail;
  std::string hint;
  std::string table, column;     ///< that it is about, without a schema; where the server says
  std::string context;           ///< "PL/pgSQL function inline_code_block line 3 at SQL statement"
  size_t position = 0;           ///< 1-based, in characters of the text that was sent; 0: not given
  std::string internal_query;    ///< the statement inside a function that failed
  size_t internal_position = 0;  ///< 1-based, in characters of internal_query; 0: not given
  bool connection_lost = false;
  bool timed_out = false;  ///< we cancelled it

  std::string one_line() const;  ///< message, with the SQLSTATE where there is one
};

/// The answer to one statement. Owns libpq's memory: the views live as long as it does.
class Rows {
 public:
  Rows() = default;
  explicit Rows(void* result) : result_(result, &Rows::clear) {}

  int size() const;
  bool is_null(int row, int column) const;
  std::string_view at(int row, int column) const;
  bool is_one_boolean() const;  ///< the rows have one column, of type boolean
  /// "CREATE TABLE", "INSERT 0 1"
  std::string_view command() const;

 private:
  friend class Connection;
  static void clear(void* result);
  std::unique_ptr<void, void (*)(void*)> result_{nullptr, &Rows::clear};
};

template <class T>
using SqlResult = std::expected<T, SqlError>;

using Clock = std::chrono::steady_clock;

/// One session. Not safe for two threads. Every call ends: at the latest when its deadline has passed and the
/// cancellation that follows was answered, or the server was given up.
class Connection {
 public:
  using Settings = std::vector<std::pair<std::string, std::string>>;
  enum class State { idle, in_transaction, failed_transaction, lost };

  /// `library_dir`: where else libpq may lie, beside the places that the system knows; may be empty.
  static Result<void> load_library(const std::string& library_dir = {});
  /// The keywords are libpq's (host, port, user, dbname, options, ...).
  static std::expected<Connection, SqlError> open(const Settings& settings, std::chrono::milliseconds timeout);
  /// From a URL or a keyword string; `settings` come after it and win.
  static std::expected<Connection, SqlError> open_url(const std::string& url, const Settings& settings,
                                                      std::chrono::milliseconds timeout);

  Connection();
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  explicit operator bool() const { return handle_ != nullptr; }
  State state() const;
  int server_version() const;  ///< 150020
  std::string parameter(const char* name) const;
  int backend_pid() const;
  std::string host() const;

  /// No call lasts longer than until this time point; then it is cancelled, and after `grace` given up.
  void set_deadline(Clock::time_point deadline) { deadline_ = deadline; }
  /// Called when a cancelled statement does not end: shall end the session from outside (pg_terminate_backend, kill).
  void on_stuck(std::function<void()> handler) { on_stuck_ = std::move(handler); }

  /// One simple query, which may hold several statements; the last statement's rows.
  SqlResult<Rows> run(const std::string& sql);
  /// COPY ... FROM stdin with its data.
  SqlResult<Rows> copy_in(const std::string& sql, std::string_view data);

  /// A statement that is prepared when it is first run, under its name, with its parameters as text.
  struct Call {
    std::string name;
    std::string sql;
    std::vector<std::string> values;
  };
  /// All of them in one round trip.
  SqlResult<std::vector<Rows>> run_prepared(const std::vector<Call>& calls);
  /// The same in two; what could not be sent, receive() says. Nothing when something else was asked meanwhile.
  void send(const std::vector<Call>& calls);
  SqlResult<std::vector<Rows>> receive();

  /// Statements as the extended protocol sends them without a Sync between them: one implicit transaction, but the
  /// first statement. Call finish_pipeline also after an error.
  SqlResult<void> begin_pipeline();
  SqlResult<Rows> run_in_pipeline(const std::string& sql);
  SqlResult<void> finish_pipeline();

  /// The notices since the last call, one line each.
  std::vector<std::string> take_notices();

 private:
  struct Notices;
  static std::expected<Connection, SqlError> finish_open(void* handle, std::chrono::milliseconds timeout);
  SqlError connection_error() const;
  SqlError result_error(const void* result);
  bool wait_until_readable(bool& timed_out);
  SqlResult<Rows> collect(std::string_view copy_data);
  SqlResult<Rows> next_result(bool& timed_out, bool& end);
  bool discard_copy_out(bool& timed_out);
  SqlResult<void> drain_pipeline();

  void* handle_ = nullptr;
  std::unique_ptr<Notices> notices_;
  std::set<std::string, std::less<>> prepared_;  ///< names of calls that the server knows
  std::vector<std::string> fresh_;               ///< of those on their way the ones that it did not
  size_t expected_ = 0;                          ///< answers
  bool sent_ = false;
  std::optional<SqlError> unsent_;
  std::function<void()> on_stuck_;
  bool lost_ = false;  ///< the server has said so, libpq may not know yet
  Clock::time_point deadline_ = Clock::time_point::max();
  std::chrono::milliseconds grace_{1000};
};

/// 'text' as a literal that needs no setting to be read aright.
std::string quote_literal(std::string_view text);
/// "name"
std::string quote_name(std::string_view name);

}  // namespace pgrehearse
