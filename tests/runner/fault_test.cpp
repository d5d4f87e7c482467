// SPDX-License-Identifier: Apache-2.0
// The machine fails us at every step: one clear line, what was found out before is kept, nothing is left.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "runner/installation.h"
#include "runner/rehearsal.h"
#include "tests/runner/sets.h"

using namespace pgrehearse;
namespace fs = std::filesystem;

namespace {

Result<Rehearsed> run(const MigrationSet& set, const RehearsalOptions& options) {
  return rehearse(set, options, [](const auto&) { return 0U; });
}

/// A folder that the server's user may write to.
class Folder {
 public:
  Folder() {
    path_ = (fs::temp_directory_path() / "pgrehearse-fault-XXXXXX").native();
    REQUIRE(mkdtemp(path_.data()) != nullptr);
    chmod(path_.c_str(), 0777);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Ends the server, or one session of it, when it is run for the `nth` time.
std::string bomb(const Folder& folder, int nth, const char* whom) {
  return "copy (select 1) to program 'cat > /dev/null; echo >> " + folder.path() + "/runs; if [ $(wc -l < " +
         folder.path() + "/runs) = " + std::to_string(nth) + " ]; then kill -9 " + whom + "; sleep 0.2; fi';\n";
}

}  // namespace

TEST_CASE("a server that is killed at any step costs no more than that migration", "[server]") {
  // apply, re-apply, roll back, roll back again, apply again; then all of them down and up again
  for (const char* whom : {"$(head -1 postmaster.pid)", "$PPID"}) {
    for (int nth = 1; nth <= 7; ++nth) {
      INFO("run " << nth << " kills " << whom);
      Folder folder;
      RehearsalOptions options;
      options.rows = 0;
      options.server.superuser = true;  // to have a means to kill
      std::string kill = bomb(folder, nth, whom);
      auto result = run(set_of({{"create table a (id int);", "drop table a;"},
                                {kill + "create table if not exists b (id int);", kill + "drop table if exists b;"},
                                {"create table c (id int);", "drop table c;"}}),
                        options);
      REQUIRE(result);
      REQUIRE(result->stopped);
      INFO(result->stopped->message);
      CHECK(result->stopped->kind == Error::Kind::environment);
      CHECK(result->stopped->message.find('\n') == std::string::npos);
      CHECK(result->stopped->message.find("server") != std::string::npos);
      REQUIRE(result->migrations.size() >= 3);
      for (const MigrationReport& migration : result->migrations) {
        for (const Outcome& each : migration.outcomes) {
          if (each.verdict == Verdict::skipped && migration.name != "1") CHECK_FALSE(each.reason.empty());
        }
      }
      CHECK(verdicts_of(result->migrations[0]) == "pwpwp");
      CHECK(verdicts_of(result->migrations[1]).substr(0, static_cast<size_t>(nth - 1)) ==
            std::string(static_cast<size_t>(std::min(nth - 1, 5)), 'p'));
      if (nth > 5) CHECK(verdicts_of(result->migrations[2]) == "pwpwp");
    }
  }
}

TEST_CASE("a server that does not start is one clear line", "[server]") {
  Folder folder;
  auto installation = choose_installation({}, 0);
  REQUIRE(installation);
  auto program = [&](const char* name, const std::string& body) {
    std::string path = folder.path() + "/" + name;
    std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
    chmod(path.c_str(), 0755);
  };
  auto real = [&](const char* name) { return "exec " + installation->bin_dir + "/" + name + " \"$@\""; };
  auto message = [&] {
    ServerOptions options;
    options.pg_bin = folder.path();
    options.start_timeout = std::chrono::milliseconds(3000);
    auto server = start_server(options);
    REQUIRE_FALSE(server);
    CHECK(server.error().kind == Error::Kind::environment);
    CHECK(server.error().message.find('\n') == std::string::npos);
    return server.error().message;
  };
  program("postgres", "exit 1");
  program("initdb", "echo 'initdb: error: could not do it' >&2; exit 1");
  CHECK(message() == "could not initialise a data directory: initdb: error: could not do it");
  program("initdb", "exit 3");
  CHECK(message() == "could not initialise a data directory: initdb ended with status 3");
  program("initdb", real("initdb"));
  CHECK(message() == "could not initialise a data directory: the server ended with status 1");
  std::string single = "case \"$*\" in *--single*) " + real("postgres") + ";; esac; ";
  program("postgres", single + "echo 'FATAL:  could not map memory' >&2; exit 1");
  std::string refused = message();
  CHECK(refused.starts_with("the PostgreSQL server in \"" + folder.path() + "\" did not start: "));
  CHECK(refused.ends_with("FATAL:  could not map memory"));
  program("postgres", single + "while :; do :; done");
  CHECK(message() == "the PostgreSQL server did not start in time");
}
