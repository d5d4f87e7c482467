// SPDX-License-Identifier: Apache-2.0
#include "runner/keeper.h"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "runner/server.h"

using namespace pgrehearse;

namespace {

/// Process id and parent of all processes that are no zombies.
std::vector<std::pair<pid_t, pid_t>> processes() {
  std::vector<std::pair<pid_t, pid_t>> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    std::string text;
    if (!std::getline(file, text, '\0')) continue;  // gone meanwhile; an iterator would throw
    size_t end = text.rfind(')');
    if (end == std::string::npos) continue;
    std::istringstream rest(text.substr(end + 1));
    char state = 0;
    pid_t parent = 0;
    rest >> state >> parent;
    if (state != 'Z' && state != 'X') all.emplace_back(std::stoi(name), parent);
  }
  return all;
}

std::set<pid_t> descendants(pid_t root) {
  std::set<pid_t> found{root};
  auto all = processes();
  for (size_t before = 0; before != found.size();) {
    before = found.size();
    for (auto [pid, parent] : all) {
      if (found.contains(parent)) found.insert(pid);
    }
  }
  found.erase(root);
  return found;
}

bool any_alive(const std::set<pid_t>& pids) {
  for (auto [pid, parent] : processes()) {
    if (pids.contains(pid)) return true;
  }
  return false;
}

/// The run folders that these processes work in. Other rehearsals on this machine have theirs.
std::set<std::string> folders_of(const std::set<pid_t>& pids) {
  std::set<std::string> found;
  for (pid_t pid : pids) {
    std::error_code gone;
    std::filesystem::path working = std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/cwd", gone);
    for (; working.has_relative_path(); working = working.parent_path()) {
      if (working.filename().string().starts_with("pgrehearse.")) found.insert(working);
    }
  }
  return found;
}

bool any_there(const std::set<std::string>& folders) {
  std::error_code ignored;
  return std::ranges::any_of(folders, [&](const std::string& each) { return std::filesystem::exists(each, ignored); });
}

template <class Condition>
bool becomes_true(Condition condition) {
  for (int i = 0; i < 6000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

/// A process that starts a server, has a statement running there that would last for ever, and waits to be killed.
pid_t start_tool(bool isolate) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  pid_t pid = fork();
  if (pid == 0) {
    for (int signal : {SIGINT, SIGTERM}) std::signal(signal, SIG_DFL);  // the test framework has its own
    ServerOptions options;
    options.isolate = isolate;
    auto server = start_server(options);
    char ready = server ? 'y' : 'n';
    std::thread busy([&] {
      auto session = (*server)->connect_migration();
      [[maybe_unused]] ssize_t wrote = write(ends[1], &ready, 1);
      (void)session->run("do $$ begin loop end loop; end $$");
    });
    busy.join();
    _exit(1);
  }
  close(ends[1]);
  char ready = 0;
  REQUIRE(read(ends[0], &ready, 1) == 1);
  close(ends[0]);
  REQUIRE(ready == 'y');
  return pid;
}

}  // namespace

TEST_CASE("stopping leaves no process and no folder", "[server]") {
  for (bool isolate : {true, false}) {
    std::set<pid_t> servers;
    std::set<std::string> folders;
    {
      ServerOptions options;
      options.isolate = isolate;
      auto server = start_server(options);
      if (!server) FAIL(server.error().message);
      servers = descendants(getpid());
      CHECK(servers.size() >= 3);
      folders = folders_of(servers);
      if (!isolate) CHECK(folders.size() == 1);
    }
    CHECK_FALSE(any_alive(servers));
    CHECK_FALSE(any_there(folders));
  }
}

TEST_CASE("killing the tool leaves no process and no folder", "[server]") {
  for (int signal : {SIGKILL, SIGINT, SIGTERM}) {
    for (bool isolate : {true, false}) {
      INFO("signal " << signal << ", isolated " << isolate);
      pid_t tool = start_tool(isolate);
      auto family = descendants(tool);
      auto folders = folders_of(family);
      CHECK(family.size() >= 3);
      kill(tool, signal);
      waitpid(tool, nullptr, 0);
      CHECK(becomes_true([&] { return !any_alive(family); }));
      CHECK(becomes_true([&] { return !any_there(folders); }));
    }
  }
}

TEST_CASE("what a lost keeper leaves is swept by the next start", "[server]") {
  pid_t tool = start_tool(false);
  auto family = descendants(tool);
  auto folders = folders_of(family);
  REQUIRE(folders.size() == 1);
  std::set<pid_t> keepers;
  for (auto [pid, parent] : processes()) {
    if (parent == tool) keepers.insert(pid);
  }
  REQUIRE(keepers.size() == 1);
  kill(*keepers.begin(), SIGKILL);
  kill(tool, SIGKILL);
  waitpid(tool, nullptr, 0);
  CHECK(becomes_true([&] { return !any_alive(family); }));
  Keeper::sweep();  // or that of another rehearsal, which may be at it
  CHECK(becomes_true([&] { return !any_there(folders); }));
}

TEST_CASE("a folder in use is not swept", "[server]") {
  ServerOptions options;
  options.isolate = false;
  auto server = start_server(options);
  REQUIRE(server);
  Keeper::sweep();
  auto session = (*server)->connect_migration();
  REQUIRE(session);
  CHECK(session->run("create table still_here (id int)"));
}

TEST_CASE("what a keeper launches starts no other program and opens no way into the network") {
  if (!can_jail()) SKIP("this system has no filters of system calls");
  for (bool isolate : {true, false}) {
    for (bool programs : {true, false}) {
      INFO("isolated " << isolate << ", programs " << programs);
      Keeper::Options options;
      options.isolate = isolate;
      options.programs = programs;
      auto keeper = Keeper::start(options);
      REQUIRE(keeper);
      std::string data = keeper->outside() + "/data";
      REQUIRE(std::filesystem::create_directory(data));
      std::filesystem::permissions(data, std::filesystem::perms::all);
      REQUIRE(keeper->launch({"/bin/bash", "-c",
                              "cd data; echo -n 'begun ' > found; /bin/true && echo -n 'program ' >> found; "
                              "exec 2>> errors; exec 3<>/dev/tcp/127.0.0.1/9; exec 3<>/dev/udp/127.0.0.1/9 && "
                              "echo -n 'network ' >> found; echo -n end >> found"}));
      CHECK(becomes_true([&] { return keeper->server_ended(); }));
      auto text = [&](const char* name) {
        std::ifstream file(data + "/" + name);
        return std::string((std::istreambuf_iterator<char>(file)), {});
      };
      CHECK(text("found") == (programs ? "begun program end" : "begun end"));
      CHECK(text("errors").find("Operation not permitted") != std::string::npos);
      CHECK(text("errors").find("Connection refused") == std::string::npos);
    }
  }
}
