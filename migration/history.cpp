// SPDX-License-Identifier: Apache-2.0
#include "migration/history.h"

#include <algorithm>
#include <map>
#include <set>

#include "migration/layouts/support.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

/// Whether two texts differ in comments and white space alone.
bool same_tokens(std::string_view a, std::string_view b) {
  Lexer in_a(a), in_b(b);
  while (true) {
    Token of_a = in_a.next_significant(), of_b = in_b.next_significant();
    if (of_a.kind != of_b.kind || of_a.span.in(a) != of_b.span.in(b)) return false;
    if (of_a.kind == TokenKind::end) return true;
  }
}

std::string_view last_line(std::string_view text) {
  text = trimmed(text);
  return trimmed(text.substr(text.find_last_of('\n') + 1));
}

std::string_view first_line(std::string_view text) {
  text = trimmed(text);
  return trimmed(text.substr(0, text.find('\n')));
}

bool begins_changeset(std::string_view line) {
  auto comment = comment_text(line);
  return comment && starts_ignoring_case(*comment, "changeset");
}

/// What became of one section of a file that was changed somewhere. A section is the same when the former file has its
/// text between the same lines, or at an end of the file, or before another changeset.
History history_of(const Part& part, std::string_view former) {
  std::string_view text = part.file->text();
  std::string_view section = trimmed(part.section.in(text));
  std::string_view before = last_line(text.substr(0, part.section.begin));
  std::string_view after = first_line(text.substr(std::min<size_t>(part.section.end, text.size())));
  for (size_t at = former.find(section); at != std::string_view::npos; at = former.find(section, at + 1)) {
    std::string_view there_before = last_line(former.substr(0, at));
    std::string_view there_after = first_line(former.substr(at + section.size()));
    bool same_end = there_after == after || there_after.empty() || begins_changeset(there_after);
    if (there_before == before && same_end) return History::old;
    if (section.empty()) break;
  }
  if (same_tokens(text, former)) return History::reworded;
  bool known = before.empty() || former.find(before) != std::string_view::npos;
  return known ? History::edited : History::added;
}

/// A file that only takes a migration back.
bool is_rollback(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  bool undo = name.size() > 1 && name.front() == 'U' && is_digit(name[1]);
  return undo || name.ends_with(".down.sql") || name == "down.sql" || name.find("rollback") != name.npos;
}

class Marking {
 public:
  Marking(MigrationSet& set, const Changes& changes) : set_(set), changes_(changes) {
    for (const FileChange& change : changes.here) here_[change.path] = &change;
    for (const FileChange& change : changes.on_base) on_base_[change.path] = &change;
  }

  Result<void> run() {
    set_.base = changes_.base;
    for (Migration& migration : set_.migrations) {
      if (auto done = mark(migration); !done) return done;
    }
    find_folders();
    find_order();
    find_taken_versions();
    find_removed();
    if (auto done = find_added_on_base(); !done) return done;
    std::erase_if(set_.other_files, [&](const auto& file) { return !change_of(file->path()); });
    return {};
  }

 private:
  const FileChange* change_of(const std::string& shown) const {
    auto found = here_.find(changes_.in_repository(shown));
    return found == here_.end() ? nullptr : found->second;
  }

  /// The text at the base, read once for each file.
  Result<std::string_view> former(const FileChange& change) {
    auto known = former_.find(change.former_text_id);
    if (known == former_.end()) {
      auto text = changes_.text(change.former_text_id);
      if (!text) return std::unexpected(text.error());
      known = former_.emplace(change.former_text_id, std::move(*text)).first;
    }
    return known->second;
  }

  Result<History> history(const Part& part, const FileChange* change) {
    if (!change) return History::old;
    if (change->kind == FileChange::Kind::added) return History::added;
    auto text = former(*change);
    if (!text) return std::unexpected(text.error());
    History history = history_of(part, *text);
    bool moved = change->kind == FileChange::Kind::moved;
    return moved && (history == History::old || history == History::reworded) ? History::moved : history;
  }

