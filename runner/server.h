// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "runner/connection.h"

namespace pgrehearse {

struct ServerOptions {
  std::string pg_bin;                ///< folder of postgres and initdb; empty: found
  int major = 0;                     ///< wanted major version; 0: the newest
  bool superuser = false;            ///< the migration's role is a superuser: only for SQL that you trust
  bool isolate = true;               ///< use namespaces where the system allows them
  uint64_t max_bytes = 4ULL << 30;   ///< cap on what the server may store
  uint64_t max_memory = 4ULL << 30;  ///< cap on what one process of it may use
  std::string database_url;          ///< not empty: use that server, in databases of our own
  std::string foundation;  ///< key of a data directory to start from when it is kept (kept_data.h); may be empty
  std::chrono::milliseconds start_timeout{60'000};
};

/// An empty database on a server that is ours alone, or in a database of ours on a given server. Gone, with all that
/// was made in it, when this object is.
class Server {
 public:
  virtual ~Server() = default;

  /// A session of the migration: an owner of the database without power over the machine.
  Result<Connection> connect_migration() { return connect(Who::migration); }
  /// A session that looks on: superuser where there is one, search_path = pg_catalog.
  Result<Connection> connect_observer() { return connect(Who::observer); }
  /// Back to the database that it began with; sessions are lost.
  virtual Result<void> reset() = 0;
  /// It began with what is kept under ServerOptions::foundation instead of an empty database. What keep() noted with it
  /// is recalled under its names.
  virtual bool has_foundation() const { return false; }
  /// Keeps what is committed now under that key, and begins with it from now on; all sessions must be closed. False:
  /// there is no place for it, and all is as reset() leaves it.
  virtual Result<bool> keep(const std::map<std::string, std::string, std::less<>>& /*notes*/) { return false; }
  /// To be asked when a session was lost: one line about a server that has ended, or ends within `patience`; else
  /// empty.
  virtual std::string why_ended(std::chrono::milliseconds /*patience*/) { return {}; }
  /// Ends all sessions at once, whatever they do.
  virtual void kill() = 0;

  /// Lets it run on without us, with all that is committed: how to connect and how to stop it, one line each.
  virtual Result<std::vector<std::string>> leave() {
    return environment_error("a database on a given server cannot be kept");
  }

  /// No one else writes here, and the observer is a superuser.
  virtual bool ours() const = 0;

  /// What an earlier run found out about the database it begins with, under a name; what this one did, for later runs.
  /// Nothing where the database is not always the same.
  virtual std::string recall(std::string_view /*name*/) const { return {}; }
  virtual void remember(std::string_view /*name*/, std::string_view /*text*/) const {}

  const std::string& version() const { return version_; }  ///< "15.20"
  int version_number() const { return version_number_; }   ///< 150020
  /// What cannot be done here, one line each.
  const std::vector<std::string>& notes() const { return notes_; }

 protected:
  enum class Who { migration, observer };
  virtual Result<Connection> connect(Who who) = 0;
  void learn_version(const Connection& connection);

  std::string version_;
  int version_number_ = 0;
  std::vector<std::string> notes_;
};

Result<std::unique_ptr<Server>> start_server(const ServerOptions& options);

/// In remote_server.cpp: databases named pgrehearse_<random> on the server of the URL.
Result<std::unique_ptr<Server>> start_remote_server(const ServerOptions& options);

}  // namespace pgrehearse
