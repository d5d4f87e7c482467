// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "runner/server.h"

namespace pgrehearse {
namespace {

constexpr std::string_view name_prefix = "pgrehearse_";

class RemoteServer : public Server {
 public:
  explicit RemoteServer(const ServerOptions& options) : options_(options) {}

  ~RemoteServer() override {
    if (admin_) drop(database_);
  }

  Result<void> start() {
    auto admin =
        Connection::open_url(options_.database_url, {{"application_name", "pgrehearse"}}, options_.start_timeout);
    if (!admin) return environment_error("could not connect to the given server: " + admin.error().one_line());
    admin_ = std::move(*admin);
    learn_version(admin_);
    auto power = admin_.run("select rolsuper from pg_catalog.pg_roles where rolname = current_user");
    superuser_ = power && power->size() == 1 && power->at(0, 0) == "t";
    notes_.emplace_back("roles and other things of the whole server are not rolled back on a given server");
    if (!superuser_) notes_.emplace_back("without superuser on the given server some definitions cannot be compared");
    sweep();
    return create();
  }

  Result<void> reset() override {
    drop(database_);
    return create();
  }

  bool ours() const override { return false; }

  void kill() override {
    (void)admin_.run("select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where datname = " +
                     quote_literal(database_));
  }

 protected:
  Result<Connection> connect(Who who) override {
    Connection::Settings settings{{"dbname", database_}, {"application_name", "pgrehearse"}};
    auto connection = Connection::open_url(options_.database_url, settings, options_.start_timeout);
    if (!connection)
      return environment_error("could not connect to the given server: " + connection.error().one_line());
    if (who == Who::observer) {
      for (const char* setting : {"search_path = pg_catalog", "statement_timeout = '60s'", "lock_timeout = 0",
                                  "client_min_messages = warning", "datestyle = 'ISO'", "timezone = 'UTC'"}) {
        if (auto set = connection->run(std::string("set ") + setting); !set) {
          return environment_error("could not prepare a session: " + set.error().one_line());
        }
      }
    }
    return std::move(*connection);
  }

 private:
  /// The lock, held by our session, tells others that this database is in use.
  static std::string lock_key(std::string_view database) {
    return "pg_catalog.hashtextextended(" + quote_literal(database) + ", 0)";
  }

  Result<void> create() {
    static constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::random_device random;
    database_ = name_prefix;
    for (int i = 0; i < 12; ++i) database_ += letters[random() % letters.size()];
    if (auto locked = admin_.run("select pg_catalog.pg_advisory_lock(" + lock_key(database_) + ")"); !locked) {
      return environment_error("could not take an advisory lock: " + locked.error().one_line());
    }
    auto created = admin_.run("create database " + database_ + " template template0");
    if (!created && created.error().sqlstate == "3D000") created = admin_.run("create database " + database_);
    if (!created) {
      return environment_error("could not create a database on the given server: " + created.error().one_line(),
                               "The role needs the right to create databases (ALTER ROLE ... CREATEDB).");
    }
    return {};
  }

  void drop(const std::string& database) {
    // Somebody may have ended our session; the database is to go all the same.
    if (auto alive = admin_.run("select"); !alive && alive.error().connection_lost) {
      auto again =
          Connection::open_url(options_.database_url, {{"application_name", "pgrehearse"}}, options_.start_timeout);
      if (again) admin_ = std::move(*again);
    }
    if (version_number_ >= 130000) {
      (void)admin_.run("drop database if exists " + quote_name(database) + " with (force)");
    } else {
      (void)admin_.run("select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where datname = " +
                       quote_literal(database));
      (void)admin_.run("drop database if exists " + quote_name(database));
    }
    (void)admin_.run("select pg_catalog.pg_advisory_unlock(" + lock_key(database) + ")");
  }

  /// Databases of runs that were killed: ours by name and owner, and nobody holds their lock.
  void sweep() {
    auto left = admin_.run(
        "select datname from pg_catalog.pg_database where datname ~ '^pgrehearse_[a-z0-9]{12}$' and "
        "pg_catalog.pg_get_userbyid(datdba) = current_user");
    if (!left) return;
    for (int i = 0; i < left->size(); ++i) {
      std::string name(left->at(i, 0));
      auto locked = admin_.run("select pg_catalog.pg_try_advisory_lock(" + lock_key(name) + ")");
      if (locked && locked->size() == 1 && locked->at(0, 0) == "t") drop(name);
    }
  }

  ServerOptions options_;
  Connection admin_;
  std::string database_;
  bool superuser_ = false;
};

}  // namespace

Result<std::unique_ptr<Server>> start_remote_server(const ServerOptions& options) {
  if (auto loaded = Connection::load_library(); !loaded) return std::unexpected(loaded.error());
  auto server = std::make_unique<RemoteServer>(options);
  if (auto started = server->start(); !started) return std::unexpected(started.error());
  return server;
}

}  // namespace pgrehearse