  Result<void> mark(Migration& migration) {
    const FileChange* change = change_of(migration.up.file->path());
    auto up = history(migration.up, change);
    if (!up) return std::unexpected(up.error());
    bool meant_to_change = migration.repeatable || migration.version.starts_with("current");
    migration.history = meant_to_change && *up != History::old ? History::added : *up;
    if (migration.history == History::moved) migration.former_path = changes_.shown(change->former_path);
    auto other = on_base_.find(changes_.in_repository(migration.up.file->path()));
    migration.changed_on_base = change && other != on_base_.end() && other->second->kind != FileChange::Kind::removed;
    bool down_changed = false;
    if (migration.down) {
      auto down = history(*migration.down, change_of(migration.down->file->path()));
      if (!down) return std::unexpected(down.error());
      down_changed = *down != History::old && *down != History::reworded;
    }
    if (migration.history == History::old && !down_changed) migration.context_only = true;
    return {};
  }

  void find_order() {
    const Migration* old = nullptr;
    for (auto migration = set_.migrations.rbegin(); migration != set_.migrations.rend(); ++migration) {
      if (migration->repeatable) continue;
      if (migration->history == History::added && old) migration->sorts_before = old->up.file->path();
      if (migration->history == History::old) old = &*migration;
      if (migration->history == History::old && !migration->version_taken_by.empty()) blame_the_new_one(*migration);
    }
  }

  /// Of two files of one version the second is marked; when that is the old one, the first is at fault.
  void blame_the_new_one(const Migration& old) {
    for (Migration& migration : set_.migrations) {
      if (migration.history != History::added || migration.up.file->path() != old.version_taken_by) continue;
      migration.version_taken_by = old.up.file->path();
    }
  }

  /// Versions that the base's branch has given away meanwhile: files beside ours, added there, of the same first word.
  void find_taken_versions() {
    std::multimap<std::string, const FileChange*> added;  // by folder
    for (const FileChange& change : changes_.on_base) {
      if (change.kind != FileChange::Kind::added || here_.contains(change.path)) continue;
      added.emplace(change.path.substr(0, change.path.rfind('/') + 1), &change);
    }
    if (added.empty()) return;
    for (Migration& migration : set_.migrations) {
      if (migration.history != History::added || !migration.version_taken_by.empty()) continue;
      std::string path = changes_.in_repository(migration.up.file->path());
      size_t name = path.rfind('/') + 1;
      size_t word = path.find_first_of("_-.", name);
      if (word == std::string::npos || migration.version.empty()) continue;
      auto [begin, end] = added.equal_range(path.substr(0, name));
      for (auto other = begin; other != end; ++other) {
        const std::string& there = other->second->path;
        bool same = there != path && there.compare(0, word, path, 0, word) == 0 && there.size() > word &&
                    std::string_view("_-.").find(there[word]) != std::string_view::npos;
        if (same) migration.version_taken_by = changes_.shown(there) + " on " + changes_.base;
      }
    }
  }

  void find_folders() {
    root_ = changes_.in_repository(set_.root);
    for (const Migration& migration : set_.migrations) {
      std::string path = changes_.in_repository(migration.up.file->path());
      folders_.insert(path.substr(0, path.rfind('/') + 1));
    }
  }

  /// Whether the file stands in a folder where the set has (or had) migrations.
  bool belongs(const std::string& path) const {
    std::string folder = path.substr(0, path.rfind('/') + 1);
    return is_sql(path) && (folders_.contains(folder) || has_own_folder(path));
  }

  /// VERSION_name/up.sql, right below the set's root.
  bool has_own_folder(const std::string& path) const {
    std::string folder = path.substr(0, path.rfind('/') + 1);
    std::string above = folder.empty() ? "" : folder.substr(0, folder.rfind('/', folder.size() - 2) + 1);
    return (path.ends_with("/up.sql") || path.ends_with("/migration.sql")) &&
           (above == root_ + "/" || (root_ == "." && above.empty()));
  }

