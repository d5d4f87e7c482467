// SPDX-License-Identifier: Apache-2.0
#include <sys/shm.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "runner/keeper_process.h"

namespace pgrehearse {

void remove_segment(const std::string& folder) {
  // Its id is on line 7 of the pid file ("key id").
  std::ifstream pid_file(folder + "/data/postmaster.pid");
  std::string line;
  for (int i = 0; i < 7 && std::getline(pid_file, line); ++i) {
  }
  unsigned long key = 0;
  int id = 0;
  shmid_ds segment{};
  if (std::sscanf(line.c_str(), "%lu %d", &key, &id) == 2 && shmctl(id, IPC_STAT, &segment) == 0 &&
      segment.shm_nattch == 0 && segment.shm_segsz < 4096) {
    shmctl(id, IPC_RMID, nullptr);
  }
}

void remove_folder(const std::string& folder) {
  remove_segment(folder);
  std::error_code ignored;
  for (int round = 0; round < 3; ++round) {
    std::filesystem::remove_all(folder, ignored);
    if (!ignored) break;
  }
}

}  // namespace pgrehearse
