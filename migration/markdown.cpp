// SPDX-License-Identifier: Apache-2.0
#include "migration/markdown.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"

namespace pgrehearse {
namespace {

bool is_sql_word(std::string_view info) {
  static constexpr std::array<std::string_view, 7> words{"sql",  "postgresql", "postgres", "pgsql",
                                                         "psql", "plpgsql",    "postgre"};
  std::string word = lower_case(info.substr(0, info.find_first_of(" \t,{:\r")));
  return std::ranges::find(words, word) != words.end();
}

struct Fence {
  char mark = '\0';
  size_t length = 0;
  std::string_view info;
};

/// The line without its line end, when it is a fence.
Fence fence_of(std::string_view line) {
  size_t at = std::min(line.find_first_not_of(" \t"), line.size());
  Fence fence;
  if (at >= line.size() || (line[at] != '`' && line[at] != '~')) return fence;
  size_t end = at;
  while (end < line.size() && line[end] == line[at]) ++end;
  if (end - at < 3) return fence;
  std::string_view info = line.substr(end);
  info.remove_prefix(std::min(info.find_first_not_of(" \t"), info.size()));
  while (!info.empty() && (info.back() == ' ' || info.back() == '\t' || info.back() == '\r')) info.remove_suffix(1);
  if (line[at] == '`' && info.find('`') != info.npos) return fence;  // code within a line
  return {line[at], end - at, info};
}

std::string_view suffix_of(std::string_view name) {
  name = name.substr(name.rfind('/') + 1);
  size_t dot = name.rfind('.');
  return dot == name.npos || dot == 0 ? std::string_view() : name.substr(dot + 1);
}

}  // namespace

std::vector<Span> sql_blocks(std::string_view markdown) {
  std::vector<Span> blocks;
  Fence open;
  bool sql = false;
  uint32_t begin = 0;
  for (size_t at = 0; at < markdown.size();) {
    size_t end = std::min(markdown.find('\n', at), markdown.size());
    Fence fence = fence_of(markdown.substr(at, end - at));
    size_t next = std::min(end + 1, markdown.size());
    if (open.length == 0) {
      if (fence.length > 0) {
        open = fence;
        sql = is_sql_word(fence.info);
        begin = static_cast<uint32_t>(next);
      }
    } else if (fence.mark == open.mark && fence.length >= open.length && fence.info.empty()) {
      if (sql) blocks.push_back({begin, static_cast<uint32_t>(at)});
      open = {};
    }
    at = next;
  }
  if (open.length > 0 && sql) blocks.push_back({begin, static_cast<uint32_t>(markdown.size())});
  return blocks;
}

bool is_markdown(std::string_view name) {
  std::string suffix = lower_case(suffix_of(name));
  return suffix == "md" || suffix == "markdown" || suffix == "mdx";
}

bool is_sql_script(std::string_view name) {
  static constexpr std::array<std::string_view, 33> others{
      "env", "yml",  "yaml", "json", "toml", "ini",    "conf", "cfg", "properties", "sh",  "bash",
      "zsh", "ps1",  "txt",  "xml",  "tf",   "tfvars", "py",   "js",  "ts",         "rb",  "go",
      "php", "java", "kt",   "cs",   "rs",   "ex",     "pem",  "key", "csv",        "log", "html"};
  std::string base = lower_case(name.substr(name.rfind('/') + 1));
  if (base.starts_with(".env") || base == ".pgpass" || base == "dockerfile" || base == ".npmrc") return false;
  return std::ranges::find(others, lower_case(suffix_of(name))) == others.end();
}

MigrationSet markdown_set(std::shared_ptr<const SourceFile> file) {
  MigrationSet set;
  set.layout = "markdown";
  set.root = file->path();
  set.reason = "the SQL blocks of a document";
  uint32_t number = 0;
  for (Span block : sql_blocks(file->text())) {
    Migration& migration = set.migrations.emplace_back();
    migration.version = std::to_string(++number);
    migration.description = file->path();
    migration.up = {.file = file, .section = block, .mode = RunMode::statements, .irreversible = true};
  }
  if (set.migrations.empty()) set.other_files.push_back(std::move(file));
  return set;
}

MigrationSet text_set(std::shared_ptr<const SourceFile> file) {
  MigrationSet set;
  set.layout = "text";
  set.root = file->path();
  set.reason = "no SQL by its name: searched for secrets";
  set.other_files.push_back(std::move(file));
  return set;
}

std::string without_ellipses(std::string_view sql) {
  std::string text(sql);
  bool any = false;
  for (std::string_view mark : {std::string_view("..."), std::string_view("\xe2\x80\xa6")}) {
    for (size_t at = text.find(mark); at != text.npos; at = text.find(mark, at)) {
      text.replace(at, mark.size(), mark.size(), ' ');
      any = true;
    }
  }
  return any ? text : std::string();
}

bool is_read_only(const MigrationSet& set) { return set.layout == "markdown" || set.layout == "text"; }

}  // namespace pgrehearse
