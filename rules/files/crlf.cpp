// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "linter/rule.h"
#include "sql/lexer.h"

namespace pgrehearse::rules::crlf {
namespace {

constexpr std::string_view ending = "\r\n";

/// Tools that remember a checksum of the file's bytes, line ends included.
bool checks_bytes(std::string_view layout) {
  static constexpr std::array<std::string_view, 4> layouts{"sqlx", "sqlx-reversible", "atlas", "graphile-migrate"};
  return std::ranges::find(layouts, layout) != layouts.end();
}

/// The first quoted value with a line break of two bytes in it. Bodies between dollars are code, to which it makes no
/// difference.
Span first_value(std::string_view text) {
  Lexer lexer(text);
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    bool is_value = token.is_string() && token.kind != TokenKind::dollar_string && token.terminated;
    if (is_value && token.span.in(text).find(ending) != std::string_view::npos) return token.span;
  }
  return {};
}

std::string with_line_feeds(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    size_t next = std::min(text.find(ending, at), text.size());
    result += text.substr(at, next - at);
    if (next < text.size()) result += '\n';
    at = next < text.size() ? next + ending.size() : next;
  }
  return result;
}

}  // namespace

static void check_text(const SourceFile& file, Context& context) {
  std::string_view text = file.text();
  size_t first = text.find(ending);
  if (first == std::string_view::npos) return;
  const std::string& layout = context.set().layout;
  bool is_checked = checks_bytes(layout);
  auto begin = static_cast<uint32_t>(first);
  Span place = is_checked ? Span{begin, begin + 2} : first_value(text);
  if (place.empty()) return;
  auto& finding = context.report(
      place, is_checked ? "the file's lines end with CR LF, and " + layout +
                              " takes it for another migration where they end with LF"
                        : std::string("the lines of this value end with CR LF, and both characters are stored"));
  finding.help =
      "Save the file with LF alone, and write `*.sql text eol=lf` into .gitattributes: git then checks it out "
      "like that everywhere.";
  finding.fix = Fix{
      "End all lines with LF", Fix::Safety::unsafe, {{{0, static_cast<uint32_t>(text.size())}, with_line_feeds(text)}}};
}

Rule rule() {
  return {
      .info =
          {.id = "crlf",
           .title = "Line ends of two characters that change what the migration is",
           .category = Category::files,
           .severity = Severity::warning,
           .why = R"(
PostgreSQL takes CR LF for white space, so most files with line ends of Windows do no harm, and the rule says nothing of them. It
speaks once a file, in two cases:

* A value in quotes goes over several lines. Both characters are stored: the text has other bytes in a database that was migrated
  from another checkout, since git may turn the line ends around, and a comparison or a hash of it fails.
* sqlx and Atlas remember a checksum of the file's bytes, graphile-migrate refuses such files. A checkout with other line ends is
  another migration to them, and they stop: "was previously applied but has been modified", "checksum mismatch".)",
           .instead = R"(
LF, and a line in `.gitattributes` that keeps it:

```
*.sql text eol=lf
```

A value that needs both characters says so: `E'first\r\nsecond'`.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .setup = "CREATE TABLE letters (id bigint, body text);",
           .bad = {{.sql = "INSERT INTO letters (id, body)\r\nVALUES (1, 'Dear all,\r\n\r\nsee below.');\r\n"},
                   {.sql =
                        "-- file: 20260101000000_orders.sql\n-- Add migration script here\r\nCREATE TABLE orders (id "
                        "bigint);\r\n"}},
           .good = {{.sql = "CREATE TABLE orders (\r\n  id bigint\r\n);\r\n"},
                    {.sql = "INSERT INTO letters (id, body)\r\nVALUES (1, E'Dear all,\\r\\nsee below.');\r\n"},
                    {.sql = "INSERT INTO letters (id, body) VALUES (1, 'Dear all,\n\nsee below.');\n"},
                    {.sql = "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\r\nBEGIN\r\n  RETURN "
                            "1;\r\nEND $$;\r\n"}}},
      .check_text = check_text};
}

}  // namespace pgrehearse::rules::crlf
