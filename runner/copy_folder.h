// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "runner/keeper.h"

namespace pgrehearse {

/// A file descriptor that is closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// Copies a folder and all in it, for `owner` alone; links are not followed. False, with errno, when something went
/// wrong. `empty`: a folder in it that is made, but not filled; without one `to` may be there already, as made for
/// that.
bool copy_folder(const std::string& from, const std::string& to, const ServerUser& owner, std::string_view empty = {});

/// What the files in a folder take on the disk.
uint64_t bytes_in(const std::string& folder);

}  // namespace pgrehearse
