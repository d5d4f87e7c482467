// SPDX-License-Identifier: Apache-2.0
#include "rules/support/secret_sinks.h"

#include <algorithm>

#include "core/ascii.h"
#include "rules/support/secret_fingerprint.h"
#include "rules/support/secret_values.h"

namespace pgrehearse {
namespace {

bool is_secret_keyword(std::string_view keyword) {
  return keyword == "password" || keyword == "sslpassword" || keyword == "oauth_client_secret";
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

bool is_uri(std::string_view text) { return text.starts_with("postgres://") || text.starts_with("postgresql://"); }

std::vector<ConnectionSecret> secrets_of_uri(std::string_view uri) {
  std::vector<ConnectionSecret> found;
  size_t begin = uri.find("://") + 3;
  size_t query = uri.find('?', begin);
  // An @ of the query is none of the authority's.
  size_t slash = std::min({uri.find('/', begin), query, uri.size()});
  size_t host = uri.substr(begin, slash - begin).rfind('@');
  std::string user;
  if (host != uri.npos) {
    std::string_view login = uri.substr(begin, host);
    size_t colon = login.find(':');
    user = login.substr(0, colon);
    if (colon != login.npos) {
      std::string password(login.substr(colon + 1));
      found.push_back({"password", password, password, user});
    }
  }
  while (query != uri.npos && query < uri.size()) {
    size_t next = uri.find('&', query + 1);
    std::string_view word = uri.substr(query + 1, std::min(next, uri.size()) - query - 1);
    size_t equals = word.find('=');
    if (equals != word.npos && is_secret_keyword(word.substr(0, equals))) {
      std::string value(word.substr(equals + 1));
      found.push_back({std::string(word.substr(0, equals)), value, value, user});
    }
    query = next;
  }
  return found;
}

/// As conninfo_parse() of fe-connect.c reads it.
std::vector<ConnectionSecret> secrets_of_words(std::string_view text) {
  std::vector<ConnectionSecret> found;
  std::string user;
  size_t i = 0;
  auto skip_blanks = [&] {
    while (i < text.size() && is_blank(text[i])) ++i;
  };
  while (true) {
    skip_blanks();
    size_t begin = i;
    while (i < text.size() && text[i] != '=' && !is_blank(text[i])) ++i;
    std::string_view keyword = text.substr(begin, i - begin);
    skip_blanks();
    if (keyword.empty() || i >= text.size() || text[i] != '=') break;
    ++i;
    skip_blanks();
    bool quoted = i < text.size() && text[i] == '\'';
    if (quoted) ++i;
    size_t value_begin = i;
    std::string value;
    while (i < text.size() && (quoted ? text[i] != '\'' : !is_blank(text[i]))) {
      if (text[i] == '\\' && i + 1 < text.size()) ++i;
      value += text[i++];
    }
    std::string raw(text.substr(value_begin, i - value_begin));
    if (quoted && i < text.size()) ++i;
    if (keyword == "user") user = value;
    if (is_secret_keyword(keyword)) found.push_back({std::string(keyword), std::move(value), std::move(raw), {}});
  }
  for (ConnectionSecret& secret : found) secret.user = user;
  return found;
}

Finding& report_at(Context& context, std::vector<Span> pieces, std::string_view value, std::string message,
                   std::string_view instead) {
  std::string fingerprint = secret_fingerprint(context.part().file->path(), value);
  auto& finding = context.report(pieces.front(), std::move(message) + " (fingerprint " + fingerprint + ")");
  finding.redact = std::move(pieces);
  finding.fingerprint = std::move(fingerprint);
  finding.help = "Change it where it is in use: the history keeps it even when the line is gone. ";
  finding.help += instead;
  return finding;
}

}  // namespace

Grade grade_of_password(std::string_view value, std::string_view user) {
  if (value.empty() || is_template_slot(value) || is_password_hash(value)) return Grade::none;
  if (is_guessable_password(value, user)) return Grade::weak;
  return is_sample(value) ? Grade::none : Grade::real;
}

Grade grade_of_key(std::string_view value) {
  if (value.size() < 8 || is_sample(value) || is_password_hash(value)) return Grade::none;
  if (value.find_first_of(" \t\n") != value.npos && value.size() < 24) return Grade::none;
  return is_guessable_password(value, {}) ? Grade::weak : Grade::real;
}

std::vector<ConnectionSecret> connection_secrets(std::string_view connection) {
  while (!connection.empty() && is_blank(connection.front())) connection.remove_prefix(1);
  auto found = is_uri(connection) ? secrets_of_uri(connection) : secrets_of_words(connection);
  std::erase_if(found,
                [](const ConnectionSecret& secret) { return is_template_slot(secret.raw) || secret.value.empty(); });
  return found;
}

bool is_connection_string(std::string_view text) {
  if (is_uri(text)) return true;
  std::string lowered = lower_case(text.substr(0, 4096));
  return lowered.find("password") != lowered.npos && lowered.find('=') != lowered.npos;
}

Finding& report_secret(Context& context, const Constant& secret, std::string message, std::string_view instead) {
  return report_at(context, secret.tokens, secret.value, std::move(message), instead);
}

Finding& report_secret_within(Context& context, const Constant& whole, std::string_view raw, std::string message,
                              std::string_view instead) {
  std::string_view text = whole.source.empty() ? context.part().file->text() : whole.source;
  std::vector<Span> pieces;
  for (Span token : whole.tokens) {
    size_t at = token.in(text).find(raw);
    if (at == std::string_view::npos) continue;
    auto begin = static_cast<uint32_t>(token.begin + at);
    pieces.push_back({begin, begin + static_cast<uint32_t>(raw.size())});
  }
  if (pieces.empty()) pieces = whole.tokens;
  return report_at(context, std::move(pieces), raw, std::move(message), instead);
}

void report_connection(Context& context, const Constant& connection, std::string_view place) {
  for (const ConnectionSecret& secret : connection_secrets(connection.value)) {
    Grade grade = grade_of_password(secret.value, secret.user);
    if (grade == Grade::none) continue;
    bool weak = grade == Grade::weak;
    auto& finding = report_secret_within(
        context, connection, secret.raw,
        std::string(weak ? "a password that anybody can guess" : "a password") + " is written in " + std::string(place),
        "Let the server find it: a passfile of the server's operating system user, a service, or a certificate.");
    if (weak) finding.severity = Severity::warning;
  }
}

}  // namespace pgrehearse
