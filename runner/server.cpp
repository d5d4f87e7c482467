// SPDX-License-Identifier: Apache-2.0
#include "runner/server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>
#include <utility>

#include "runner/golden.h"
#include "runner/installation.h"
#include "runner/keeper.h"
#include "runner/kept_data.h"

namespace pgrehearse {
namespace {

class LocalServer : public Server {
 public:
  LocalServer(Keeper keeper, Installation installation, const ServerOptions& options)
      : keeper_(std::move(keeper)), installation_(std::move(installation)), options_(options) {
    if (!keeper_.isolated()) {
      notes_.emplace_back(can_jail() ? "the server shares process space with this machine"
                                     : "the server shares network and process space with this machine");
    }
  }

  /// `look`: begin with what is kept, if it is.
  Result<void> start(bool look = true) {
    std::string sockets = keeper_.outside() + "/s";
    if (mkdir(sockets.c_str(), 0700) != 0 && errno != EEXIST) {
      return environment_error("could not create a folder for the server's socket: " +
                               std::string(std::strerror(errno)));
    }
    if (keeper_.user().change && chown(sockets.c_str(), keeper_.user().uid, keeper_.user().gid) != 0) {
      return environment_error("could not give the socket's folder away: " + std::string(std::strerror(errno)));
    }
    if (look && !options_.foundation.empty()) kept_ = KeptData::find(installation_, options_.foundation);
    if (kept_) {
      if (auto begun = start_from_kept(); begun) return {};
      // Damaged or half gone: the empty database does as well, and takes longer.
      kept_.reset();
      options_.foundation.clear();
      if (auto cleared = clear(); !cleared) return cleared;
    }
    // Loading libpq, filling the data directory and the server's own start take about as long as each other.
    auto library =
        std::async(std::launch::async, [this] { return Connection::load_library(installation_.bin_dir + "/../lib"); });
    if (auto prepared = prepare_data_directory(keeper_, installation_); !prepared) return prepared;
    if (auto launched = launch(); !launched) return launched;
    if (auto filled = fill_data_directory(keeper_, installation_); !filled) return filled;
    if (auto loaded = library.get(); !loaded) return loaded;
    return wait_until_ready();
  }

  /// What another run has kept meanwhile is not what this one began with.
  Result<void> reset() override { return begin_again(kept_.has_value()); }

  bool has_foundation() const override { return kept_.has_value(); }
  Result<bool> keep(const KeptData::Notes& notes) override {
    observer_ = {};
    if (options_.foundation.empty() || kept_) return false;
    auto ended = keeper_.shut_down_server();
    bool kept = ended && KeptData::keep(installation_, options_.foundation, keeper_.outside() + "/data", notes);
    if (!kept) options_.foundation.clear();
    if (auto begun = begin_again(kept); !begun) return std::unexpected(begun.error());
    return has_foundation();
  }

