// SPDX-License-Identifier: Apache-2.0
// Flyway: its documentation of migrations, PostgreSQLParser.java for what leaves the transaction by itself.
#include <algorithm>

#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace flyway {

bool is_version(std::string_view version) {
  return !version.empty() && is_digit(version.front()) && is_digit(version.back()) &&
         std::ranges::all_of(version, [](char c) { return is_digit(c) || c == '.' || c == '_'; });
}

/// V1.2__name.sql, U1.2__name.sql, R__name.sql; the version of the latter is empty.
std::optional<NamedFile> parse(const FolderView& folder, std::string_view name) {
  auto stem = without_suffix(name, ".sql");
  if (!stem || stem->empty()) return std::nullopt;
  char prefix = stem->front();
  if (prefix != 'V' && prefix != 'U' && prefix != 'R') return std::nullopt;
  size_t separator = stem->find("__");
  if (separator == std::string_view::npos || separator == 0) return std::nullopt;
  std::string version(stem->substr(1, separator - 1));
  if (prefix == 'R' ? !version.empty() : !is_version(version)) return std::nullopt;
  std::ranges::replace(version, '_', '.');
  return NamedFile{&folder,
                   name,
                   std::move(version),
                   stem->substr(separator + 2),
                   prefix == 'U' ? NamedFile::Role::down : NamedFile::Role::up,
                   RunMode::transaction};
}

/// Part by part: 1.9 before 1.10, and 1 equals 1.0.
std::strong_ordering compare_versions(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    std::string_view part_a = leading_digits(a), part_b = leading_digits(b);
    if (auto order = compare_numbers(part_a, part_b); order != 0) return order;
    a.remove_prefix(std::min(part_a.size() + 1, a.size()));
    b.remove_prefix(std::min(part_b.size() + 1, b.size()));
  }
  return std::strong_ordering::equal;
}

/// The files of the folder and of those below it: Flyway searches its locations to the bottom.
void add_below(const FolderView& folder, std::vector<NamedFile>& files) {
  for (const FolderView& below : folder.folders()) {
    for (const std::string& name : below.files()) {
      if (auto file = parse(below, name)) files.push_back(std::move(*file));
    }
    add_below(below, files);
  }
}

std::vector<NamedFile> parse_all(const FolderView& folder) {
  std::vector<NamedFile> files = gather(folder, parse);
  bool own = std::ranges::any_of(files, [&](const NamedFile& file) { return file.folder == &folder; });
  if (own) add_below(folder, files);
  std::ranges::stable_sort(files, [](const NamedFile& a, const NamedFile& b) {
    if (a.version.empty() != b.version.empty()) return b.version.empty();
    if (auto order = compare_versions(a.version, b.version); order != 0) return order < 0;
    return a.description() < b.description();
  });
  return files;
}

/// The words at the head of a statement that make Flyway run the whole file without a transaction.
bool leaves_transaction(std::string_view head) {
  constexpr std::string_view heads[] = {
      "create database",
      "drop database",
      "create tablespace",
      "drop tablespace",
      "create subscription",
      "drop subscription",
      "alter system",
      "create index concurrently",
      "create unique index concurrently",
      "drop index concurrently",
      "reindex schema",
      "reindex database",
      "reindex system",
      "reindex verbose schema",
      "reindex verbose database",
      "reindex verbose system",
      "vacuum",
      "discard all",
  };
  return std::ranges::any_of(heads, [&](std::string_view wanted) {
    return head.starts_with(wanted) && (head.size() == wanted.size() || head[wanted.size()] == ' ');
  });
}

struct StatementCount {
  size_t outside = 0;  ///< statements that Flyway runs without a transaction
  size_t inside = 0;
};

StatementCount count_statements(std::string_view text) {
  StatementCount count;
  Lexer lexer(text);
  std::string head;
  size_t head_words = 0;
  auto close = [&] {
    if (head_words > 0) ++(leaves_transaction(head) ? count.outside : count.inside);
    head.clear();
    head_words = 0;
  };
  for (Token token = lexer.next_significant();; token = lexer.next_significant()) {
    bool semicolon = token.kind == TokenKind::punctuation && token.span.in(text) == ";";
    if (semicolon || token.kind == TokenKind::end) {
      close();
      if (!semicolon) return count;
    } else if (head_words < 4) {
      if (head_words > 0) head += ' ';
      head += token.kind == TokenKind::word ? lower_case(token.span.in(text)) : "?";
      ++head_words;
    }
  }
}

