// SPDX-License-Identifier: Apache-2.0
#include "linter/suppressions.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include "linter/peers.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

constexpr std::string_view blanks = " \t\r\n\f\v";

std::string_view trim(std::string_view text) {
  size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// Takes the word from the front when it is there, whatever its case.
bool take_word(std::string_view& text, std::string_view word) {
  text = trim(text);
  if (text.size() < word.size() || !equals_ignoring_case(text.substr(0, word.size()), word)) return false;
  text.remove_prefix(word.size());
  return true;
}

/// The ids at the front, separated by commas.
void take_ids(std::string_view& text, std::vector<std::string>& ids) {
  while (true) {
    text = trim(text);
    std::string_view id = text.substr(0, text.find_first_of(", \t\r\n"));
    if (id.empty()) break;
    ids.emplace_back(id);
    text = trim(text.substr(id.size()));
    if (!text.starts_with(',')) break;
    text.remove_prefix(1);
  }
}

bool is_day(std::string_view text) {
  if (text.size() != 10) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  }
  int month = (text[5] - '0') * 10 + text[6] - '0', day = (text[8] - '0') * 10 + text[9] - '0';
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

constexpr std::string_view range_end = "allow-end";

/// What follows "pgrehearse:".
Suppression parse_own(std::string_view text) {
  Suppression suppression;
  std::string_view word = trim(text);
  word = word.substr(0, word.find_first_of(" \t\r\n"));
  text = trim(text).substr(word.size());
  using Reach = Suppression::Reach;
  if (equals_ignoring_case(word, "allow-file")) {
    suppression.reach = Reach::file;
  } else if (equals_ignoring_case(word, "allow-begin")) {
    suppression.reach = Reach::range;
  } else if (!equals_ignoring_case(word, "allow")) {
    suppression.problem = "this comment is not a suppression that pgrehearse can read";
    return suppression;
  }
  take_ids(text, suppression.ids);
  if (suppression.ids.empty()) suppression.problem = "this suppression names no rule, so it silences nothing";
  if (take_word(text, "until")) {
    text = trim(text);
    std::string_view day = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(day.size());
    suppression.until = day;
    if (!is_day(day)) suppression.problem = "\"" + suppression.until + "\" is no day such as 2027-01-31";
  }
  if (take_word(text, "because")) suppression.reason = trim(text);
  return suppression;
}

/// `squawk-ignore a, b`, `squawk-ignore-file a, b`, `eugene: ignore E5, E4`; no rule named means all of them.
std::optional<Suppression> parse_foreign(std::string_view text, const std::vector<std::string>& compat) {
  Suppression suppression;
  std::string peer;
  if (take_word(text, "squawk-ignore")) {
    peer = "squawk";
    if (text.starts_with("-file")) {
      suppression.reach = Suppression::Reach::file;
      text.remove_prefix(5);
    }
    if (!text.empty() && blanks.find(text.front()) == std::string_view::npos) return std::nullopt;
  } else if (take_word(text, "eugene:") && take_word(text, "ignore")) {
    peer = "eugene";
  } else {
    return std::nullopt;
  }
  if (std::ranges::find(compat, peer) == compat.end()) return std::nullopt;
  std::vector<std::string> theirs;
  take_ids(text, theirs);
  for (const std::string& id : theirs) {
    for (std::string_view ours : rules_of_peer(peer, id)) suppression.ids.emplace_back(ours);
  }
  suppression.all_rules = theirs.empty();
  suppression.foreign = true;
  suppression.reason = "a comment for " + peer;
  return suppression;
}

/// The statement that the comment stands in, behind or above.
Span scope_of(const Script& script, Span comment) {
  const auto& statements = script.statements();
  auto next =
      std::ranges::lower_bound(statements, comment.begin, {}, [](const StatementSpan& s) { return s.span.end; });
  Span scope = comment;
  auto cover = [&](Span span) { scope = {std::min(scope.begin, span.begin), std::max(scope.end, span.end)}; };

  std::string_view text = script.text();
  size_t line_begin = text.find_last_of("\r\n", comment.begin);
  line_begin = line_begin == std::string_view::npos ? 0 : line_begin + 1;
  bool behind = next != statements.begin() && std::prev(next)->span.end > line_begin;
  bool inside = next != statements.end() && next->span.begin < comment.begin;
  if (inside) {
    cover(next->span);
  } else if (behind) {
    cover(std::prev(next)->span);
  } else {
    if (next != statements.end()) cover(next->span);
    size_t line = text.find('\n', comment.end);
    if (line != std::string_view::npos) {
      cover({comment.begin, static_cast<uint32_t>(std::min(text.find('\n', line + 1), text.size()))});
    }
  }
  return scope;
}

/// Ends the innermost open range, or the one that begins with the same rules when the comment names some.
void end_range(std::vector<Suppression>& found, std::vector<size_t>& open, std::string_view text, Span comment) {
  std::vector<std::string> ids;
  take_ids(text, ids);
  for (size_t i = open.size(); i > 0; --i) {
    Suppression& begun = found[open[i - 1]];
    if (!ids.empty() && begun.ids != ids) continue;
    begun.scope.end = comment.end;
    open.erase(open.begin() + static_cast<ptrdiff_t>(i - 1));
    return;
  }
  Suppression& stray = found.emplace_back();
  stray.comment = stray.scope = comment;
  stray.problem = "this allow-end ends nothing: no allow-begin before it is open";
}

}  // namespace

