// SPDX-License-Identifier: Apache-2.0
// What several layouts need: names taken apart, versions compared, marker lines read.
#pragma once
#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ascii.h"
#include "migration/layouts/layout.h"

namespace pgrehearse {

/// "001_x.up.sql" and ".up.sql" give "001_x".
std::optional<std::string_view> without_suffix(std::string_view name, std::string_view suffix);
/// The digits at the front, possibly none.
std::string_view leading_digits(std::string_view name);
bool is_digit(char c);
/// ASCII white space off both ends.
std::string_view trimmed(std::string_view text);
/// "add_user-name" gives "add user name", made valid UTF-8.
std::string words(std::string_view name);

/// Digits of any length by their value: 9 before 010.
std::strong_ordering compare_numbers(std::string_view a, std::string_view b);
/// Byte order, but runs of digits by their value: a2 before a10. Total: equal only when the texts are.
std::strong_ordering compare_natural(std::string_view a, std::string_view b);

/// "2 of 3 files": how many names of a folder have some form.
size_t count_files(const FolderView& folder, const std::function<bool(std::string_view)>& matches);
/// How many of the folder's SQL files (some two dozen, spread evenly, when there are more) hold what `matches` looks
/// for.
size_t count_texts(const FolderView& folder, const std::function<bool(std::string_view)>& matches);
bool is_sql(std::string_view name);

/// One line of a text, and what a marker parser wants to know about it.
struct Line {
  uint32_t number = 1;
  Span span;              ///< without the line's end
  uint32_t next = 0;      ///< where the next line begins
  std::string_view text;  ///< of the span
};
/// The lines of a text, for marker lines: split at LF, a CR before it left out, as the tools do.
std::vector<Line> lines_of(std::string_view text);
/// What follows `--` (and blanks) on a line that begins with it in its first column; none for other lines.
std::optional<std::string_view> comment_text(std::string_view line);
bool starts_ignoring_case(std::string_view text, std::string_view lower);
/// A blank line or one of a `--` comment only.
bool is_blank_or_comment(std::string_view line);

/// A copy of the file in which lines of the section that end with `delimiter` end with a semicolon instead, at the same
/// offsets: how tools read a file for which another delimiter was agreed on. With `alone`, only lines that hold nothing
/// else.
std::shared_ptr<const SourceFile> with_semicolons(const SourceFile& file, Span section, std::string_view delimiter,
                                                  bool alone);

/// A file with the place it has in the set. A view: the folder outlives it. Every layout makes one for each of
/// thousands of names, and nearly all of them are no more than counted.
struct NamedFile {
  enum class Role : uint8_t { up, down, verify, verify_down };
  const FolderView* folder = nullptr;
  std::string_view name;
  std::string version;
  std::string_view title;  ///< what the name says besides the version, as it stands there
  Role role = Role::up;
  RunMode mode = RunMode::transaction;
  std::string said = {};  ///< what it is about, when that is not the title

  std::string description() const { return said.empty() ? words(title) : said; }
};

/// `VERSION_name.sql`, the version being digits: the form that most tools share.
std::optional<NamedFile> parse_numbered(const FolderView& folder, std::string_view name);
/// The folder's own files of that form, by the value of their version.
std::vector<NamedFile> numbered_files(const FolderView& folder);
void sort_by_version(std::vector<NamedFile>& files);

using ParseName = std::optional<NamedFile> (*)(const FolderView& folder, std::string_view name);
/// The files of a folder whose names `parse` knows. When it holds none itself, those of the folders right below it,
/// provided that these are one history: each of them has some, and no version stands in two of them (folders for
/// several engines or services have other things beside them, or the same versions).
std::vector<NamedFile> gather(const FolderView& folder, ParseName parse);

/// Folders right below, `VERSION_name/up.sql`, that hold a file of that name; others and plain files do not count.
std::vector<const FolderView*> folders_with(const FolderView& folder, std::string_view file);

/// Adds the up.sql and down.sql of one such folder, as far as they are there.
void add_up_down(const FolderView& folder, std::string version, RunMode mode, std::vector<NamedFile>& files);

}  // namespace pgrehearse
