// SPDX-License-Identifier: Apache-2.0
// Sqitch: lib/App/Sqitch/Engine/pg.pm for how psql runs a script, App::Sqitch::Plan for the plan.
#include <map>

#include "core/utf8.h"
#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace sqitch {

struct Project {
  FolderView plan_folder;
  std::string plan;
  FolderView top;
};

/// A folder below by a path of plain names; none for one that leads elsewhere.
std::optional<FolderView> below(const FolderView& folder, std::string_view path) {
  FolderView at = folder;
  while (!path.empty()) {
    std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    if (part.empty() || part == ".") continue;
    const FolderView* next = part == ".." ? nullptr : at.folder(part);
    if (!next) return std::nullopt;
    at = FolderView(*next);
  }
  return at;
}

/// The value of `[core] key` in sqitch.conf, an INI file as git has it.
std::string core_setting(std::string_view text, std::string_view key) {
  std::string section;
  std::string value;
  for (const Line& line : lines_of(text)) {
    std::string_view content = trimmed(line.text);
    if (content.empty() || content.front() == '#' || content.front() == ';') continue;
    if (content.front() == '[') {
      section = lower_case(content);
      continue;
    }
    size_t equals = content.find('=');
    if (section != "[core]" || equals == std::string_view::npos) continue;
    if (lower_case(trimmed(content.substr(0, equals))) == key) value = trimmed(content.substr(equals + 1));
  }
  return value;
}

std::optional<Project> find_project(const FolderView& folder) {
  std::string_view settings = folder.has_file("sqitch.conf") ? folder.peek("sqitch.conf") : std::string_view();
  auto top = below(folder, core_setting(settings, "top_dir"));
  if (!top) return std::nullopt;
  std::string plan = core_setting(settings, "plan_file");
  if (plan.empty()) plan = "sqitch.plan";
  size_t slash = plan.rfind('/');
  std::string name = slash == std::string::npos ? plan : plan.substr(slash + 1);
  auto place = slash == std::string::npos ? std::optional(folder) : below(folder, plan.substr(0, slash));
  if (place && place->has_file(name)) return Project{*place, name, *top};
  if (top->has_file(name)) return Project{*top, name, *top};
  return std::nullopt;
}

/// A change of the plan and the tags that follow it, up to the next instance of the same change.
struct Change {
  std::string name;
  std::vector<std::string> later_tags;  ///< filled for an instance that is reworked later
  uint32_t offset = 0;
};

std::vector<Change> read_plan(std::string_view text) {
  std::vector<Change> changes;
  std::map<std::string, size_t> latest;
  std::vector<std::pair<size_t, std::string>> tags;  // number of changes before the tag
  for (const Line& line : lines_of(text)) {
    std::string_view content = trimmed(line.text);
    if (content.empty() || content.front() == '#' || content.front() == '%') continue;
    std::string name(content.substr(0, content.find_first_of(" \t")));
    if (name.front() == '@') {
      tags.emplace_back(changes.size(), name);
      continue;
    }
    if (name.front() == '+' || name.front() == '-') {
      name.erase(0, 1);
      if (name.empty()) {
        content = trimmed(content.substr(1));
        name = content.substr(0, content.find_first_of(" \t"));
      }
    }
    if (name.empty()) continue;
    auto [known, first] = latest.try_emplace(name, changes.size());
    if (!first) {
      for (const auto& [after, tag] : tags) {
        if (after > known->second) changes[known->second].later_tags.push_back(tag);
      }
      known->second = changes.size();
    }
    changes.push_back({std::move(name), {}, line.span.begin});
  }
  return changes;
}

/// NAME.sql below deploy/, revert/ or verify/; of a reworked change the first NAME@TAG.sql that is there.
std::optional<std::pair<FolderView, std::string>> find_script(const FolderView& top, std::string_view kind,
                                                              const Change& change) {
  size_t slash = change.name.rfind('/');
  std::string path(kind);
  if (slash != std::string::npos) path.append("/").append(change.name, 0, slash);
  auto folder = below(top, path);
  if (!folder) return std::nullopt;
  std::string stem = slash == std::string::npos ? change.name : change.name.substr(slash + 1);
  for (const std::string& tag : change.later_tags) {
    if (folder->has_file(stem + tag + ".sql")) return std::pair{*folder, stem + tag + ".sql"};
  }
  if (folder->has_file(stem + ".sql")) return std::pair{*folder, stem + ".sql"};
  return std::nullopt;
}

Match detect(const FolderView& folder) {
  auto project = find_project(folder);
  if (!project) return {};
  return {Confidence::certain, project->plan};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "sqitch");
  builder.set.expects_down = true;
  builder.set.leave_transaction = "Leave BEGIN and COMMIT out of the script: psql then runs each statement by itself.";
  builder.set.bookkeeping_sql = "CREATE SCHEMA IF NOT EXISTS sqitch";
  auto project = find_project(folder);
  if (!project) return builder.finish(SetBuilder::Others::none);
  SharedFile plan = builder.read(project->plan_folder, project->plan);
  if (!plan) return builder.finish(SetBuilder::Others::none);
  for (const Change& change : read_plan(plan->text())) {
    auto part = [&](std::string_view kind) -> std::optional<Part> {
      auto script = find_script(project->top, kind, change);
      if (!script) return std::nullopt;
      return builder.part(script->first, script->second, RunMode::statements);
    };
    auto up = part("deploy");
    if (!up) {
      builder.error(*plan, change.offset, "no deploy script for change \"" + to_valid_utf8(change.name) + "\"");
      continue;
    }
    NamedFile named{.folder = folder, .name = {}, .version = to_valid_utf8(change.name), .description = {}};
    std::string path = up->file->path();
    size_t at = path.rfind('@');
    if (!change.later_tags.empty() && at != std::string::npos) named.version += path.substr(at, path.size() - at - 4);
    Migration& migration = builder.add(named, std::move(*up), part("revert"));
    migration.verify = part("verify");
  }
  for (std::string_view kind : {"deploy", "revert", "verify"}) {
    if (const FolderView* scripts = project->top.folder(kind)) builder.collect_other_files(*scripts);
  }
  return builder.finish(SetBuilder::Others::none);
}

}  // namespace sqitch

Layout sqitch_layout() {
  return {"sqitch", "sqitch.plan with deploy/, revert/ and verify/", sqitch::detect, sqitch::load, false};
}

}  // namespace pgrehearse
