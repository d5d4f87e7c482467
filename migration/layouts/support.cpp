// SPDX-License-Identifier: Apache-2.0
#include "migration/layouts/support.h"

#include <algorithm>
#include <set>

#include "core/utf8.h"
#include "sql/lexer.h"

namespace pgrehearse {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_sql(std::string_view name) { return name.ends_with(".sql"); }

std::optional<std::string_view> without_suffix(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return std::nullopt;
  return name.substr(0, name.size() - suffix.size());
}

std::string_view leading_digits(std::string_view name) {
  return name.substr(0, static_cast<size_t>(std::ranges::find_if_not(name, is_digit) - name.begin()));
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\f\v";
  size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string words(std::string_view name) {
  std::string result = to_valid_utf8(name);
  for (char& c : result) {
    if (c == '_' || c == '-') c = ' ';
  }
  return std::string(trimmed(result));
}

std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

std::strong_ordering compare_natural(std::string_view a, std::string_view b) {
  std::string_view whole_a = a, whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      std::string_view digits_a = leading_digits(a), digits_b = leading_digits(b);
      if (auto order = compare_numbers(digits_a, digits_b); order != 0) return order;
      a.remove_prefix(digits_a.size());
      b.remove_prefix(digits_b.size());
    } else if (a.front() != b.front()) {
      return static_cast<unsigned char>(a.front()) <=> static_cast<unsigned char>(b.front());
    } else {
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  if (a.size() != b.size()) return a.size() <=> b.size();
  return whole_a <=> whole_b;
}

size_t count_files(const FolderView& folder, const std::function<bool(std::string_view)>& matches) {
  return static_cast<size_t>(std::ranges::count_if(folder.files(), matches));
}

size_t count_texts(const FolderView& folder, const std::function<bool(std::string_view)>& matches) {
  std::vector<const std::string*> names;
  for (const std::string& name : folder.files()) {
    if (is_sql(name)) names.push_back(&name);
  }
  size_t step = names.size() / 24 + 1;
  size_t count = 0;
  for (size_t i = 0; i < names.size(); i += step) count += matches(folder.peek(*names[i])) ? 1 : 0;
  return count;
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  uint32_t number = 1;
  for (size_t begin = 0; begin < text.size(); ++number) {
    size_t feed = std::min(text.find('\n', begin), text.size());
    size_t end = feed > begin && text[feed - 1] == '\r' ? feed - 1 : feed;
    size_t next = std::min(feed + 1, text.size());
    lines.push_back({number,
                     {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)},
                     static_cast<uint32_t>(next),
                     text.substr(begin, end - begin)});
    begin = next;
  }
  return lines;
}

std::optional<std::string_view> comment_text(std::string_view line) {
  if (!line.starts_with("--")) return std::nullopt;
  return trimmed(line.substr(2));
}

bool starts_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && equals_ignoring_case(text.substr(0, lower.size()), lower);
}

bool is_blank_or_comment(std::string_view line) {
  line = trimmed(line);
  return line.empty() || line.starts_with("--");
}

std::optional<NamedFile> parse_numbered(const FolderView& folder, std::string_view name) {
  auto stem = without_suffix(name, ".sql");
  if (!stem) return std::nullopt;
  std::string_view version = leading_digits(*stem);
  if (version.empty() || !stem->substr(version.size()).starts_with('_')) return std::nullopt;
  return NamedFile{
      .folder = &folder, .name = name, .version = std::string(version), .title = stem->substr(version.size())};
}

void sort_by_version(std::vector<NamedFile>& files) {
  auto before = [](const NamedFile& a, const NamedFile& b) {
    if (auto order = compare_numbers(a.version, b.version); order != 0) return order < 0;
    return compare_natural(a.name, b.name) < 0;
  };
  if (!std::ranges::is_sorted(files, before)) std::ranges::stable_sort(files, before);  // mostly they are
}

std::vector<NamedFile> numbered_files(const FolderView& folder) {
  std::vector<NamedFile> files;
  for (const std::string& name : folder.files()) {
    if (auto file = parse_numbered(folder, name)) files.push_back(std::move(*file));
  }
  sort_by_version(files);
  return files;
}

namespace {

void add_named(const FolderView& folder, ParseName parse, std::vector<NamedFile>& files) {
  for (const std::string& name : folder.files()) {
    if (auto file = parse(folder, name)) files.push_back(std::move(*file));
  }
}

}  // namespace

std::vector<NamedFile> gather(const FolderView& folder, ParseName parse) {
  std::vector<NamedFile> files;
  add_named(folder, parse, files);
  if (!files.empty()) return files;
  std::set<std::string> versions;
  size_t locations = 0;
  for (const FolderView& below : folder.folders()) {
    size_t first = files.size();
    add_named(below, parse, files);
    if (files.size() == first) return {};  // not a folder of locations, but of unrelated things
    ++locations;
    std::set<std::string> own;
    for (size_t i = first; i < files.size(); ++i) own.insert(files[i].version);
    for (const std::string& version : own) {
      if (!version.empty() && !versions.insert(version).second) return {};
    }
  }
  return locations > 1 ? files : std::vector<NamedFile>();
}

std::vector<const FolderView*> folders_with(const FolderView& folder, std::string_view file) {
  std::vector<const FolderView*> found;
  for (const FolderView& below : folder.folders()) {
    if (below.has_file(file)) found.push_back(&below);
  }
  return found;
}

void add_up_down(const FolderView& folder, std::string version, RunMode mode, std::vector<NamedFile>& files) {
  std::string_view name = folder.name();
  size_t underscore = name.find('_');
  std::string_view title = underscore == std::string_view::npos ? "" : name.substr(underscore + 1);
  for (auto [file, role] : {std::pair{"up.sql", NamedFile::Role::up}, std::pair{"down.sql", NamedFile::Role::down}}) {
    if (folder.has_file(file)) files.push_back({&folder, file, version, title, role, mode});
  }
}

std::shared_ptr<const SourceFile> with_semicolons(const SourceFile& file, Span section, std::string_view delimiter,
                                                  bool alone) {
  std::string text(file.text());
  for (const Line& line : lines_of(file.text())) {
    if (line.span.begin < section.begin || line.span.end > section.end) continue;
    std::string_view written = trimmed(line.text);
    if (alone ? lower_case(written) != lower_case(std::string(delimiter)) : !written.ends_with(delimiter)) continue;
    size_t at = static_cast<size_t>(written.data() - file.text().data()) + written.size() - delimiter.size();
    text.replace(at, delimiter.size(), ";" + std::string(delimiter.size() - 1, ' '));
  }
  return std::make_shared<const SourceFile>(file.path(), std::move(text));
}

}  // namespace pgrehearse
