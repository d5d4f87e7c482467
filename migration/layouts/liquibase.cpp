// SPDX-License-Identifier: Apache-2.0
// Liquibase's formatted SQL: its sql-format page. A changeset is a migration; XML, YAML and JSON changelogs are not
// read.
#include <algorithm>

#include "core/utf8.h"
#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace liquibase {

struct Changeset {
  std::string author;
  std::string id;
  std::string attributes;
  Span section;
  std::vector<Span> rollback_lines;    ///< the SQL after `--rollback` of each such line
  std::optional<Span> rollback_block;  ///< the SQL inside /* liquibase rollback ... */
  bool rollback_empty = false;         ///< `--rollback empty` or `not required`: nothing to undo
};

/// `"quoted text"` or everything up to one of `ends`; takes it off the front of `rest`.
std::string take_word(std::string_view& rest, std::string_view ends) {
  rest = trimmed(rest);
  if (rest.starts_with('"')) {
    size_t close = rest.find('"', 1);
    std::string word(rest.substr(1, close == std::string_view::npos ? close : close - 1));
    rest.remove_prefix(close == std::string_view::npos ? rest.size() : close + 1);
    return word;
  }
  std::string word(rest.substr(0, rest.find_first_of(ends)));
  rest.remove_prefix(word.size());
  return word;
}

std::optional<Changeset> parse_changeset(const Line& line) {
  auto comment = comment_text(line.text);
  if (!comment || !starts_ignoring_case(*comment, "changeset")) return std::nullopt;
  std::string_view rest = comment->substr(9);
  if (rest.empty() || (rest.front() != ' ' && rest.front() != '\t')) return std::nullopt;
  Changeset changeset;
  changeset.author = take_word(rest, ":");
  if (!rest.starts_with(':')) return std::nullopt;
  rest.remove_prefix(1);
  changeset.id = take_word(rest, " \t");
  changeset.attributes = trimmed(rest);
  changeset.section = {line.next, line.next};
  return changeset;
}

/// The value of `name:value` among the attributes, in lower case; empty when it is not there.
std::string attribute(const Changeset& changeset, std::string_view name) {
  std::string_view rest = changeset.attributes;
  while (!(rest = trimmed(rest)).empty()) {
    std::string key = take_word(rest, ": \t");
    if (!rest.starts_with(':')) continue;
    rest.remove_prefix(1);
    std::string value = take_word(rest, " \t");
    if (lower_case(key) == name) return lower_case(value);
  }
  return {};
}

bool is_for_postgres(const Changeset& changeset) {
  std::string engines = attribute(changeset, "dbms");
  return engines.empty() || engines.find("all") != std::string::npos ||
         (engines.find("postgresql") != std::string::npos && engines.find("!postgresql") == std::string::npos);
}

RunMode mode_of(const Changeset& changeset) {
  if (attribute(changeset, "runintransaction") != "false") return RunMode::transaction;
  return attribute(changeset, "splitstatements") == "false" ? RunMode::query_string : RunMode::statements;
}

/// The file as its changeset's statements are told apart: `endDelimiter:/` and its kin, with or without the line breaks
/// and blanks of the regular expression that Liquibase takes it for. Dollar signs would cut function bodies: left as
/// they are.
SharedFile delimited(const SharedFile& file, const Changeset& changeset) {
  std::string delimiter = attribute(changeset, "enddelimiter");
  bool alone = delimiter.starts_with("\\n") || delimiter == "go" || delimiter == "/";
  for (std::string_view blank : {"\\n", "\\r", "\\s*", "\\s"}) {
    for (size_t at; (at = delimiter.find(blank)) != std::string::npos;) delimiter.erase(at, blank.size());
  }
  std::erase(delimiter, '\\');
  if (delimiter.empty() || delimiter.front() == '$' || delimiter == ";") return file;
  return with_semicolons(*file, changeset.section, delimiter, alone);
}

void read_rollback_line(const Line& line, Changeset& changeset) {
  auto comment = comment_text(line.text);
  if (!comment || !starts_ignoring_case(*comment, "rollback")) return;
  std::string_view sql = trimmed(comment->substr(8));
  std::string lower = lower_case(sql);
  if (lower == "empty" || lower == "not required") {
    changeset.rollback_empty = true;
  } else if (!sql.empty()) {
    auto begin = line.span.begin + static_cast<uint32_t>(sql.data() - line.text.data());
    changeset.rollback_lines.push_back({begin, begin + static_cast<uint32_t>(sql.size())});
  }
}

