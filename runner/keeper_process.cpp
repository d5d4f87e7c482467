// SPDX-License-Identifier: Apache-2.0
#include "runner/keeper_process.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string_view>

#include "runner/copy_folder.h"

namespace pgrehearse {
namespace {

void reply(int socket, char kind, int status) {
  std::array<char, 5> message{kind};
  std::memcpy(message.data() + 1, &status, sizeof status);
  [[maybe_unused]] ssize_t sent = send(socket, message.data(), message.size(), MSG_NOSIGNAL);
}

void close_descriptors_except(int first, int second) {
  long limit = sysconf(_SC_OPEN_MAX);
  auto close_from = [&](unsigned begin, unsigned end) {
    if (begin > end || syscall(SYS_close_range, begin, end, 0) == 0) return;
    for (unsigned fd = begin; fd <= end && fd < static_cast<unsigned long>(limit); ++fd) close(static_cast<int>(fd));
  };
  auto low = static_cast<unsigned>(std::min(first, second < 0 ? first : second));
  auto high = static_cast<unsigned>(std::max(first, second));
  close_from(3, low - 1);
  if (high > low) close_from(low + 1, high - 1);
  close_from(high + 1, ~0U);
}

void detach_from_terminal() {
  setsid();
  int null = open("/dev/null", O_RDWR);
  for (int fd : {0, 1, 2}) dup2(null, fd);
  if (null > 2) close(null);
  if (chdir("/") != 0) return;
  for (int signal : {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2}) {
    std::signal(signal, SIG_IGN);
  }
  std::signal(SIGCHLD, SIG_DFL);
}

class KeeperLoop {
 public:
  explicit KeeperLoop(const KeeperPlan& plan) : plan_(plan) {}

  [[noreturn]] void run() {
    // An orphan of the server becomes our child, so that none can outlive us.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, &old_mask_);
    signals_ = signalfd(-1, &children, SFD_CLOEXEC);
    std::array<pollfd, 2> wait{{{plan_.socket, POLLIN, 0}, {signals_, POLLIN, 0}}};
    while (true) {
      int ready = poll(wait.data(), wait.size(), plan_.isolate || server_ == 0 ? -1 : milliseconds_between_looks);
      if (ready < 0 && errno != EINTR) break;
      if (ready == 0) {
        end_when_full();
        continue;
      }
      if (wait[1].revents & POLLIN) {
        signalfd_siginfo info;
        ssize_t got = read(signals_, &info, sizeof info);
        reap();
        if (got == sizeof info && info.ssi_signo != SIGCHLD) break;
        if (wait[0].fd < 0 && server_ == 0) break;
      }
      if (wait[0].revents && !serve()) {
        if (!left_) break;
        wait[0].fd = -1;
        wait[0].revents = 0;
      }
    }
    if (!plan_.isolate) {  // the kernel does it for us when the first process of a process namespace ends
      stop_server();
      remove_folder(plan_.folder);
    }
    _exit(0);
  }

 private:
  static constexpr int milliseconds_between_looks = 500;

  /// Where no file system of its own holds it back, the server must not fill that of others.
  void end_when_full() {
    if (server_ == 0 || bytes_in(plan_.folder) <= plan_.max_bytes) return;
    reply(plan_.socket, 'F', 0);
    kill(server_, SIGQUIT);
  }

  bool serve() {
    std::array<char, 65536> buffer;
    ssize_t size = recv(plan_.socket, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) return true;
    if (size <= 0) return false;
    std::vector<char*> strings;
    for (char* at = buffer.data() + 1; at < buffer.data() + size; at += std::string_view(at).size() + 1) {
      strings.push_back(at);
    }
    if (buffer[0] == request_stop) {
      stop_server();
      reply(plan_.socket, 'S', 0);
      return true;
    }
    if (buffer[0] == request_leave) {
      // Before anybody knows whom to signal: until now these were ignored.
      sigset_t heard;
      sigemptyset(&heard);
      for (int signal : {SIGCHLD, SIGTERM, SIGINT}) sigaddset(&heard, signal);
      sigprocmask(SIG_BLOCK, &heard, nullptr);
      signalfd(signals_, &heard, SFD_CLOEXEC);
      left_ = true;
      reply(plan_.socket, 'S', 0);
      return true;
    }
    if (buffer[0] == request_shut_down) {
      reply(plan_.socket, 'S', shut_down());
      return true;
    }
    std::string input = strings.empty() ? "" : strings.front();
    if (!strings.empty()) strings.erase(strings.begin());
    strings.push_back(nullptr);
    pid_t child = fork();
    if (child == 0) execute(strings, input, buffer[0] == request_launch);
    if (child < 0) {
      reply(plan_.socket, 'E', errno);
    } else if (buffer[0] == request_launch) {
      server_ = child;
      reply(plan_.socket, 'L', child);
    } else {
      program_ = child;
    }
    return true;
  }

