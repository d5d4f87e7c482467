// SPDX-License-Identifier: Apache-2.0
#include "runner/keeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "runner/keeper_process.h"

namespace pgrehearse {
namespace {

constexpr std::string_view folder_prefix = "pgrehearse.";
constexpr const char* mount_point = "/dev/shm";
constexpr uint64_t least_free = 256ULL << 20;
constexpr size_t longest_base = 70;  // a socket's path may have 107 bytes

/// Where run folders may lie when there are no namespaces, best first: memory before disk.
std::vector<std::string> bases() {
  std::vector<std::string> list{"/dev/shm"};
  for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"}) {
    const char* value = std::getenv(name);
    if (value && *value == '/') list.emplace_back(value);
  }
  list.emplace_back("/tmp");
  return list;
}

bool has_room(const std::string& base) {
  struct statvfs space;
  return base.size() <= longest_base && access(base.c_str(), W_OK | X_OK) == 0 && statvfs(base.c_str(), &space) == 0 &&
         static_cast<uint64_t>(space.f_bavail) * space.f_frsize >= least_free;
}

/// A descriptor of the folder with its lock, or -1: it is in use, gone, or not ours.
int lock_folder(const std::string& folder) {
  int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return -1;
  struct stat held;
  struct stat found;
  if (fstat(fd, &held) == 0 && held.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
      stat(folder.c_str(), &found) == 0 && found.st_ino == held.st_ino) {
    return fd;
  }
  close(fd);
  return -1;
}

std::string error_text(int error) { return std::strerror(error); }

}  // namespace

Result<ServerUser> server_user() {
  ServerUser user{geteuid(), getegid(), false};
  if (user.uid != 0) return user;
  for (const char* name : {"postgres", "nobody"}) {
    passwd entry;
    passwd* found = nullptr;
    std::array<char, 16384> texts;
    if (getpwnam_r(name, &entry, texts.data(), texts.size(), &found) == 0 && found && entry.pw_uid != 0) {
      return ServerUser{entry.pw_uid, entry.pw_gid, true};
    }
  }
  return environment_error("this system has no user that a PostgreSQL server could run as",
                           "PostgreSQL refuses to run as root: add a user named postgres, or run as another user.");
}

Result<Keeper> Keeper::start(const Options& options) {
  auto user = server_user();
  if (!user) return std::unexpected(user.error());
  if (options.isolate) {
    auto keeper = start_isolated(options, *user);
    if (keeper) return keeper;
  }
  return start_plain(options, *user);
}

Result<Keeper> Keeper::start_isolated(const Options& options, const ServerUser& user) {
  KeeperPlan plan{-1, -1, mount_point, true, options.max_bytes, options.max_memory, options.programs, user};
  return fork_keeper(plan);
}

Result<Keeper> Keeper::start_plain(const Options& options, const ServerUser& user) {
  std::string base = options.base;
  if (base.empty()) {
    for (const auto& candidate : bases()) {
      if (has_room(candidate)) {
        base = candidate;
        break;
      }
    }
  }
  if (base.empty()) {
    return environment_error("no place for the data of a temporary server",
                             "Set TMPDIR to a folder with a short name and 256 MB of free space.");
  }
  // Between mkdtemp and the lock a sweeper may have taken the folder for garbage: then try again.
  for (int attempt = 0; attempt < 10; ++attempt) {
    std::string folder = base + "/" + std::string(folder_prefix) + "XXXXXX";
    if (!mkdtemp(folder.data())) break;
    int lock = lock_folder(folder);
    if (lock < 0) continue;
    chmod(folder.c_str(), 0711);
    KeeperPlan plan{-1, lock, folder, false, options.max_bytes, options.max_memory, options.programs, user};
    auto keeper = fork_keeper(plan);
    close(lock);
    if (!keeper) remove_folder(folder);
    return keeper;
  }
  return environment_error("could not create a folder in \"" + base + "\": " + error_text(errno));
}

Result<Keeper> Keeper::fork_keeper(KeeperPlan& plan) {
  std::array<int, 2> ends;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return environment_error("could not create a socket pair: " + error_text(errno));
  }
  plan.socket = ends[1];
  pid_t pid = fork();
  if (pid == 0) keep(plan);
  close(ends[1]);
  Keeper keeper;
  keeper.socket_ = ends[0];
  keeper.pid_ = pid;
  keeper.user_ = plan.user;
  keeper.isolated_ = plan.isolate;
  keeper.inside_ = keeper.outside_ = plan.folder;
  if (pid < 0) return environment_error("could not start a process: " + error_text(errno));
  auto ready = keeper.receive(10'000);
  if (!ready || ready->kind != 'R') {
    return environment_error("could not isolate the server: " + (ready ? error_text(ready->status) : "no answer"));
  }
  if (plan.isolate) {
    keeper.outside_ = "/proc/" + std::to_string(ready->status) + "/root" + plan.folder;
    struct stat folder;
    if (stat((keeper.outside_ + "/.").c_str(), &folder) != 0) {
      return environment_error("could not reach the server's folder: " + error_text(errno));
    }
  }
  return keeper;
}

