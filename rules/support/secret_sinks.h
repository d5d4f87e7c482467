// SPDX-License-Identifier: Apache-2.0
// Places of a statement that are made for secrets, and how a secret found there is reported.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "linter/context.h"

namespace pgrehearse {

/// A constant as the server sees it, and the file's tokens that it is written in.
struct Constant {
  std::string value;
  std::vector<Span> tokens;
  std::string_view source = {};  ///< what the tokens are spans of; empty: the file at hand
  bool hashed = false;           ///< the statement takes md5() or the like of it
};
/// The value of an expression that is constant: strings (each notation, continued over lines), casts of them, and what
/// ||, concat(), format(), chr(), reverse(), decode() and the like make of them. Nothing for all else and for psql's
/// :'x'.
std::optional<Constant> constant_of(const Statement& statement, const Node* expression);
/// The constants that the expression may give or that it hashes: itself, or those of COALESCE, CASE, NULLIF and md5().
std::vector<Constant> constants_in(const Statement& statement, const Node* expression);
/// The first string token at or behind a location of the statement's text.
std::optional<Constant> string_behind(const Statement& statement, int location);
/// All string tokens of the statement at or behind a location.
std::vector<Constant> strings_behind(const Statement& statement, int location);

/// How much of a secret a value is, in a place where a secret must stand.
enum class Grade : unsigned char {
  none,  ///< empty, a template's slot, a sample, a hash
  weak,  ///< anybody can guess it
  real,
};
Grade grade_of_password(std::string_view value, std::string_view user);
/// The same for keys, which nobody types in: shorter than 8 bytes is none.
Grade grade_of_key(std::string_view value);

/// The passwords in a connection string of libpq (key = value words or a URI): password, sslpassword,
/// oauth_client_secret. What a template fills in is none.
struct ConnectionSecret {
  std::string keyword;
  std::string value;  ///< as the string has it, quotes and backslashes taken away
  std::string raw;    ///< as it stands in the string
  std::string user;
};
std::vector<ConnectionSecret> connection_secrets(std::string_view connection);
/// Whether the text can be a connection string at all.
bool is_connection_string(std::string_view text);

/// Reports a secret at its first token. The message gets the secret's fingerprint, all tokens are blanked in every
/// report, and the help says to change it and how to pass it in instead.
Finding& report_secret(Context& context, const Constant& secret, std::string message, std::string_view instead);
/// A part of a constant: the bytes `raw` in its tokens, or all of them when they cannot be told apart.
Finding& report_secret_within(Context& context, const Constant& whole, std::string_view raw, std::string message,
                              std::string_view instead);
/// All secrets of a connection string, each with `message` behind "the password"; those that can be guessed as
/// warnings.
void report_connection(Context& context, const Constant& connection, std::string_view place);

}  // namespace pgrehearse
