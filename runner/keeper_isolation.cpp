// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "runner/keeper_process.h"

namespace pgrehearse {
namespace {

bool write_file(const char* path, const std::string& text) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) return false;
  bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(fd);
  return written;
}

/// The statistics collector of PostgreSQL 14 and older talks to itself over the loopback device.
void raise_loopback() {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  ifreq request{};
  std::string_view("lo").copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP;
  ioctl(fd, SIOCSIFFLAGS, &request);
  close(fd);
}

}  // namespace

int isolate(const KeeperPlan& plan) {
  uid_t uid = geteuid();
  gid_t gid = getegid();
  int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC;
  if (uid != 0) flags |= CLONE_NEWUSER;
  if (unshare(flags) != 0) return errno;
  if (uid != 0) {
    write_file("/proc/self/setgroups", "deny");
    std::string user = std::to_string(uid);
    std::string group = std::to_string(gid);
    if (!write_file("/proc/self/uid_map", user + " " + user + " 1")) return errno;
    if (!write_file("/proc/self/gid_map", group + " " + group + " 1")) return errno;
  }
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return errno;
  std::string options = "mode=0711,size=" + std::to_string(plan.max_bytes);
  if (mount("pgrehearse", plan.folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options.c_str()) != 0) {
    return errno;
  }
  raise_loopback();
  return 0;
}

}  // namespace pgrehearse
