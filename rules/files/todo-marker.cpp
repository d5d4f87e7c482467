// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "linter/rule.h"
#include "sql/lexer.h"

namespace pgrehearse::rules::todo_marker {
namespace {

constexpr std::array<std::string_view, 3> marks{"TODO", "FIXME", "DO NOT MERGE"};

/// The first of the marks, as a word of its own; npos: none.
std::string_view mark_in(std::string_view comment, size_t& place) {
  std::string_view found;
  place = comment.npos;
  for (std::string_view mark : marks) {
    for (size_t at = comment.find(mark); at < place; at = comment.find(mark, at + 1)) {
      size_t end = at + mark.size();
      bool is_word = (at == 0 || !is_identifier_part(comment[at - 1])) &&
                     (end == comment.size() || !is_identifier_part(comment[end]));
      if (!is_word) continue;
      place = at;
      found = mark;
    }
  }
  return found;
}

}  // namespace

static void check_text(const SourceFile& file, Context& context) {
  std::string_view text = file.text();
  if (std::ranges::none_of(marks, [&](std::string_view mark) { return text.find(mark) != text.npos; })) return;
  Lexer lexer(text);
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    if (!token.is_comment()) continue;
    size_t place = 0;
    std::string_view mark = mark_in(token.span.in(text), place);
    if (mark.empty()) continue;
    uint32_t begin = token.span.begin + static_cast<uint32_t>(place);
    context
        .report({begin, begin + static_cast<uint32_t>(mark.size())},
                "a comment says " + std::string(mark) + ": something is left to do in this migration")
        .help =
        "Do it before the migration is applied, since it cannot be changed afterwards; or note it where "
        "somebody will look.";
    return;
  }
}

Rule rule() {
  return {
      .info = {.id = "todo-marker",
               .title = "A comment that says that the migration is not done",
               .category = Category::files,
               .severity = Severity::info,
               .why = R"(
`TODO`, `FIXME` and `DO NOT MERGE` are notes to oneself. In code they wait until somebody has the time; a migration is applied once
and must not change after that, so what the comment wants will not be done here any more.

Off by default, since such a comment may be about a later release. The rule speaks once a file, about comments outside of
strings and function bodies.)",
               .instead = R"(
Do it, or leave the comment out and note it in the place where your team looks for work. What has to follow in a later migration is
better said in words: "the old column goes with release 12".)",
               .since = "0.1.0",
               .on_by_default = false,
               .bad = {{.sql = "-- TODO: index on customer_id\nCREATE TABLE orders (id bigint, customer_id bigint);"},
                       {.sql = "CREATE TABLE orders (\n  id bigint /* FIXME uuid? */\n);"}},
               .good = {{.sql = "CREATE TYPE state AS ENUM ('TODO', 'DONE');"},
                        {.sql = "-- the TODOS of release 3 are in the tracker\nCREATE TABLE todo (id bigint);"},
                        {.sql = "-- all to do: nothing\nSELECT 1;"}}},
      .check_text = check_text};
}

}  // namespace pgrehearse::rules::todo_marker