  void find_removed() {
    for (const FileChange& change : changes_.here) {
      if (change.kind != FileChange::Kind::removed || !belongs(change.path)) continue;
      set_.removed_files.push_back(std::make_shared<const SourceFile>(changes_.shown(change.path), ""));
    }
  }

  /// "004" of m/V004__x.sql and of m/004_x/up.sql; empty where the name begins with no number.
  std::string version_of(const std::string& path) const {
    std::string_view name = path;
    if (has_own_folder(path)) name = name.substr(0, name.rfind('/'));
    name = name.substr(name.rfind('/') + 1);
    if (name.starts_with('V') || name.starts_with('v')) name.remove_prefix(1);
    if (name.empty() || !is_digit(name.front())) return {};
    size_t end = name.find("__");
    if (end == name.npos) end = name.find('_');  // dates of Diesel and versions of Flyway have - and . in them
    return std::string(name.substr(0, end == name.npos ? name.find_first_of("-.") : end));
  }

  /// What the base's branch has added beside these files meanwhile: ours may sort before it, or change the same things.
  Result<void> find_added_on_base() {
    std::string last, last_path;
    for (const FileChange& change : changes_.on_base) {
      if (change.kind != FileChange::Kind::added || here_.contains(change.path)) continue;
      if (!belongs(change.path) || is_rollback(change.path)) continue;
      auto text = changes_.text(change.text_id);
      if (!text) return std::unexpected(text.error());
      set_.added_on_base.push_back(std::make_shared<const SourceFile>(changes_.shown(change.path), std::move(*text)));
      std::string version = version_of(change.path);
      if (version.empty() || compare_natural(version, last) <= 0) continue;
      last = std::move(version);
      last_path = change.path;
    }
    for (Migration& migration : set_.migrations) {
      if (last.empty() || migration.repeatable || migration.history != History::added) continue;
      if (!migration.version_taken_by.empty()) continue;  // it needs another one anyway
      std::string version = version_of(changes_.in_repository(migration.up.file->path()));
      bool before = !version.empty() && compare_natural(version, last) < 0;
      if (before && migration.sorts_before.empty()) migration.sorts_before = changes_.shown(last_path);
    }
    return {};
  }

  MigrationSet& set_;
  const Changes& changes_;
  std::map<std::string_view, const FileChange*> here_, on_base_;
  std::string root_;               ///< of the set, in the repository
  std::set<std::string> folders_;  ///< that hold its migrations, each with its slash
  std::map<std::string, std::string> former_;
};

void leave_out_what_follows(MigrationSet& set) {
  auto last = std::ranges::find_if(set.migrations.rbegin(), set.migrations.rend(),
                                   [](const Migration& migration) { return !migration.context_only; });
  set.migrations.erase(last.base(), set.migrations.end());
}

}  // namespace

Result<void> mark_changes(MigrationSet& set, const Changes& changes) {
  if (auto done = Marking(set, changes).run(); !done) return done;
  leave_out_what_follows(set);
  return {};
}

bool mark_since(MigrationSet& set, std::string_view version) {
  auto last = std::ranges::find_if(set.migrations.rbegin(), set.migrations.rend(),
                                   [&](const Migration& migration) { return migration.version == version; });
  if (last == set.migrations.rend()) return false;
  for (auto old = set.migrations.begin(); old != last.base(); ++old) {
    old->history = History::old;
    old->context_only = true;
  }
  set.base = version;
  set.other_files.clear();
  leave_out_what_follows(set);
  return true;
}

bool has_news(const MigrationSet& set) {
  return !set.removed_files.empty() || !set.other_files.empty() ||
         std::ranges::any_of(set.migrations, [](const Migration& migration) { return !migration.context_only; });
}

}  // namespace pgrehearse