Keeper::Keeper(Keeper&& other) noexcept { *this = std::move(other); }
Keeper& Keeper::operator=(Keeper&& other) noexcept {
  std::swap(outside_, other.outside_);
  std::swap(inside_, other.inside_);
  std::swap(user_, other.user_);
  std::swap(socket_, other.socket_);
  std::swap(pid_, other.pid_);
  std::swap(isolated_, other.isolated_);
  std::swap(server_ended_, other.server_ended_);
  std::swap(over_limit_, other.over_limit_);
  return *this;
}

Keeper::~Keeper() {
  if (socket_ >= 0) close(socket_);
  if (pid_ > 0) {
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

std::optional<Keeper::Reply> Keeper::receive(int timeout_ms) {
  pollfd wait{socket_, POLLIN, 0};
  int ready = 0;
  while ((ready = poll(&wait, 1, timeout_ms)) < 0 && errno == EINTR) {
  }
  std::array<char, 5> message;
  if (ready <= 0) return std::nullopt;
  if (recv(socket_, message.data(), message.size(), 0) != static_cast<ssize_t>(message.size())) {
    server_ended_ = true;  // the keeper is gone, and the server with it
    return std::nullopt;
  }
  Reply reply{message[0], 0};
  std::memcpy(&reply.status, message.data() + 1, sizeof reply.status);
  return reply;
}

Result<int> Keeper::request(char kind, const std::vector<std::string>& arguments, const std::string& input) {
  std::string message(1, kind);
  if (kind != request_stop && kind != request_shut_down && kind != request_leave) message += input + '\0';
  for (const auto& argument : arguments) message += argument + '\0';
  if (send(socket_, message.data(), message.size(), MSG_NOSIGNAL) < 0) {
    return environment_error("the process that keeps the server is gone");
  }
  while (auto answer = receive(120'000)) {
    if (answer->kind == 'X' || answer->kind == 'F') {
      take_news(*answer);
    } else if (answer->kind == 'E') {
      return environment_error("could not start \"" + arguments.front() + "\": " + error_text(answer->status));
    } else {
      return answer->status;
    }
  }
  return environment_error("the process that keeps the server does not answer");
}

Result<int> Keeper::run(const std::vector<std::string>& arguments, const std::string& input) {
  return request(request_run, arguments, input);
}

Result<void> Keeper::launch(const std::vector<std::string>& arguments) {
  server_ended_ = over_limit_ = false;
  auto launched = request(request_launch, arguments, {});
  if (!launched) return std::unexpected(launched.error());
  return {};
}

Result<void> Keeper::stop_server() {
  auto stopped = request(request_stop, {}, {});
  if (!stopped) return std::unexpected(stopped.error());
  return {};
}

Result<void> Keeper::shut_down_server() {
  auto status = request(request_shut_down, {}, {});
  if (!status) return std::unexpected(status.error());
  if (*status != 0) return environment_error("the server did not shut down");
  return {};
}

Result<int> Keeper::leave() {
  if (isolated_) return environment_error("a server in namespaces of its own cannot be left running");
  auto left = request(request_leave, {}, {});
  if (!left) return std::unexpected(left.error());
  return std::exchange(pid_, -1);
}

void Keeper::take_news(const Reply& news) {
  server_ended_ = server_ended_ || news.kind == 'X';
  over_limit_ = over_limit_ || news.kind == 'F';
}

bool Keeper::server_ended() {
  while (!server_ended_) {
    auto news = receive(0);
    if (!news) break;
    take_news(*news);
  }
  return server_ended_;
}

int Keeper::sweep() {
  int removed = 0;
  for (const auto& base : bases()) {
    DIR* listing = opendir(base.c_str());
    if (!listing) continue;
    std::vector<std::string> found;
    while (const dirent* entry = readdir(listing)) {
      if (std::string_view(entry->d_name).starts_with(folder_prefix)) found.push_back(base + "/" + entry->d_name);
    }
    closedir(listing);
    for (const auto& folder : found) {
      int lock = lock_folder(folder);
      if (lock < 0) continue;
      remove_folder(folder);
      close(lock);
      ++removed;
    }
  }
  return removed;
}

}  // namespace pgrehearse