/// executeInTransaction of FILE.sql.conf, when it is set.
std::optional<bool> configured(const NamedFile& file, std::string_view key) {
  std::string name = std::string(file.name) + ".conf";
  if (!file.folder->has_file(name)) return std::nullopt;
  for (const Line& line : lines_of(file.folder->peek(name))) {
    size_t equals = line.text.find('=');
    if (equals == std::string_view::npos || trimmed(line.text.substr(0, equals)) != key) continue;
    return lower_case(trimmed(line.text.substr(equals + 1))) == "true";
  }
  return std::nullopt;
}

RunMode mode_of(const NamedFile& file, SetBuilder& builder) {
  if (auto in_transaction = configured(file, "executeInTransaction")) {
    return *in_transaction ? RunMode::transaction : RunMode::statements;
  }
  StatementCount count = count_statements(file.folder->peek(file.name));
  if (count.outside == 0) return RunMode::transaction;
  if (count.inside > 0) {
    builder.note("flyway refuses " + std::string(file.name) +
                 " unless mixed=true: it has statements for a transaction and statements that cannot be in one");
  }
  return RunMode::statements;
}

size_t undo_count(const std::vector<NamedFile>& files) {
  return static_cast<size_t>(
      std::ranges::count_if(files, [](const NamedFile& file) { return file.role == NamedFile::Role::down; }));
}

Match detect(const FolderView& folder) {
  std::vector<NamedFile> files = parse_all(folder);
  if (files.empty()) return {};
  return {Confidence::strong, std::to_string(files.size()) + " files named like " + std::string(files.front().name)};
}

Match detect_undo(const FolderView& folder) {
  std::vector<NamedFile> files = parse_all(folder);
  size_t undo = undo_count(files);
  bool paired = false;  // refinery has U files too, but they are migrations of their own
  for (size_t i = 1; i < files.size(); ++i) {
    paired |= files[i].version == files[i - 1].version && files[i].role != files[i - 1].role;
  }
  if (!paired) return {};
  return {Confidence::strong, std::to_string(files.size() - undo) + " V files and " + std::to_string(undo) +
                                  " U files of the same versions"};
}

MigrationSet load_as(const FolderView& folder, std::string_view layout) {
  SetBuilder builder(folder, layout);
  builder.set.leave_transaction =
      "Put the statement into a file of its own: Flyway then runs it without a transaction by itself (else write "
      "executeInTransaction=false into FILE.sql.conf). Set flyway.postgresql.transactional.lock=false, or CONCURRENTLY "
      "waits for Flyway's own lock.";
  builder.set.bookkeeping_sql =
      "CREATE TABLE IF NOT EXISTS flyway_schema_history (installed_rank integer NOT NULL PRIMARY KEY, "
      "version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL, "
      "script varchar(1000) NOT NULL, checksum integer, installed_by varchar(100) NOT NULL, "
      "installed_on timestamp NOT NULL DEFAULT now(), execution_time integer NOT NULL, success boolean NOT NULL)";
  std::vector<NamedFile> files = parse_all(folder);
  for (NamedFile& file : files) file.mode = mode_of(file, builder);
  builder.set.expects_down = undo_count(files) > 0;
  builder.add_pairs(files);
  for (Migration& migration : builder.set.migrations) migration.repeatable = migration.version.empty();
  return builder.finish();
}

MigrationSet load(const FolderView& folder) { return load_as(folder, "flyway"); }
MigrationSet load_undo(const FolderView& folder) { return load_as(folder, "flyway-undo"); }

}  // namespace flyway

Layout flyway_layout() {
  return {"flyway", "V1__name.sql, R__name.sql, U1__name.sql, FILE.sql.conf", flyway::detect, flyway::load};
}
Layout flyway_undo_layout() {
  return {"flyway-undo", "Flyway with an undo file U1__name.sql for each V1__name.sql", flyway::detect_undo,
          flyway::load_undo};
}

}  // namespace pgrehearse
