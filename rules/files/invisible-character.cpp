// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "linter/rule.h"

namespace pgrehearse::rules::invisible_character {
namespace {

struct Found {
  uint32_t at = 0;
  uint32_t size = 3;
  unsigned code = 0;
};

/// Of the characters from U+2000 to U+2FFF, those that nobody sees: marks that change the direction of the text, and
/// spaces without width. Joiners (U+200C, U+200D) and U+200E, U+200F belong to many scripts and to emoji.
bool turns_text(unsigned code) { return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069); }
bool has_no_width(unsigned code) { return code == 0x200B || code == 0x2060 || code == 0xFEFF; }

void look_for(std::string_view text, std::string_view lead, Context& context, bool& told_turn, bool& told_width) {
  for (size_t at = text.find(lead); at != text.npos && at + 2 < text.size(); at = text.find(lead, at + 1)) {
    auto byte = [&](size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[at + i])); };
    unsigned code = ((byte(0) & 0x0F) << 12) | ((byte(1) & 0x3F) << 6) | (byte(2) & 0x3F);
    bool turn = turns_text(code);
    bool& told = turn ? told_turn : told_width;
    if ((!turn && !has_no_width(code)) || at == 0 || told) continue;  // at 0: a byte order mark, told elsewhere
    told = true;
    char name[16];
    std::snprintf(name, sizeof name, "U+%04X", code);
    auto begin = static_cast<uint32_t>(at);
    auto& finding = context.report(
        {begin, begin + 3},
        turn ? std::string("the character ") + name +
                   " turns the direction of the text, so that the file runs other than it reads"
             : std::string("the character ") + name + " cannot be seen, and is part of the name or value it stands in");
    if (!turn) finding.severity = Severity::warning;
    finding.help = "Remove it; where a value needs it, write it as an escape: U&'\\" + std::string(name + 2) + "'.";
  }
}

}  // namespace

static void check_text(const SourceFile& file, Context& context) {
  bool told_turn = false, told_width = false;  // one of a kind is enough to look
  for (std::string_view lead : {"\xE2\x80", "\xE2\x81", "\xEF\xBB"})
    look_for(file.text(), lead, context, told_turn, told_width);
}

Rule rule() {
  return {.info = {.id = "invisible-character",
                   .title = "A character that cannot be seen",
                   .category = Category::files,
                   .severity = Severity::error,
                   .why = R"(
Characters that turn the direction of the text (U+202A to U+202E, U+2066 to U+2069) make an editor show the bytes in another order
than PostgreSQL reads them: what looks like a comment runs. A reviewer cannot see it ("Trojan Source", CVE-2021-42574).

Spaces without width (U+200B, U+2060, U+FEFF) come with text that was copied from web pages and chats. PostgreSQL takes them for
letters: a table or a value gets a name that nobody can type, and a WHERE never finds it. These are warnings.

Each kind is told once a file.)",
                   .instead = R"(Remove the character. `U&'\202E'` writes it where a value really needs it.)",
                   .since = "0.1.0",
                   .applies_to_down = true,
                   .bad = {{.sql = "/* \xE2\x80\xAE } if admin \xE2\x81\xA6 */ DELETE FROM orders WHERE id = 1;"},
                           {.sql = "CREATE TABLE ord\xE2\x80\x8B"
                                   "ers (id bigint);"}},
                   .good = {{.sql = "INSERT INTO words VALUES "
                                    "('\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE\xD9\x88\xD8\xA7\xD9\x87\xD9\x85');"},
                            {.sql = "-- \xE2\x80\x9Cquoted\xE2\x80\x9D \xE2\x80\x94 and so on\xE2\x80\xA6\nSELECT 1;"},
                            {.sql = "SELECT U&'\\202E';"}}},
          .check_text = check_text};
}

}  // namespace pgrehearse::rules::invisible_character
