// SPDX-License-Identifier: Apache-2.0
#include "sql/edit.h"

#include <algorithm>
#include <vector>

#include "sql/lexer.h"

namespace pgrehearse {

std::optional<Span> find_keywords(const Statement& statement, std::initializer_list<std::string_view> keywords,
                                  uint32_t from) {
  if (statement.offsets) {  // inside a string with escapes the bytes of the file are not the bytes of the SQL
    uint32_t begin = statement.file_offset(0);
    if (statement.span.end - begin != statement.text.size()) return std::nullopt;
  }
  std::string_view text = statement.source.substr(0, statement.span.end);
  Lexer lexer(text, std::max(from, statement.span.begin));
  std::vector<Span> run;
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    bool matches =
        token.kind == TokenKind::word && equals_ignoring_case(token.span.in(text), *(keywords.begin() + run.size()));
    if (!matches && !run.empty()) {
      run.clear();
      matches = token.kind == TokenKind::word && equals_ignoring_case(token.span.in(text), *keywords.begin());
    }
    if (!matches) continue;
    run.push_back(token.span);
    if (run.size() == keywords.size()) return Span{run.front().begin, run.back().end};
  }
  return std::nullopt;
}

std::optional<Edit> insert_after(const Statement& statement, std::initializer_list<std::string_view> keywords,
                                 std::string text, uint32_t from) {
  auto found = find_keywords(statement, keywords, from);
  if (!found) return std::nullopt;
  return Edit{{found->end, found->end}, std::move(text)};
}

Edit append(const Statement& statement, std::string text) {
  return {{statement.span.end, statement.span.end}, std::move(text)};
}

std::string apply_edits(std::string_view text, std::vector<Edit> edits) {
  std::ranges::stable_sort(edits, {}, [](const Edit& edit) { return edit.span.begin; });
  std::string result;
  uint32_t at = 0;
  for (const Edit& edit : edits) {
    result += text.substr(at, edit.span.begin - at);
    result += edit.text;
    at = edit.span.end;
  }
  result += text.substr(at);
  return result;
}

}  // namespace pgrehearse
