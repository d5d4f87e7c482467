// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace pgrehearse {

/// A folder of its own, removed with the value, in which the program is run as users run it.
class Workplace {
 public:
  Workplace();
  ~Workplace();
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  const std::filesystem::path& path() const { return path_; }
  Workplace& write(const std::string& name, std::string_view text);
  std::string read(const std::string& name) const;
  /// A shell command of the test's own in this folder; fails the test when it fails.
  void shell(const std::string& command) const;

  struct Ended {
    int code = -1;
    std::string out;
    std::string err;
  };
  /// `pgrehearse ARGUMENTS`, the arguments as a shell takes them; `before` may set variables or pipe something in.
  Ended run(const std::string& arguments, const std::string& before = {}) const;

 private:
  std::filesystem::path path_;
};

/// A report without what differs from run to run.
std::string comparable(const std::string& report);

}  // namespace pgrehearse
