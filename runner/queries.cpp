// SPDX-License-Identifier: Apache-2.0
#include "runner/queries.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "migration/expansion.h"
#include "migration/input.h"
#include "runner/statement_words.h"

namespace pgrehearse {
namespace fs = std::filesystem;
namespace {

bool can_be_prepared(std::string_view text) {
  static constexpr std::array<std::string_view, 8> verbs{"select", "insert", "update", "delete",
                                                         "merge",  "with",   "values", "table"};
  return text.find('\0') == text.npos && std::ranges::find(verbs, words_of(text).first) != verbs.end();
}

/// One record of CSV after the other: fields as they are and as they stand.
class CsvReader {
 public:
  struct Field {
    std::string text;
    Span span;
  };
  explicit CsvReader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  bool next(std::vector<Field>& record) {
    record.clear();
    if (at_ >= text_.size()) return false;
    while (true) {
      record.push_back(field());
      if (at_ < text_.size() && text_[at_] == ',') {
        ++at_;
        continue;
      }
      if (at_ < text_.size() && text_[at_] == '\r') ++at_;
      if (at_ < text_.size() && text_[at_] == '\n') ++at_;
      return true;
    }
  }

 private:
  Field field() {
    Field field;
    size_t begin = at_;
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == '"') {
        bool twice = quoted && at_ + 1 < text_.size() && text_[at_ + 1] == '"';
        if (!twice) {
          quoted = !quoted;
          continue;
        }
        ++at_;
      } else if (!quoted && (c == ',' || c == '\n' || c == '\r')) {
        break;
      }
      field.text += c;
    }
    field.span = {static_cast<uint32_t>(begin), static_cast<uint32_t>(at_)};
    return field;
  }

  std::string_view text_;
  size_t at_ = 0;
};

class Reading {
 public:
  Result<void> csv(const std::shared_ptr<const SourceFile>& file) {
    CsvReader reader(file->text());
    std::vector<CsvReader::Field> record;
    size_t column = 0;
    bool known = reader.next(record);
    if (known) {
      auto found = std::ranges::find_if(
          record, [](const auto& field) { return field.text == "query" || field.text == "QUERY"; });
      known = found != record.end();
      column = static_cast<size_t>(found - record.begin());
    }
    if (!known) {
      return usage_error("no column \"query\" in \"" + file->path() + "\"",
                         "Write one with: \\copy (select query, calls from pg_stat_statements) to 'x.csv' csv header");
    }
    while (reader.next(record)) {
      if (column < record.size()) add(file, record[column].span, record[column].text);
    }
    return {};
  }

  void sql(const std::shared_ptr<const SourceFile>& file) {
    Part part;
    part.file = file;
    part.section = {0, static_cast<uint32_t>(file->text().size())};
    Script script = script_of(part);
    for (const StatementSpan& statement : script.statements())
      add(file, statement.span, std::string(statement.span.in(script.text())));
  }

  std::vector<Query> queries;

 private:
  void add(const std::shared_ptr<const SourceFile>& file, Span span, std::string text) {
    while (!text.empty() && (text.back() == ';' || text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
      text.pop_back();
    if (!can_be_prepared(text) || !seen_.insert(text).second) return;
    queries.push_back({file, span, std::move(text)});
  }

  std::set<std::string> seen_;
};

}  // namespace

std::string Query::place() const { return file->path() + ":" + std::to_string(file->line_of(span.begin)); }

Result<std::vector<Query>> read_queries(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".sql" || entry.path().extension() == ".csv") paths.push_back(entry.path());
  }
  if (error) return environment_error("could not read the queries \"" + folder + "\": " + error.message());
  std::ranges::sort(paths);
  Input input(fs::current_path(error));
  Reading reading;
  for (const fs::path& path : paths) {
    auto file = input.read(path);
    if (!file) return std::unexpected(file.error());
    if (path.extension() == ".sql") {
      reading.sql(*file);
    } else if (auto read = reading.csv(*file); !read) {
      return std::unexpected(read.error());
    }
  }
  if (reading.queries.empty()) return environment_error("no query in the .sql and .csv files of \"" + folder + "\"");
  return std::move(reading.queries);
}

}  // namespace pgrehearse
