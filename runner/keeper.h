// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace pgrehearse {

/// Whom programs of PostgreSQL run as, which refuse to run as root.
struct ServerUser {
  unsigned uid = 0;
  unsigned gid = 0;
  bool change = false;  ///< we are root and must become that user
};
Result<ServerUser> server_user();

/// Whether this system has filters of system calls, which keep the server from the network and from other programs.
bool can_jail();

struct KeeperPlan;

/// A run folder and the process that keeps it: it starts the server, and when we are gone, however that came about, it
/// ends the server and removes the folder. Where the system allows, folder and server live in namespaces of their own
/// (a tmpfs, no network, no other process to see), which the kernel takes down with the keeper; else the folder lies in
/// a place for temporary files, locked as long as anything of it lives, and sweep() removes what a lost keeper left.
class Keeper {
 public:
  struct Options {
    bool isolate = true;               ///< try the namespaces
    uint64_t max_bytes = 4ULL << 30;   ///< that the folder may hold: size of the tmpfs, or the server is ended
    uint64_t max_memory = 4ULL << 30;  ///< that one process may write to
    bool programs = false;             ///< the server may start other programs
    std::string base;                  ///< parent of the folder when not isolated; empty: chosen
  };
  static Result<Keeper> start(const Options& options);

  Keeper(Keeper&&) noexcept;
  Keeper& operator=(Keeper&&) noexcept;
  ~Keeper();  ///< ends the server, removes the folder, returns when both are done

  const std::string& outside() const { return outside_; }  ///< the folder, as this process reaches it
  const std::string& inside() const { return inside_; }    ///< the same, as the server names it
  bool isolated() const { return isolated_; }
  const ServerUser& user() const { return user_; }

  /// Runs a program to its end, with our empty environment, as the server's user; its exit status. Its output is
  /// appended to the file `log` in the folder. `input`: a file in the folder for its standard input, may be empty.
  Result<int> run(const std::vector<std::string>& arguments, const std::string& input = {});
  /// Starts the server, which may be started again after stop_server().
  Result<void> launch(const std::vector<std::string>& arguments);
  Result<void> stop_server();
  /// Ends it with all that was committed in its data directory; an Error when that did not go well. It is gone then
  /// too.
  Result<void> shut_down_server();
  /// Lets the server and the folder live on without us; the process id that SIGTERM ends both by. Not when isolated.
  Result<int> leave();
  /// True when the launched server has ended by itself.
  bool server_ended();
  /// It was ended because the folder held too much.
  bool over_limit() const { return over_limit_; }

  /// Removes the folders of keepers that were lost. Returns how many.
  static int sweep();

 private:
  Keeper() = default;
  static Result<Keeper> start_isolated(const Options& options, const ServerUser& user);
  static Result<Keeper> start_plain(const Options& options, const ServerUser& user);
  static Result<Keeper> fork_keeper(KeeperPlan& plan);
  struct Reply {
    char kind = 0;
    int status = 0;
  };
  std::optional<Reply> receive(int timeout_ms);
  void take_news(const Reply& news);
  Result<int> request(char kind, const std::vector<std::string>& arguments, const std::string& input);

  std::string outside_;
  std::string inside_;
  ServerUser user_;
  int socket_ = -1;
  int pid_ = -1;
  bool isolated_ = false;
  bool server_ended_ = false;
  bool over_limit_ = false;
};

}  // namespace pgrehearse