std::vector<Changeset> read_file(SetBuilder& builder, const SourceFile& file) {
  std::vector<Changeset> changesets;
  bool in_block = false;
  for (const Line& line : lines_of(file.text())) {
    if (auto next = parse_changeset(line)) {
      if (!changesets.empty()) changesets.back().section.end = line.span.begin;
      changesets.push_back(std::move(*next));
      continue;
    }
    if (changesets.empty()) {
      if (!is_blank_or_comment(line.text)) {
        builder.error(file, line.span.begin, "liquibase refuses the file: SQL stands before the first changeset");
        return {};
      }
      continue;
    }
    Changeset& changeset = changesets.back();
    std::string_view text = trimmed(line.text);
    if (text.starts_with("/*") && starts_ignoring_case(trimmed(text.substr(2)), "liquibase rollback")) {
      in_block = true;
      changeset.rollback_block = Span{line.next, line.next};
    } else if (in_block && text.ends_with("*/")) {
      in_block = false;
      changeset.rollback_block->end = line.span.begin + static_cast<uint32_t>(line.text.rfind("*/"));
    } else {
      read_rollback_line(line, changeset);
    }
  }
  if (!changesets.empty()) changesets.back().section.end = static_cast<uint32_t>(file.text().size());
  return changesets;
}

/// Rollback SQL stands in comments. A copy of the file in which all else is blank has it at the same offsets.
SharedFile only(const SourceFile& file, const std::vector<Span>& kept) {
  std::string text(file.text());
  uint32_t from = 0;
  auto blank = [&](uint32_t to) {
    for (uint32_t i = from; i < to; ++i) {
      if (text[i] != '\n' && text[i] != '\r') text[i] = ' ';
    }
  };
  for (Span span : kept) {
    blank(span.begin);
    from = span.end;
  }
  blank(static_cast<uint32_t>(text.size()));
  return std::make_shared<const SourceFile>(file.path(), std::move(text));
}

std::optional<Part> rollback_of(const SharedFile& file, const Changeset& changeset) {
  std::vector<Span> kept = changeset.rollback_lines;
  if (changeset.rollback_block) kept.push_back(*changeset.rollback_block);
  if (kept.empty()) return std::nullopt;
  std::ranges::sort(kept, {}, &Span::begin);
  return Part{.file = only(*file, kept), .section = changeset.section, .mode = mode_of(changeset)};
}

void add_file(SetBuilder& builder, const FolderView& folder, const std::string& name) {
  SharedFile file = builder.read(folder, name);
  if (!file) return;
  for (const Changeset& changeset : read_file(builder, *file)) {
    if (!is_for_postgres(changeset)) {
      builder.note("left changeset " + to_valid_utf8(changeset.author + ":" + changeset.id) + " of " + file->path() +
                   " aside: its dbms is not postgresql");
      continue;
    }
    NamedFile named{.folder = folder,
                    .name = name,
                    .version = to_valid_utf8(changeset.author + ":" + changeset.id),
                    .description = {}};
    auto down = rollback_of(file, changeset);
    builder.set.expects_down |= down.has_value();
    Migration& migration = builder.add(
        named, {.file = delimited(file, changeset), .section = changeset.section, .mode = mode_of(changeset)},
        std::move(down));
    migration.repeatable = attribute(changeset, "runalways") == "true" || attribute(changeset, "runonchange") == "true";
    if (changeset.rollback_empty && !migration.down) {
      migration.down = Part{.file = only(*file, {}), .section = changeset.section, .mode = RunMode::transaction};
    }
  }
}

bool is_formatted(std::string_view text) {
  auto comment = comment_text(text.substr(0, text.find('\n')));
  return comment && starts_ignoring_case(*comment, "liquibase formatted sql");
}

void add_folder(SetBuilder& builder, const FolderView& folder) {
  for (const std::string& name : folder.files()) {
    if (is_sql(name) && is_formatted(folder.peek(name))) add_file(builder, folder, name);
  }
  for (const FolderView& below : folder.folders()) add_folder(builder, below);
}

Match detect(const FolderView& folder) {
  if (count_texts(folder, is_formatted) == 0) return {};
  return {Confidence::certain, "files that begin with --liquibase formatted sql"};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "liquibase");
  builder.set.leave_transaction = "Write `runInTransaction:false` behind the changeset's author and id.";
  builder.set.bookkeeping_sql =
      "CREATE TABLE IF NOT EXISTS databasechangelog (id varchar(255) NOT NULL, author varchar(255) NOT NULL, "
      "filename varchar(255) NOT NULL, dateexecuted timestamp NOT NULL, orderexecuted integer NOT NULL, "
      "exectype varchar(10) NOT NULL, md5sum varchar(35), description varchar(255), comments varchar(255), "
      "tag varchar(255), liquibase varchar(20), contexts varchar(255), labels varchar(255), deployment_id "
      "varchar(10)); "
      "CREATE TABLE IF NOT EXISTS databasechangeloglock (id integer NOT NULL PRIMARY KEY, locked boolean NOT NULL, "
      "lockgranted timestamp, lockedby varchar(255))";
  add_folder(builder, folder);
  return builder.finish();
}

}  // namespace liquibase

Layout liquibase_layout() {
  return {"liquibase", "formatted SQL with --changeset author:id and --rollback", liquibase::detect, liquibase::load};
}

}  // namespace pgrehearse