  [[noreturn]] void execute(const std::vector<char*>& arguments, const std::string& input, bool server) {
    setpgid(0, 0);
    if (plan_.folder_lock >= 0) fcntl(plan_.folder_lock, F_SETFD, 0);  // the lock lives as long as the server
    std::string in = input.empty() ? "/dev/null" : plan_.folder + "/" + input;
    std::string log = plan_.folder + "/log";
    int input_fd = open(in.c_str(), O_RDONLY);
    int log_fd = open(log.c_str(), O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (input_fd < 0 || log_fd < 0) _exit(126);
    dup2(input_fd, 0);
    dup2(log_fd, 1);
    dup2(log_fd, 2);
    if (plan_.user.change) {
      if (setgroups(0, nullptr) != 0 || setresgid(plan_.user.gid, plan_.user.gid, plan_.user.gid) != 0 ||
          setresuid(plan_.user.uid, plan_.user.uid, plan_.user.uid) != 0) {
        _exit(125);
      }
    }
    prctl(PR_SET_PDEATHSIG, SIGQUIT);  // only now: a change of user takes it back
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    umask(077);
    rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    rlimit memory{plan_.max_memory, plan_.max_memory};
    setrlimit(RLIMIT_DATA, &memory);
    if (chdir(plan_.folder.c_str()) != 0) _exit(126);
    for (int signal : {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2, SIGCHLD}) {
      std::signal(signal, SIG_DFL);
    }
    sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
    // Nothing of our environment: the tokens of a CI job live there, and a superuser's SQL could read them.
    std::array<char*, 3> environment{const_cast<char*>("LC_ALL=C"), const_cast<char*>("TZ=UTC"), nullptr};
    int major = 0;
    std::ifstream("data/PG_VERSION") >> major;
    if (server) jail(arguments[0], {plan_.programs, major > 0 && major < 15});  // last of all: it allows one more exec
    execve(arguments[0], arguments.data(), environment.data());
    int error = errno;
    dprintf(2, "could not execute \"%s\": errno %d\n", arguments[0], error);
    _exit(127);
  }

  void reap() {
    int status = 0;
    pid_t pid = 0;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
      int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      if (pid == program_) {
        program_ = 0;
        reply(plan_.socket, 'D', code);
      } else if (pid == server_) {
        server_ = 0;
        server_status_ = code;
        if (!stopping_) reply(plan_.socket, 'X', code);
      }
    }
  }

  /// Sessions end, what they committed is written, then the server ends: 0 when it did all that.
  int shut_down() {
    stopping_ = true;
    server_status_ = -1;
    if (server_ > 0) kill(server_, SIGINT);
    for (int waited = 0; server_ > 0 && waited < 20'000; ++waited) {
      timespec pause{0, 1'000'000};
      nanosleep(&pause, nullptr);
      reap();
    }
    int status = server_status_;
    stop_server();
    return status;
  }

  /// Immediate shutdown; then nothing that the server or a program left is alive.
  void stop_server() {
    stopping_ = true;
    if (program_ > 0) kill(-program_, SIGKILL);
    if (server_ > 0) kill(server_, SIGQUIT);
    for (int waited = 0; server_ > 0; ++waited) {
      if (waited == 2000) kill(server_, SIGKILL);
      timespec pause{0, 1'000'000};
      nanosleep(&pause, nullptr);
      reap();
    }
    kill_children();
    remove_segment(plan_.folder);
    stopping_ = false;
  }

  void kill_children() {
    if (getpid() == 1) {
      kill(-1, SIGKILL);
      while (waitpid(-1, nullptr, 0) > 0) {
      }
      return;
    }
    std::string list = "/proc/self/task/" + std::to_string(syscall(SYS_gettid)) + "/children";
    for (int round = 0; round < 100; ++round) {
      std::ifstream children(list);
      pid_t child = 0;
      while (children >> child) kill(child, SIGKILL);
      if (waitpid(-1, nullptr, 0) < 0) break;
    }
  }

  const KeeperPlan& plan_;
  sigset_t old_mask_{};
  int signals_ = -1;
  pid_t server_ = 0;
  pid_t program_ = 0;
  int server_status_ = 0;
  bool stopping_ = false;
  bool left_ = false;  ///< nobody waits for us any more
};

}  // namespace

void keep(const KeeperPlan& plan) {
  close_descriptors_except(plan.socket, plan.folder_lock);
  detach_from_terminal();
  prctl(PR_SET_NAME, "pgrehearse-keep");
  if (!plan.isolate) {
    reply(plan.socket, 'R', getpid());
    KeeperLoop(plan).run();
  }
  if (int error = isolate(plan)) {
    reply(plan.socket, 'E', error);
    _exit(1);
  }
  pid_t keeper = fork();
  if (keeper == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The server sees its own processes only; where that is not allowed, the others' files are closed to it all the
    // same.
    (void)mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
    KeeperLoop(plan).run();
  }
  reply(plan.socket, keeper < 0 ? 'E' : 'R', keeper < 0 ? errno : keeper);
  close(plan.socket);
  while (waitpid(keeper, nullptr, 0) < 0 && errno == EINTR) {
  }
  _exit(0);
}

}  // namespace pgrehearse
