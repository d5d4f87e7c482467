// SPDX-License-Identifier: Apache-2.0
#include "cli/status_line.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>

#include "tests/cli/program.h"

namespace pgrehearse {
namespace {

TEST_CASE("a status line takes no more than the terminal has") {
  CHECK(cut_to_columns("abc", 3) == "abc");
  CHECK(cut_to_columns("abcd", 3) == "abc");
  CHECK(cut_to_columns("\xC3\xA4\xC3\xB6\xC3\xBC", 2) == "\xC3\xA4\xC3\xB6");
  CHECK(cut_to_columns("\xE6\xBC\xA2\xE5\xAD\x97", 3) == "\xE6\xBC\xA2");  // two columns each
  CHECK(cut_to_columns("", 0).empty());
}

/// What is written to standard error when that is a terminal.
class Terminal {
 public:
  Terminal() : ours_(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) {
    REQUIRE(grantpt(ours_) == 0);
    REQUIRE(unlockpt(ours_) == 0);
    name_ = ptsname(ours_);
    theirs_ = open(name_.c_str(), O_RDWR | O_NOCTTY);  // so that nothing is lost when the program closes it
  }
  ~Terminal() {
    close(ours_);
    close(theirs_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  std::string run(const Workplace& place, const std::string& arguments) {
    place.shell(PGREHEARSE_BINARY " " + arguments + " --no-config --fail-level never 2>" + name_);
    std::string text;
    char buffer[4096];
    for (ssize_t size = 0; (size = read(ours_, buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<size_t>(size));
    return text;
  }

 private:
  int ours_;
  int theirs_ = -1;
  std::string name_;
};

TEST_CASE("on a terminal one line says what the rehearsal is at, and is gone at the end", "[server]") {
  Workplace place;
  place.write("m/001_a.up.sql", "CREATE TABLE a (id int);\n")
      .write("m/001_a.down.sql", "DROP TABLE a;\n")
      .write("m/002_b\x1b[31m.up.sql", "CREATE TABLE b (id int);\n")
      .write("m/002_b\x1b[31m.down.sql", "DROP TABLE b;\n");
  ::setenv("TERM", "xterm", 1);
  Terminal terminal;
  std::string begin = "\r\x1b[K";
  std::string text = terminal.run(place, "run m --jobs 2");
  INFO(text);
  size_t first = text.find(begin + "rehearsing 1 of 2: apply 001 a");
  size_t second = text.find(begin + "rehearsing 2 of 2: roll back again 002 b");
  size_t last = text.find(begin + "rehearsing 2 of 2: roll back all 2 migrations");
  CHECK(first != std::string::npos);
  CHECK(second != std::string::npos);
  CHECK(last != std::string::npos);
  CHECK(first < second);
  CHECK(second < last);
  CHECK(text.ends_with(begin));
  CHECK(text.find('\n') == std::string::npos);
  CHECK(text.find("\x1b[31m") == std::string::npos);  // names act no more than elsewhere

  CHECK(terminal.run(place, "run m --quiet").empty());
  CHECK(terminal.run(place, "lint m").find("rehearsing") == std::string::npos);
  ::setenv("TERM", "dumb", 1);
  CHECK(terminal.run(place, "run m").find("rehearsing") == std::string::npos);
  ::unsetenv("TERM");
  CHECK(place.run("run m --no-config").err.find("rehearsing") == std::string::npos);
}

}  // namespace
}  // namespace pgrehearse
