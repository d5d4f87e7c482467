// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/program.h"

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>

#include <catch2/catch_test_macros.hpp>

namespace pgrehearse {
namespace fs = std::filesystem;

Workplace::Workplace() {
  std::string pattern = (fs::temp_directory_path() / "pgrehearse-cli-XXXXXX").native();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path_ = fs::canonical(pattern);
  fs::permissions(path_, fs::perms::others_read | fs::perms::others_exec, fs::perm_options::add);
  fs::create_directory(path_ / "work");
}

Workplace::~Workplace() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Workplace& Workplace::write(const std::string& name, std::string_view text) {
  fs::path file = path_ / "work" / name;
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
  return *this;
}

std::string Workplace::read(const std::string& name) const {
  std::ifstream file(path_ / "work" / name, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Workplace::shell(const std::string& command) const {
  INFO(command);
  REQUIRE(std::system(("cd '" + (path_ / "work").native() + "' && { " + command + "\n} >/dev/null").c_str()) == 0);
}

Workplace::Ended Workplace::run(const std::string& arguments, const std::string& before) const {
  std::string command = "cd '" + (path_ / "work").native() + "' && " + before + " " PGREHEARSE_BINARY " " + arguments +
                        " >../out 2>../err";
  int status = std::system(command.c_str());
  Ended ended;
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  ended.out = read("../out");
  ended.err = read("../err");
  return ended;
}

std::string comparable(const std::string& report) {
  static const std::regex times(R"re(("?(seconds|time|duration)"?( value)?[=:] ?"?)[0-9.e-]+)re");
  static const std::regex stamp(R"re("(startTimeUtc|endTimeUtc|guid)": "[^"]*")re");
  static const std::regex bytes(R"re((wal_bytes"?( value)?[=:] ?"?)[0-9]+)re");
  return std::regex_replace(std::regex_replace(std::regex_replace(report, times, "$1T"), stamp, ""), bytes, "$1B");
}

}  // namespace pgrehearse
