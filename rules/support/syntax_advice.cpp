// SPDX-License-Identifier: Apache-2.0
#include "rules/support/syntax_advice.h"

#include <algorithm>
#include <vector>

#include "sql/lexer.h"

namespace pgrehearse {
namespace {

constexpr uint32_t words_before = 400;  // bytes; enough for the statement's head in nearly all files

/// The words, lower case, of the statement up to and including the place; as far back as `words_before`. The place may
/// be inside a body, which is one string to the lexer, so this goes by the bytes.
std::vector<std::string> words_up_to(std::string_view file, uint32_t end) {
  std::vector<std::string> words;
  bool in_word = false;
  for (size_t at = end > words_before ? end - words_before : 0; at < end; ++at) {
    if (file.substr(at, 2) == "--") {
      at = std::min<size_t>(file.substr(0, end).find('\n', at), end);
      in_word = false;
    } else if (!is_identifier_part(file[at])) {
      if (file[at] == ';') words.clear();
      in_word = false;
    } else {
      if (!in_word) words.emplace_back();
      in_word = true;
      words.back() += file[at] >= 'A' && file[at] <= 'Z' ? static_cast<char>(file[at] - 'A' + 'a') : file[at];
    }
  }
  return words;
}

bool has(const std::vector<std::string>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

/// The words hold this run.
bool has_run(const std::vector<std::string>& words, std::initializer_list<std::string_view> run) {
  return std::search(words.begin(), words.end(), run.begin(), run.end()) != words.end();
}

bool ends_with(const std::vector<std::string>& words, std::initializer_list<std::string_view> run) {
  return words.size() >= run.size() && std::equal(run.begin(), run.end(), words.end() - static_cast<long>(run.size()));
}

/// Of a line longer than that, the part around the place: thousands of statements may stand in one.
std::string_view line_around(std::string_view file, Span span) {
  constexpr size_t longest = 1000;
  size_t begin = span.begin, end = span.begin;
  auto ends_line = [&](size_t at) { return file[at] == '\r' || file[at] == '\n'; };
  while (begin > 0 && span.begin - begin < longest && !ends_line(begin - 1)) --begin;
  while (end < file.size() && end - span.begin < longest && !ends_line(end)) ++end;
  return file.substr(begin, end - begin);
}

std::string guard(std::string_view what, std::string_view catalog) {
  return "CREATE " + std::string(what) +
         " has no IF NOT EXISTS on any version. Wrap it: DO $$ BEGIN IF NOT EXISTS (SELECT FROM " +
         std::string(catalog) + ") THEN CREATE " + std::string(what) + " ...; END IF; END $$.";
}

bool begins_line_like_a_statement(std::string_view file, Span span) {
  size_t before = file.find_last_not_of(" \t", span.begin ? span.begin - 1 : 0);
  if (span.begin == 0 || before == file.npos || file[before] != '\n') return false;
  static constexpr std::string_view words[] = {"alter", "begin",  "comment", "commit", "create", "delete", "drop",
                                               "grant", "insert", "revoke",  "select", "set",    "update", "with"};
  return std::ranges::any_of(words, [&](std::string_view word) { return equals_ignoring_case(span.in(file), word); });
}

std::string template_advice(std::string_view line) {
  for (std::string_view open : {"{{", "{%", "<%", "${", "#{"}) {
    if (line.find(open) == line.npos) continue;
    return "This looks like a template (" + std::string(open) +
           "). Give what stands for it with --variables NAME=VALUE, or render the file first and check the result.";
  }
  return {};
}

}  // namespace

std::string shown_message(const SyntaxError& error, std::string_view file) {
  Span span = error.span;
  bool is_string = span.begin < file.size() && span.end <= file.size() && file[span.begin] != '"' &&
                   span.in(file).find_first_of("'$") != std::string_view::npos;
  size_t near = error.message.find(" at or near ");
  if (near == std::string::npos || (!is_string && span.size() <= 40)) return error.message;
  return error.message.substr(0, near) + (is_string ? " at or near a string" : " at or near a long word");
}

bool is_merge_mark(const SyntaxError& error, std::string_view file) {
  uint32_t begin = error.span.begin;
  if (begin >= file.size() || (begin > 0 && file[begin - 1] != '\n')) return false;
  std::string_view rest = file.substr(begin);
  auto begins_with = [&](std::string_view mark) {
    return rest.starts_with(mark) && (rest.size() == mark.size() || rest[mark.size()] <= ' ');
  };
  if (begins_with("<<<<<<<") || begins_with(">>>>>>>")) return true;
  if (!begins_with("=======")) return false;
  constexpr uint32_t longest_side = 8192;  // the other mark is not looked for through all of a large file
  uint32_t from = begin > longest_side ? begin - longest_side : 0;
  return file.substr(from, begin - from).find("<<<<<<< ") != std::string_view::npos;
}

std::string syntax_advice(const SyntaxError& error, std::string_view file) {
  uint32_t end = std::min(error.span.end, static_cast<uint32_t>(file.size()));
  std::vector<std::string> words = words_up_to(file, end);
  bool is_change = has(words, "update") || has(words, "delete");

  std::string_view line = line_around(file, error.span);
  if (line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>") || line.starts_with("=======")) {
    return "This is a mark that git left of a merge. Decide what the file shall hold, and remove the marks.";
  }
  if (std::string advice = template_advice(line); !advice.empty()) return advice;
  if (is_change && (ends_with(words, {"limit"}) || ends_with(words, {"order"}) || ends_with(words, {"order", "by"}))) {
    return "PostgreSQL's UPDATE and DELETE have no LIMIT and no ORDER BY. Pick the rows in a sub-select: "
           "WHERE id IN (SELECT id FROM ... ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED).";
  }
  if (has_run(words, {"constraint", "if", "not"}) || has_run(words, {"constraint", "if"})) {
    if (has(words, "add")) {
      return "ADD CONSTRAINT has no IF NOT EXISTS on any version. In one ALTER TABLE, write DROP CONSTRAINT IF EXISTS "
             "name, "
             "ADD CONSTRAINT name ....";
    }
  }
  if (has_run(words, {"create", "type", "if"})) return guard("TYPE", "pg_type WHERE typname = '...'");
  if (has_run(words, {"create", "domain", "if"})) return guard("DOMAIN", "pg_type WHERE typname = '...'");
  if (has_run(words, {"create", "role", "if"}) || has_run(words, {"create", "user", "if"})) {
    return guard("ROLE", "pg_roles WHERE rolname = '...'");
  }
  if (has_run(words, {"create", "database", "if"})) {
    return "CREATE DATABASE has no IF NOT EXISTS, and it cannot run in a DO block. Create the database outside the "
           "migrations.";
  }
  if (has_run(words, {"create", "policy", "if"}) || has_run(words, {"create", "or", "replace", "policy"})) {
    return "CREATE POLICY has neither IF NOT EXISTS nor OR REPLACE. In one transaction, write DROP POLICY IF EXISTS "
           "name ON "
           "table; then CREATE POLICY.";
  }
  if (has_run(words, {"trigger", "if", "not"}) || has_run(words, {"trigger", "if"})) {
    return "CREATE TRIGGER has no IF NOT EXISTS. Write CREATE OR REPLACE TRIGGER (PostgreSQL 14 and newer), or DROP "
           "TRIGGER IF "
           "EXISTS before it.";
  }
  if (has_run(words, {"create", "or", "replace", "materialized"}) ||
      has_run(words, {"create", "or", "replace", "table"})) {
    return "Only functions, procedures, views, triggers, rules, languages, aggregates and transforms know OR REPLACE. "
           "Drop and "
           "create it in one transaction, and grant its privileges again.";
  }
  if (has_run(words, {"view", "if", "not"}) && !has(words, "materialized")) {
    return "CREATE VIEW has no IF NOT EXISTS. Write CREATE OR REPLACE VIEW.";
  }
  if (has_run(words, {"function", "if"}) || has_run(words, {"procedure", "if"})) {
    return "CREATE FUNCTION has no IF NOT EXISTS. Write CREATE OR REPLACE FUNCTION.";
  }
  if (has_run(words, {"rename", "column", "if"}) || has_run(words, {"rename", "if"})) {
    return "RENAME COLUMN has no IF EXISTS. Look into information_schema.columns in a DO block first.";
  }
  if (has(words, "auto_increment"))
    return "PostgreSQL has no AUTO_INCREMENT. Write bigint GENERATED ALWAYS AS IDENTITY.";
  if (error.span.begin < file.size() && file[error.span.begin] == '`') {
    return "PostgreSQL quotes names with double quotes, not with backticks.";
  }
  static constexpr std::string_view control[] = {"if", "else", "elsif", "loop", "declare", "raise", "perform"};
  if (!words.empty() && words.size() <= 2 && std::ranges::find(control, words.back()) != std::end(control)) {
    return "IF, LOOP, RAISE and their kin are PL/pgSQL. Put them into a block: DO $$ BEGIN ... END $$.";
  }
  if (error.message.find(" near \"..") != std::string::npos)
    return "The dots stand for something that was left out: write it.";
  if (error.message.ends_with("end of input"))
    return "The statement ends too early: something is missing before this place.";
  if (begins_line_like_a_statement(file, error.span)) {
    return "Is the semicolon before it missing? The words are read as a part of the statement above.";
  }
  if (error.message.starts_with("unterminated"))
    return "Close it. All that follows in the file was read as a part of it.";
  return "PostgreSQL refuses the statement with this message when the migration runs. Mend it here.";
}

}  // namespace pgrehearse
