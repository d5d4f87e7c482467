// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace pgrehearse {

/// One character at the front of a text. A byte that is not UTF-8 is a character of its own.
struct Character {
  char32_t code = 0;  ///< the byte itself when malformed
  size_t length = 1;  ///< bytes
  bool valid = true;
};
Character first_character(std::string_view text);

/// Characters that change what a reader sees without being seen: controls, bidirectional and other format characters,
/// line separators and all that Unicode calls default-ignorable (variation selectors aside).
bool is_hidden(char32_t code);

/// Columns that a terminal gives to a character which is not hidden: 0, 1 or 2.
size_t display_width(char32_t code);
/// The same for a text that was made visible.
size_t display_width(std::string_view text);

/// Whether a '[' now would complete a logging command of GitHub, Azure or TeamCity, which count anywhere in a line.
bool opens_logging_command(std::string_view before);
/// Whether only blanks stand before the end of `before` in its last line. A "::" there is a workflow command.
bool at_line_start(std::string_view before);
/// Whether this character after `before` must be written in another way, lest it be invisible or complete a command.
bool needs_escape(std::string_view before, const Character& character);

/// How many bytes at the front need no care in any format: printable ASCII without the signs of JSON, XML and commands.
size_t plain_prefix(std::string_view text);

/// Appends one character of a line; hidden and malformed ones as \x1b or \u202e. Returns the columns it takes.
size_t append_visible(std::string& out, std::string_view text, const Character& character);
/// Appends free text to a line of a log or terminal: what it contains is shown and never acts.
void append_visible(std::string& out, std::string_view text);

/// A text made visible, to begin something with.
std::string visible(std::string_view text);

}  // namespace pgrehearse
