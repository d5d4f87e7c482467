// SPDX-License-Identifier: Apache-2.0
// usage: bench_spawn PROGRAM [ARGUMENT...]: runs it with its output thrown away and prints what it cost: wall seconds,
// CPU seconds, peak memory in KiB, exit code. A small program of its own, because the kernel counts the memory of
// whoever forks towards the peak of the child.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdio>

extern char** environ;

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  auto begin = std::chrono::steady_clock::now();
  pid_t child;
  if (posix_spawnp(&child, argv[1], &actions, nullptr, argv + 1, environ) != 0) {
    std::perror(argv[1]);
    return 3;
  }
  int status;
  rusage used;
  if (wait4(child, &status, 0, &used) != child) return 3;
  std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  std::printf("%.6f %.6f %ld %d\n", wall.count(), seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss,
              WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}