  Result<std::vector<std::string>> leave() override {
    auto pid = keeper_.leave();
    if (!pid) return std::unexpected(pid.error());
    return std::vector<std::string>{"connect: psql -h " + keeper_.outside() + "/s -p 5432 -U " + migration_role + " " +
                                        rehearsal_database + "  (" + admin_role + " is the superuser)",
                                    "stop:    kill " + std::to_string(*pid)};
  }
  std::string why_ended(std::chrono::milliseconds patience) override {
    auto deadline = Clock::now() + patience;
    while (!keeper_.server_ended()) {
      if (Clock::now() >= deadline) return {};
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (keeper_.over_limit()) {
      return "the PostgreSQL server was ended: its files took more than " + std::to_string(options_.max_bytes >> 20) +
             " MB";
    }
    std::string why = last_of_log(keeper_);
    return "the PostgreSQL server ended" + (why.empty() ? "" : ": " + why);
  }
  void kill() override { (void)keeper_.stop_server(); }
  bool ours() const override { return true; }
  std::string recall(std::string_view name) const override {
    return kept_ ? kept_->note(name) : read_golden_note(installation_, golden_note(name));
  }
  void remember(std::string_view name, std::string_view text) const override {
    if (!kept_) write_golden_note(installation_, golden_note(name), text);
  }

 protected:
  Result<Connection> connect(Who who) override {
    if (who == Who::observer && observer_) return std::exchange(observer_, {});
    auto connection = Connection::open(settings(who), options_.start_timeout);
    if (!connection) {
      return environment_error("could not connect to the server: " + connection.error().one_line());
    }
    return std::move(*connection);
  }

 private:
  /// A superuser's database begins one transaction later, which a snapshot of the other must not take for its own.
  std::string golden_note(std::string_view name) const {
    return std::string(name) + (options_.superuser ? ".superuser" : "");
  }

  Result<void> clear() {
    observer_ = {};
    if (auto stopped = keeper_.stop_server(); !stopped) return stopped;
    std::error_code error;
    std::filesystem::remove_all(keeper_.outside() + "/data", error);
    if (error) return environment_error("could not remove the data directory: " + error.message());
    return {};
  }

  Result<void> begin_again(bool look) {
    if (auto cleared = clear(); !cleared) return cleared;
    return start(look);
  }

  Result<void> launch() {
    return keeper_.launch(
        {installation_.bin_dir + "/postgres", "-D", keeper_.inside() + "/data", "-k", keeper_.inside() + "/s"});
  }

  Result<void> start_from_kept() {
    auto library =
        std::async(std::launch::async, [this] { return Connection::load_library(installation_.bin_dir + "/../lib"); });
    std::string data = keeper_.outside() + "/data";
    if (!copy_folder(kept_->data(), data, keeper_.user(), "base")) return environment_error("could not copy");
    if (auto launched = launch(); !launched) return launched;
    if (!copy_folder(kept_->data() + "/base", data + "/base", keeper_.user()))
      return environment_error("could not copy");
    if (auto loaded = library.get(); !loaded) return loaded;
    return wait_until_ready();
  }

  Connection::Settings settings(Who who) const {
    Connection::Settings settings{{"host", keeper_.outside() + "/s"},
                                  {"port", "5432"},
                                  {"dbname", rehearsal_database},
                                  {"user", who == Who::observer ? admin_role : migration_role},
                                  {"application_name", who == Who::observer ? "pgrehearse observer" : "pgrehearse"},
                                  {"client_encoding", "UTF8"},
                                  {"sslmode", "disable"},
                                  {"gssencmode", "disable"}};
    // The owner may change the settings of the database for all who come: ours are said at the start, and win.
    if (who == Who::observer) {
      settings.emplace_back(
          "options",
          "-c search_path=pg_catalog -c session_preload_libraries= -c default_transaction_read_only=off "
          "-c statement_timeout=60s -c lock_timeout=0 -c standard_conforming_strings=on "
          "-c client_min_messages=warning -c DateStyle=ISO -c TimeZone=UTC -c role=none "
          // The same plans whatever there is: catalogs are small, and what initdb made has low oids.
          "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off -c "
          "max_parallel_workers_per_gather=0");
    }
    return settings;
  }

  Result<void> wait_until_ready() {
    auto deadline = Clock::now() + options_.start_timeout;
    while (!says_ready()) {
      if (keeper_.server_ended()) {
        std::string why = last_of_log(keeper_);
        return environment_error("the PostgreSQL server in \"" + installation_.bin_dir + "\" did not start" +
                                 (why.empty() ? "" : ": " + why));
      }
      if (Clock::now() > deadline) return environment_error("the PostgreSQL server did not start in time");
      std::this_thread::sleep_for(std::chrono::microseconds(300));
    }
    auto observer = connect(Who::observer);
    if (!observer) return std::unexpected(observer.error());
    learn_version(*observer);
    if (options_.superuser) {
      auto raised = observer->run(std::string("ALTER ROLE ") + migration_role + " SUPERUSER");
      if (!raised) return environment_error("could not make the role a superuser: " + raised.error().one_line());
    }
    observer_ = std::move(*observer);
    return {};
  }

  /// As pg_ctl finds out: the eighth line of the server's pid file. A try to connect costs the server a process.
  bool says_ready() const {
    std::ifstream file(keeper_.outside() + "/data/postmaster.pid");
    std::string line;
    for (int i = 0; i < 8; ++i) {
      if (!std::getline(file, line)) return false;
    }
    return line.starts_with("ready");
  }

  Keeper keeper_;
  Installation installation_;
  ServerOptions options_;
  std::optional<KeptData> kept_;
  Connection observer_;  ///< the session that found the server ready, for the first who asks
};

}  // namespace

void Server::learn_version(const Connection& connection) {
  version_number_ = connection.server_version();
  version_ = connection.parameter("server_version");
  version_ = version_.substr(0, version_.find(' '));
}

Result<std::unique_ptr<Server>> start_server(const ServerOptions& options) {
  if (!options.database_url.empty()) return start_remote_server(options);
  auto installation = choose_installation(options.pg_bin, options.major);
  if (!installation) return std::unexpected(installation.error());
  Keeper::sweep();
  Keeper::Options keeping;
  // Programs that lie below the folder's place would be hidden by it.
  keeping.isolate = options.isolate && !installation->bin_dir.starts_with("/dev/shm/");
  keeping.max_bytes = options.max_bytes;
  keeping.max_memory = options.max_memory;
  keeping.programs = options.superuser;
  auto keeper = Keeper::start(keeping);
  if (!keeper) return std::unexpected(keeper.error());
  auto server = std::make_unique<LocalServer>(std::move(*keeper), std::move(*installation), options);
  if (auto started = server->start(); !started) return std::unexpected(started.error());
  return server;
}

}  // namespace pgrehearse
