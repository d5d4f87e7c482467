// SPDX-License-Identifier: Apache-2.0
#include "runner/installation.h"

#include <dirent.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace pgrehearse {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool has_server(const std::string& bin_dir) {
  return access((bin_dir + "/postgres").c_str(), X_OK) == 0 && access((bin_dir + "/initdb").c_str(), X_OK) == 0;
}

/// Standard output of a program, or nothing when it fails.
std::string output_of(std::vector<std::string> arguments) {
  std::array<int, 2> ends;
  if (pipe(ends.data()) != 0) return {};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", 1, 0);
  std::vector<char*> raw;
  for (auto& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  pid_t pid = 0;
  int failed = posix_spawnp(&pid, raw[0], &actions, nullptr, raw.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string output;
  if (failed == 0) {
    std::array<char, 256> buffer;
    ssize_t size = 0;
    while ((size = read(ends[0], buffer.data(), buffer.size())) > 0)
      output.append(buffer.data(), static_cast<size_t>(size));
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0) output.clear();
  }
  close(ends[0]);
  while (!output.empty() && (output.back() == '\n' || output.back() == ' ')) output.pop_back();
  return output;
}

/// "postgres (PostgreSQL) 15.20 (Debian ...)" gives 15.
int major_of(const std::string& bin_dir) {
  std::string text = output_of({bin_dir + "/postgres", "--version"});
  size_t digit = text.find_first_of("0123456789");
  return digit == std::string::npos ? 0 : std::atoi(text.c_str() + digit);
}

/// Folders `parent/<prefix>N<suffix>` that hold a server, newest first.
void add_versioned(const std::string& parent, std::string_view prefix, const std::string& suffix,
                   std::vector<Installation>& found) {
  DIR* listing = opendir(parent.c_str());
  if (!listing) return;
  std::vector<Installation> here;
  while (const dirent* entry = readdir(listing)) {
    std::string_view name = entry->d_name;
    if (!name.starts_with(prefix)) continue;
    int major = std::atoi(name.substr(prefix.size()).data());
    std::string bin_dir = parent + "/" + entry->d_name + suffix;
    if (major >= 10 && has_server(bin_dir)) here.push_back({bin_dir, major});
  }
  closedir(listing);
  std::ranges::sort(here, std::ranges::greater(), &Installation::major);
  for (auto& one : here) found.push_back(std::move(one));
}

std::string how_to_install(int major) {
  std::string version = major ? "-" + std::to_string(major) : "";
  if (access("/usr/bin/apt-get", X_OK) == 0) return "Install one with: sudo apt-get install postgresql" + version;
  if (access("/usr/bin/dnf", X_OK) == 0) return "Install one with: sudo dnf install postgresql-server";
  if (access("/sbin/apk", X_OK) == 0)
    return "Install one with: apk add postgresql" + (major ? std::to_string(major) : "");
  return "Install PostgreSQL, or name the folder of its programs with --pg-bin.";
}

}  // namespace

std::string cache_folder() {
  if (std::string named = environment("PGREHEARSE_CACHE"); !named.empty()) return named;
  if (geteuid() == 0) return "/var/cache/pgrehearse";
  if (std::string named = environment("XDG_CACHE_HOME"); !named.empty()) return named + "/pgrehearse";
  std::string home = environment("HOME");
  return home.empty() ? "" : home + "/.cache/pgrehearse";
}

std::vector<Installation> find_installations() {
  std::vector<Installation> found;
  add_versioned("/usr/lib/postgresql", "", "/bin", found);                           // Debian, Ubuntu
  add_versioned("/usr", "pgsql-", "/bin", found);                                    // RHEL, Fedora (PGDG)
  add_versioned("/opt/homebrew/opt", "postgresql@", "/bin", found);                  // Homebrew, Apple silicon
  add_versioned("/usr/local/opt", "postgresql@", "/bin", found);                     // Homebrew, Intel
  add_versioned("/Applications/Postgres.app/Contents/Versions", "", "/bin", found);  // Postgres.app
  add_versioned("/usr/libexec", "postgresql", "", found);                            // Alpine
  std::ranges::stable_sort(found, std::ranges::greater(), &Installation::major);
  auto add = [&](const std::string& bin_dir) {
    if (has_server(bin_dir) && std::ranges::find(found, bin_dir, &Installation::bin_dir) == found.end()) {
      found.push_back({bin_dir, 0});
    }
  };
  std::string path = environment("PATH");
  for (size_t begin = 0; begin <= path.size();) {
    size_t end = std::min(path.find(':', begin), path.size());
    if (end > begin && path[begin] == '/') add(path.substr(begin, end - begin));
    begin = end + 1;
  }
  if (found.empty()) add(output_of({"pg_config", "--bindir"}));
  if (std::string cache = cache_folder(); !cache.empty()) add_versioned(cache + "/postgres", "", "/bin", found);
  return found;
}

Result<Installation> choose_installation(const std::string& pg_bin, int major) {
  std::string named = pg_bin.empty() ? environment("PGREHEARSE_PG_BIN") : pg_bin;
  if (!named.empty()) {
    if (!has_server(named))
      return environment_error("no PostgreSQL server in folder \"" + named + "\"", how_to_install(major));
    Installation installation{named, 0};
    if (major) {
      installation.major = major_of(named);
      if (installation.major != major) {
        return usage_error("the server in folder \"" + named + "\" is PostgreSQL " +
                           std::to_string(installation.major) + ", not " + std::to_string(major));
      }
    }
    return installation;
  }
  if (major) return installation_of(major, {});
  std::vector<Installation> found = find_installations();
  if (found.empty()) return environment_error("found no PostgreSQL server", how_to_install(major));
  return found.front();
}

Result<Installation> installation_of(int major, const std::string& preferred) {
  if (!preferred.empty() && has_server(preferred) && major_of(preferred) == major)
    return Installation{preferred, major};
  std::string others;
  for (auto& installation : find_installations()) {
    if (!installation.major) installation.major = major_of(installation.bin_dir);
    if (installation.major == major) return installation;
    std::string name = std::to_string(installation.major);
    if ((", " + others + ",").find(", " + name + ",") == std::string::npos)
      others += (others.empty() ? "" : ", ") + name;
  }
  return environment_error(
      "found no PostgreSQL " + std::to_string(major) + " server" + (others.empty() ? "" : ", only " + others),
      how_to_install(major));
}

}  // namespace pgrehearse