std::string current_day() {
  auto day = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  std::chrono::year_month_day date(day);
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  return text;
}

std::vector<Suppression> read_suppressions(const Script& script, std::string_view today,
                                           const std::vector<std::string>& compat) {
  std::vector<Suppression> found;
  std::vector<size_t> open;  // ranges
  for (const Comment& comment : script.comments()) {
    std::string_view text = comment.span.in(script.text());
    if (text.size() < 13) continue;
    text.remove_prefix(2);
    if (comment.block && text.ends_with("*/")) text.remove_suffix(2);
    text = trim(text);
    std::optional<Suppression> suppression;
    if (take_word(text, "pgrehearse:")) {
      // Marks of migration/checks.h.
      if (equals_ignoring_case(trim(text), "verify") || equals_ignoring_case(trim(text), "verify-down")) continue;
      if (take_word(text, range_end)) {
        end_range(found, open, text, comment.span);
        continue;
      }
      suppression = parse_own(text);
    } else if (!compat.empty()) {
      suppression = parse_foreign(text, compat);
    }
    if (!suppression) continue;
    suppression->used.resize(suppression->ids.size());
    suppression->comment = comment.span;
    suppression->expired = !suppression->until.empty() && suppression->problem.empty() && suppression->until <= today;
    switch (suppression->reach) {
      case Suppression::Reach::statement: suppression->scope = scope_of(script, comment.span); break;
      case Suppression::Reach::file: suppression->scope = {0, static_cast<uint32_t>(script.text().size() + 1)}; break;
      case Suppression::Reach::range:
        suppression->scope = comment.span;
        if (suppression->problem.empty()) open.push_back(found.size());
        break;
    }
    found.push_back(std::move(*suppression));
  }
  for (size_t i : open) found[i].problem = "no allow-end follows this allow-begin, so it silences nothing";
  return found;
}

bool suppresses(std::vector<Suppression>& suppressions, const Finding& finding, bool whole_file) {
  bool silenced = false;
  for (Suppression& suppression : suppressions) {
    if (suppression.reason.empty() || suppression.expired || !suppression.problem.empty()) continue;
    bool covers = whole_file && suppression.reach != Suppression::Reach::range && !suppression.foreign;
    covers |= finding.span.begin < suppression.scope.end && finding.span.end > suppression.scope.begin;
    if (!covers) continue;
    silenced |= suppression.all_rules;
    for (size_t i = 0; i < suppression.ids.size(); ++i) {
      if (suppression.ids[i] != finding.rule) continue;
      suppression.used[i] = true;
      silenced = true;
    }
  }
  return silenced;
}

}  // namespace pgrehearse
