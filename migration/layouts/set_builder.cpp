// SPDX-License-Identifier: Apache-2.0
#include "migration/layouts/set_builder.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "core/utf8.h"
#include "migration/checks.h"
#include "sql/lexer.h"

namespace pgrehearse {

SetBuilder::SetBuilder(const FolderView& folder, std::string_view layout) : folder_(folder) {
  set.layout = layout;
  set.root = folder.shown();
}

void SetBuilder::used(const FolderView& folder, std::string_view name) { used_.insert(&folder.entry(name)); }

SharedFile SetBuilder::read(const FolderView& folder, std::string_view name) {
  const Input::Entry& entry = folder.read_entry(name);
  used_.insert(&entry);
  if (entry.error) set.errors.push_back(*entry.error);
  return entry.file;
}

std::optional<Part> SetBuilder::part(const FolderView& folder, std::string_view name, RunMode mode) {
  SharedFile file = read(folder, name);
  if (!file) return std::nullopt;
  auto size = static_cast<uint32_t>(file->text().size());
  return Part{.file = std::move(file), .section = {0, size}, .mode = mode};
}

void SetBuilder::note(std::string text) { set.notes.push_back(std::move(text)); }

void SetBuilder::error(const SourceFile& file, uint32_t offset, std::string message, std::string help) {
  set.errors.push_back({Error::Kind::environment,
                        file.path() + ":" + std::to_string(file.line_of(offset)) + ": " + std::move(message),
                        std::move(help)});
}

Migration& SetBuilder::add(const NamedFile& file, Part up, std::optional<Part> down) {
  return set.migrations.emplace_back(Migration{.version = file.version,
                                               .description = file.description(),
                                               .up = std::move(up),
                                               .down = std::move(down),
                                               .verify = std::nullopt});
}

void SetBuilder::add_pairs(const std::vector<NamedFile>& files) {
  std::multimap<std::string_view, size_t> by_version;
  bool ups_only = std::ranges::all_of(files, [](const auto& file) { return file.role == NamedFile::Role::up; });
  set.migrations.reserve(set.migrations.size() + files.size());
  for (const NamedFile& file : files) {
    if (file.role != NamedFile::Role::up) continue;
    auto up = part(*file.folder, file.name, file.mode);
    if (!up) continue;
    if (!ups_only) by_version.emplace(file.version, set.migrations.size());
    add(file, std::move(*up));
  }
  for (const NamedFile& file : files) {
    if (file.role == NamedFile::Role::up) continue;
    auto [begin, end] = by_version.equal_range(file.version);
    if (begin == end) {
      note(to_valid_utf8(file.name) + " has no migration of its version");
      continue;
    }
    auto named_alike = std::find_if(
        begin, end, [&](const auto& entry) { return set.migrations[entry.second].description == file.description(); });
    Migration& migration = set.migrations[(named_alike == end ? begin : named_alike)->second];
    if (file.role != NamedFile::Role::down) {
      auto check = part(*file.folder, file.name, RunMode::statements);
      if (check) add_check(migration.verify, std::move(*check), file.role == NamedFile::Role::verify_down);
      continue;
    }
    if (migration.down) {
      note("version " + file.version + " is used twice, the second time by " + to_valid_utf8(file.name));
      continue;
    }
    migration.down = part(*file.folder, file.name, file.mode);
  }
}

void SetBuilder::add_checks(const FolderView& folder, bool rolled_back) {
  for (const std::string& name : folder.files()) {
    auto stem = without_suffix(name, ".sql");
    if (!stem) continue;
    if (stem->starts_with('V') || stem->starts_with('v')) stem->remove_prefix(1);
    std::string_view version = leading_digits(*stem);
    auto belongs = [&](const Migration& each) {
      return compare_numbers(each.version, version) == 0 && !each.version.empty();
    };
    auto found = version.empty() ? std::prev(set.migrations.end()) : std::ranges::find_if(set.migrations, belongs);
    auto check = part(folder, name, RunMode::statements);
    if (!check) continue;
    if (found == set.migrations.end()) {
      note(check->file->path() + " checks no migration: none has its version");
    } else {
      add_check(found->verify, std::move(*check), rolled_back);
    }
  }
}

void SetBuilder::collect_from(const FolderView& folder) {
  for (const std::string& name : folder.files()) {
    if (!is_sql(name) || used_.contains(&folder.entry(name))) continue;
    if (SharedFile file = read(folder, name)) set.other_files.push_back(std::move(file));
  }
}

void SetBuilder::collect_other_files(const FolderView& folder) {
  collect_from(folder);
  for (const FolderView& inner : folder.folders()) collect_other_files(inner);
}

void SetBuilder::find_versions_used_twice() {
  bool ascend = std::ranges::is_sorted(set.migrations, std::ranges::less_equal(), &Migration::version);
  if (ascend) return;  // each once, as in most folders
  std::unordered_map<std::string_view, const Migration*> versions;
  for (Migration& migration : set.migrations) {
    if (migration.version.empty()) continue;
    if (auto [first, is_first] = versions.emplace(migration.version, &migration); !is_first) {
      migration.version_taken_by = first->second->up.file->path();
      note("version " + migration.version + " is used twice, the second time by " + migration.up.file->path());
    }
  }
}

MigrationSet SetBuilder::finish(Others others) {
  if (!versions_repeat) find_versions_used_twice();
  for (Migration& migration : set.migrations) {
    if (migration.down || set.expects_down) migration.up.irreversible = is_marked_irreversible(migration.up);
    if (migration.down) migration.down->irreversible = is_marked_irreversible(*migration.down);
  }
  if (set.layout != "sqitch" && !set.migrations.empty()) {  // which has a verify/ of its own
    if (const FolderView* checks = folder_.folder("verify")) add_checks(*checks, false);
    if (const FolderView* checks = folder_.folder("verify-down")) add_checks(*checks, true);
  }
  if (others == Others::below) collect_other_files(folder_);
  if (others == Others::own_folder) collect_from(folder_);
  if (!set.other_files.empty()) {
    std::string text = set.layout + " would not run ";
    for (size_t i = 0; i < set.other_files.size() && i < 3; ++i) {
      text += (i ? ", " : "") + set.other_files[i]->path();
    }
    if (set.other_files.size() > 3) text += " and " + std::to_string(set.other_files.size() - 3) + " more";
    note(std::move(text));
  }
  return std::move(set);
}

bool is_marked_irreversible(const Part& part) {
  std::string_view text = part.section.in(part.file->text());
  static constexpr std::string_view mark = "irreversible";
  if (!contains_ignoring_case(text, mark)) return false;  // most files do not: no need to lex them
  Lexer lexer(text);
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    if (token.kind != TokenKind::line_comment) continue;
    std::string_view comment = trimmed(token.span.in(text).substr(2));
    if (comment.size() <= mark.size() || !starts_ignoring_case(comment, mark)) continue;
    comment = trimmed(comment.substr(mark.size()));
    if (comment.starts_with(':') && !trimmed(comment.substr(1)).empty()) return true;
  }
  return false;
}

}  // namespace pgrehearse
