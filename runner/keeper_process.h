// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "runner/keeper.h"

namespace pgrehearse {

/// What the keeper's process is told before it is forked.
struct KeeperPlan {
  int socket = -1;       ///< SOCK_SEQPACKET to the tool; its end of file is the order to clean up
  int folder_lock = -1;  ///< descriptor of the folder, locked; inherited by the server (plain only)
  std::string folder;    ///< as the server names it
  bool isolate = false;
  uint64_t max_bytes = 0;
  uint64_t max_memory = 0;
  bool programs = false;
  ServerUser user;
};

/// Requests are one byte (below), then strings with a closing NUL each. Replies are a byte and an int:
/// 'R' ready (process id), 'E' not possible (errno), 'D' done (exit status), 'L' launched, 'S' stopped, 'X' the server
/// ended by itself, after 'F' because the folder held too much.
inline constexpr char request_run = 'r';
inline constexpr char request_launch = 'l';
inline constexpr char request_stop = 's';
inline constexpr char request_leave = 'k';      ///< 'S'; from then on it lives until SIGTERM or SIGINT
inline constexpr char request_shut_down = 'd';  ///< well, with a checkpoint; 'S' with the server's exit status

/// The life of the keeper; to be called right after fork().
[[noreturn]] void keep(const KeeperPlan& plan);

/// Namespaces of our own with a tmpfs for the folder; an errno when the system does not allow that.
int isolate(const KeeperPlan& plan);

/// What the server may do behind its filter of system calls.
struct Jail {
  bool programs = false;   ///< start other programs
  bool datagrams = false;  ///< open UDP sockets: the statistics collector of PostgreSQL 14 and older talks to itself
};
/// Filters the calls of this process and all that come from it: no network, and no program but `program`, which exec
/// must name by this very pointer. False when the system does not allow it, where can_jail() says so before.
bool jail(const char* program, const Jail& allowed);

/// Removes the System V segment that a server which was killed has left; its data directory is there still.
void remove_segment(const std::string& folder);

/// Removes a folder, and that segment; entries are never followed.
void remove_folder(const std::string& folder);

}  // namespace pgrehearse
