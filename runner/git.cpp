// SPDX-License-Identifier: Apache-2.0
#include "runner/git.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "core/utf8.h"

extern char** environ;

namespace pgrehearse {
namespace fs = std::filesystem;
namespace {

constexpr size_t max_output = size_t{512} << 20;
constexpr auto time_limit = std::chrono::seconds(120);

/// The caller's environment (its PATH, its safe.directory) less what would make git run or ask something.
std::vector<std::string> environment() {
  std::vector<std::string> result;
  static constexpr std::array<std::string_view, 5> dropped{
      "GIT_EXTERNAL_DIFF=", "GIT_DIFF_OPTS=", "GIT_PAGER=", "GIT_TRACE", "LC_ALL="};
  for (char** each = environ; *each; ++each) {
    std::string_view text = *each;
    if (std::ranges::none_of(dropped, [&](std::string_view name) { return text.starts_with(name); })) {
      result.emplace_back(text);
    }
  }
  for (const char* added : {"LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_LITERAL_PATHSPECS=1",
                            "GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1"}) {
    result.emplace_back(added);
  }
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

struct Answer {
  int status = -1;  ///< exit code; -1: it did not end by itself
  std::string out;
  std::string err;
};

/// Reads both pipes until they are closed, the output is too long or the time is over. False in the latter cases.
bool read_both(int out, int err, Answer& answer) {
  auto end = std::chrono::steady_clock::now() + time_limit;
  std::array<pollfd, 2> ends{{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  std::vector<char> buffer(1 << 16);
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    int ready = ::poll(ends.data(), ends.size(), static_cast<int>(left));
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    for (size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      ssize_t got = ::read(ends[i].fd, buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        ends[i].fd = -1;
        continue;
      }
      std::string& text = i == 0 ? answer.out : answer.err;
      text.append(buffer.data(), static_cast<size_t>(got));
      if (text.size() > max_output) return false;
    }
  }
  return true;
}

Result<Answer> run_git(const fs::path& folder, const std::vector<std::string>& arguments) {
  // No shell: names from the repository are arguments of their own. fsmonitor and hooks are programs that it could
  // name.
  std::vector<std::string> words{"git", "--no-pager",           "-C", folder.native(),
                                 "-c",  "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment();
  int out[2], err[2];
  if (::pipe2(out, O_CLOEXEC) != 0)
    return environment_error(std::string("could not start git: ") + std::strerror(errno));
  if (::pipe2(err, O_CLOEXEC) != 0) {
    int reason = errno;
    ::close(out[0]), ::close(out[1]);
    return environment_error(std::string("could not start git: ") + std::strerror(reason));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, err[1], 2);
  pid_t child = -1;
  int failed = ::posix_spawnp(&child, "git", &actions, nullptr, pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(out[1]), ::close(err[1]);
  Answer answer;
  bool complete = !failed && read_both(out[0], err[0], answer);
  ::close(out[0]), ::close(err[0]);
  if (failed) {
    return environment_error(std::string("could not start git: ") + std::strerror(failed),
                             "It is needed for --diff-base.");
  }
  if (!complete) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!complete) return environment_error("git did not end in time, or said more than could be true");
  answer.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return answer;
}

std::string first_line(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  return to_valid_utf8(text);
}

/// The records of `git diff --raw -z`: `:100644 100644 ID ID M` and one or two paths, each ended by a NUL.
std::vector<FileChange> read_raw(const std::string& text) {
  std::vector<FileChange> changes;
  size_t at = 0;
  auto field = [&] {
    size_t end = std::min(text.find('\0', at), text.size());
    std::string result = text.substr(at, end - at);
    at = std::min(end + 1, text.size());
    return result;
  };
  while (at < text.size()) {
    std::string head = field();
    std::vector<std::string_view> words;
    for (size_t begin = 0; begin < head.size();) {
      size_t end = std::min(head.find(' ', begin), head.size());
      words.push_back(std::string_view(head).substr(begin, end - begin));
      begin = end + 1;
    }
    if (words.size() != 5 || !head.starts_with(':')) break;
    FileChange change;
    change.former_text_id = words[2];
    change.text_id = words[3];
    char status = words[4].empty() ? '?' : words[4].front();
    change.path = to_valid_utf8(field());
    switch (status) {
      case 'A': change.kind = FileChange::Kind::added; break;
      case 'D': change.kind = FileChange::Kind::removed; break;
      case 'R':
        change.kind = FileChange::Kind::moved;
        change.former_path = std::exchange(change.path, to_valid_utf8(field()));
        break;
      default: change.kind = FileChange::Kind::modified; break;
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

const std::vector<std::string> raw_diff{"diff",        "--raw",          "-z",
                                        "--no-abbrev", "--no-ext-diff",  "--no-textconv",
                                        "--no-color",  "--find-renames", "--ignore-submodules=all"};

}  // namespace

Result<Git> Git::open(const fs::path& folder) {
  auto answer = run_git(folder, {"rev-parse", "--show-toplevel"});
  if (!answer) return std::unexpected(answer.error());
  std::string top = answer->out;
  if (top.ends_with('\n')) top.pop_back();
  if (answer->status != 0 || top.empty()) {
    return environment_error("could not ask git about this folder: " + first_line(answer->err),
                             "--diff-base needs a repository.");
  }
  Git git;
  std::error_code error;
  git.top_ = fs::canonical(top, error);
  if (error) git.top_ = top;
  return git;
}

Result<std::string> Git::ask(const std::vector<std::string>& arguments) const {
  auto answer = run_git(top_, arguments);
  if (!answer) return std::unexpected(answer.error());
  if (answer->status != 0) return environment_error("git " + arguments.front() + " failed: " + first_line(answer->err));
  return std::move(answer->out);
}

Result<Changes> Git::changes_since(const std::string& base) const {
  std::string shown = to_valid_utf8(base);
  if (base.empty() || base.starts_with('-') || base.find('\0') != std::string::npos) {
    return usage_error("\"" + shown + "\" is no branch, tag or commit");
  }
  auto is_shallow = [&] {
    auto answer = ask({"rev-parse", "--is-shallow-repository"});
    return answer && answer->starts_with("true");
  };
  std::string more_history =
      "This clone is shallow: fetch more history, as with fetch-depth: 0 of actions/checkout, "
      "GIT_DEPTH: 0 of GitLab, or git fetch --unshallow.";
  auto commit = ask({"rev-parse", "--verify", "--quiet", "--end-of-options", base + "^{commit}"});
  if (!commit) {
    return environment_error("could not find \"" + shown + "\" in this repository",
                             is_shallow() ? more_history : "Fetch it first: git fetch origin BRANCH.");
  }
  std::string tip = first_line(*commit);
  auto left = ask({"merge-base", tip, "HEAD"});
  if (!left) {
    return environment_error("\"" + shown + "\" and this branch have no common history here",
                             is_shallow() ? more_history : "");
  }
  std::string from = first_line(*left);

  Changes changes;
  changes.base = shown;
  auto arguments = raw_diff;
  arguments.insert(arguments.end(), {from, "--"});
  auto here = ask(arguments);
  if (!here) return std::unexpected(here.error());
  changes.here = read_raw(*here);
  auto unknown = ask({"ls-files", "-z", "--others", "--exclude-standard"});
  if (!unknown) return std::unexpected(unknown.error());
  for (size_t at = 0; at < unknown->size();) {
    size_t end = std::min(unknown->find('\0', at), unknown->size());
    changes.here.push_back({FileChange::Kind::added, to_valid_utf8(unknown->substr(at, end - at)), {}, {}, {}});
    at = end + 1;
  }
  if (from != tip) {
    arguments = raw_diff;
    arguments.insert(arguments.end(), {from, tip, "--"});
    auto there = ask(arguments);
    if (!there) return std::unexpected(there.error());
    changes.on_base = read_raw(*there);
  }
  changes.text = [git = *this](const std::string& id) { return git.ask({"cat-file", "blob", id}); };
  return changes;
}

}  // namespace pgrehearse
