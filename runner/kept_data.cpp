// SPDX-License-Identifier: Apache-2.0
#include "runner/kept_data.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "runner/golden.h"

namespace pgrehearse {
namespace fs = std::filesystem;
namespace {

/// Of a folder that is being written, and becomes one of `kept` by a rename when it is whole.
constexpr std::string_view unfinished_prefix = "new.";

std::string kept_folder() {
  std::string cache = cache_folder();
  return cache.empty() ? cache : cache + "/kept";
}

/// A descriptor of the folder with its lock, or none: somebody has it, or it is gone.
std::unique_ptr<Descriptor> lock_folder(const std::string& folder, int how) {
  auto lock = std::make_unique<Descriptor>(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat held;
  struct stat found;
  bool locked = lock->valid() && flock(lock->get(), how | LOCK_NB) == 0 && fstat(lock->get(), &held) == 0 &&
                stat(folder.c_str(), &found) == 0 && held.st_ino == found.st_ino && held.st_dev == found.st_dev;
  return locked ? std::move(lock) : nullptr;
}

/// Takes out what others gave up half-written, then whole ones, longest unused first, until `wanted` bytes have room.
void make_room(const std::string& parent, uint64_t wanted, uint64_t room) {
  struct Entry {
    std::string folder;
    timespec used{};
    uint64_t bytes = 0;
  };
  std::vector<Entry> entries;
  uint64_t sum = wanted;
  std::error_code error;
  for (const auto& each : fs::directory_iterator(parent, error)) {
    Entry entry{each.path().string()};
    if (each.path().filename().string().starts_with(unfinished_prefix)) {
      if (auto lock = lock_folder(entry.folder, LOCK_EX)) fs::remove_all(entry.folder, error);
      continue;
    }
    struct stat info;
    if (lstat(entry.folder.c_str(), &info) != 0) continue;
    entry.used = info.st_mtim;
    entry.bytes = bytes_in(entry.folder);
    sum += entry.bytes;
    entries.push_back(std::move(entry));
  }
  std::ranges::sort(entries, [](const Entry& a, const Entry& b) {
    return std::pair(a.used.tv_sec, a.used.tv_nsec) < std::pair(b.used.tv_sec, b.used.tv_nsec);
  });
  for (const Entry& entry : entries) {
    if (sum <= room) return;
    auto lock = lock_folder(entry.folder, LOCK_EX);
    if (!lock) continue;  // in use
    // Under another name first, so that nobody finds half of it.
    std::string doomed = parent + "/" + std::string(unfinished_prefix) + fs::path(entry.folder).filename().string();
    if (rename(entry.folder.c_str(), doomed.c_str()) != 0) continue;
    fs::remove_all(doomed, error);
    sum -= entry.bytes;
  }
}

bool write_note(const std::string& path, const std::string& text) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  return file.valid() && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace

std::optional<KeptData> KeptData::find(const Installation& installation, const std::string& key) {
  std::string parent = kept_folder();
  if (parent.empty() || !check_ours(parent)) return std::nullopt;
  std::string folder = parent + "/" + golden_key(installation) + "-" + key;
  auto lock = lock_folder(folder, LOCK_SH);
  if (!lock || !check_ours(folder) || !check_ours(folder + "/data")) return std::nullopt;
  futimens(lock->get(), nullptr);  // used now
  return KeptData(std::move(folder), std::move(lock));
}

bool KeptData::keep(const Installation& installation, const std::string& key, const std::string& data,
                    const Notes& notes, uint64_t room) {
  std::string parent = kept_folder();
  if (parent.empty() || (mkdir(parent.c_str(), 0700) != 0 && errno != EEXIST) || !check_ours(parent)) return false;
  std::string folder = parent + "/" + golden_key(installation) + "-" + key;
  if (access(folder.c_str(), F_OK) == 0) return check_ours(folder).has_value();  // another run was first
  remove_old_log(data);
  uint64_t bytes = bytes_in(data);
  if (bytes > room / 4) return false;  // it would drive the others out
  make_room(parent, bytes, room);
  std::string part = parent + "/" + std::string(unfinished_prefix) + "XXXXXX";
  if (!mkdtemp(part.data())) return false;
  auto lock = lock_folder(part, LOCK_EX);
  if (!lock) return false;  // another run has just cleaned it away
  bool written = copy_folder(data, part + "/data", ServerUser{});
  for (const auto& [name, text] : notes) written = written && write_note(part + "/" + name, text);
  // A run that was as fast has put the same there: then the rename fails.
  if (written && rename(part.c_str(), folder.c_str()) == 0) return true;
  std::error_code ignored;
  fs::remove_all(part, ignored);
  return access(folder.c_str(), F_OK) == 0;
}

std::string KeptData::note(std::string_view name) const {
  std::ifstream file(folder_ + "/" + std::string(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace pgrehearse
