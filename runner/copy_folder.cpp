// SPDX-License-Identifier: Apache-2.0
#include "runner/copy_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

namespace pgrehearse {
namespace {

/// Copies what lies in a folder; new files are for their owner alone. False, with errno, when something went wrong.
/// `empty`: a folder in it that is made, but not filled.
bool copy_tree(int from, int to, const ServerUser& owner, std::string_view empty = {}) {
  DIR* listing = fdopendir(dup(from));
  if (!listing) return false;
  bool copied = true;
  while (const dirent* entry = readdir(listing)) {
    const char* name = entry->d_name;
    if (std::string_view(name) == "." || std::string_view(name) == "..") continue;
    Descriptor source(openat(from, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    struct stat info;
    if (!source.valid() || fstat(source.get(), &info) != 0) {
      copied = false;
      break;
    }
    if (S_ISDIR(info.st_mode)) {
      if (mkdirat(to, name, 0700) != 0) copied = false;
      Descriptor target(openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      copied = copied && target.valid() && (name == empty || copy_tree(source.get(), target.get(), owner)) &&
               (!owner.change || fchown(target.get(), owner.uid, owner.gid) == 0);
    } else if (S_ISREG(info.st_mode)) {
      Descriptor target(openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
      copied = target.valid() && (!owner.change || fchown(target.get(), owner.uid, owner.gid) == 0);
      for (off_t at = 0; copied && at < info.st_size;) {
        copied = sendfile(target.get(), source.get(), &at, static_cast<size_t>(info.st_size - at)) > 0;
      }
    }
    if (!copied) break;
  }
  int error = errno;
  closedir(listing);
  errno = error;
  return copied;
}

}  // namespace

bool copy_folder(const std::string& from, const std::string& to, const ServerUser& owner, std::string_view empty) {
  if (mkdir(to.c_str(), 0700) != 0 && (errno != EEXIST || !empty.empty())) return false;
  Descriptor source(open(from.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  Descriptor target(open(to.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  return source.valid() && target.valid() && copy_tree(source.get(), target.get(), owner, empty) &&
         (!owner.change || fchown(target.get(), owner.uid, owner.gid) == 0);
}

uint64_t bytes_in(const std::string& folder) {
  uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    struct stat info;
    // Small files take a block too.
    if (lstat(entry->path().c_str(), &info) == 0) bytes += static_cast<uint64_t>(info.st_blocks) * 512;
  }
  return bytes;
}

}  // namespace pgrehearse
