// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>

#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/output.h"
#include "linter/peers.h"
#include "linter/presets.h"
#include "migration/discovery.h"
#include "migration/input.h"
#include "rules/all_rules.h"

namespace pgrehearse {
namespace {

constexpr const char* file_name = ".pgrehearse.toml";

/// Every key as a comment with what it means, those that were set before it aside.
std::string commented_keys(std::string_view head) {
  std::string text, table;
  for (const ConfigKey& key : config_keys()) {
    if (!key.in_file) continue;
    size_t dot = key.name.find('.');
    std::string here(key.name.substr(0, dot == std::string_view::npos ? 0 : dot));
    std::string name(key.name.substr(dot == std::string_view::npos ? 0 : dot + 1));
    if (here != table) text += "\n[" + here + "]\n";
    table = here;
    if (key.kind == ConfigKind::overrides || head.find("\n" + name + " = ") != std::string_view::npos) continue;
    text += "\n# " + std::string(key.what) + ".\n";
    if (key.words == ConfigWords::preset) {
      for (const Preset& preset : presets()) {
        text += "#   " + std::string(preset.name) + ": " + std::string(preset.what) + "\n";
      }
    }
    std::string example(key.fallback);
    if (example.empty()) {
      example = key.kind == ConfigKind::number ? std::to_string(key.max)
                : key.kind == ConfigKind::list ? "[]"
                                               : "\"" + std::string(key.choices.empty() ? "" : key.choices[0]) + "\"";
    }
    text += "# " + name + " = " + example + "\n";
  }
  text +=
      "\n# What is different for some files: globs from this file's folder.\n"
      "# [[overrides]]\n# files = [\"db/old/**\"]\n# ignore = [\"missing-down\"]\n# severity = {drop-column = "
      "\"info\"}\n";
  return text;
}

std::string detected_layout() {
  auto found = discover({});
  std::set<std::string> names;
  std::string text;
  if (found) {
    for (const MigrationSet& set : found->sets) names.insert(set.layout);
  }
  if (names.size() != 1) return {};
  const MigrationSet& set = found->sets.front();
  std::string reason = printable(set.root) + ": " + printable(set.reason);
  for (char& c : reason) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return "\n# Found in " + reason + ".\nlayout = \"" + *names.begin() + "\"\n";
}

Result<std::string> head_of(const Options& options) {
  std::string text = "# The configuration of pgrehearse: `pgrehearse check --show-config` tells what holds, and why.\n";
  if (options.init_from == "squawk") {
    std::error_code ignored;
    Input input(std::filesystem::current_path(ignored));
    auto squawk = input.read(input.current() / ".squawk.toml");
    if (!squawk) return std::unexpected(squawk.error());
    std::vector<std::string_view> ids;
    for (const Rule& rule : all_rules()) ids.push_back(rule.info.id);
    auto translated = translate_squawk((*squawk)->text(), (*squawk)->path(), ids);
    if (!translated) return translated;
    text += *translated;
  }
  return text + detected_layout();
}

}  // namespace

ExitCode run_init(const Options& options) {
  if (options.init_schema) return write_all(1, config_schema() + "\n") ? ExitCode::clean : ExitCode::environment;
  auto head = head_of(options);
  if (!head) {
    print_errors({head.error()});
    return head.error().kind == Error::Kind::usage ? ExitCode::usage : ExitCode::environment;
  }
  std::string text = *head + commented_keys(*head);
  // O_EXCL and O_NOFOLLOW: what is there, a link included, is not written over.
  int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (options.force ? O_TRUNC : O_EXCL);
  int file = ::open(file_name, flags, 0666);
  if (file < 0) {
    bool there = errno == EEXIST;
    Error error{there ? Error::Kind::usage : Error::Kind::environment,
                std::string("could not write \"") + file_name + "\": " + std::strerror(errno),
                there ? "Use --force to replace it." : ""};
    print_errors({error});
    return there ? ExitCode::usage : ExitCode::environment;
  }
  bool written = write_all(file, text);
  written = ::close(file) == 0 && written;
  if (!written) {
    print_errors({{Error::Kind::environment, std::string("could not write \"") + file_name + "\"", {}}});
    return ExitCode::environment;
  }
  write_all(1, std::string("wrote ") + file_name + "\n");
  return ExitCode::clean;
}

}  // namespace pgrehearse
