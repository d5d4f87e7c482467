// SPDX-License-Identifier: Apache-2.0
#include "rules/support/secret_sinks.h"

#include <algorithm>

#include "rules/support/secret_fingerprint.h"
#include "rules/support/secret_values.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

/// The value of one string token of the statement's text.
std::string decoded(std::string_view text, const Token& token) {
  std::string_view raw = token.span.in(text);
  std::string value;
  if (token.kind == TokenKind::dollar_string) {
    size_t tag = raw.find('$', 1) + 1;
    return raw.size() >= 2 * tag ? std::string(raw.substr(tag, raw.size() - 2 * tag)) : value;
  }
  size_t open = raw.find('\'');
  if (open == raw.npos) return value;
  for (size_t i = open + 1; i + 1 < raw.size(); ++i) {
    if (raw[i] == '\'' || (raw[i] == '\\' && token.kind == TokenKind::escape_string && i + 2 < raw.size())) ++i;
    value += raw[i];
  }
  return value;
}

/// psql puts a variable's value where :'x' stands, and format() one where %L does: the value is written elsewhere.
bool is_variable(const Statement& statement, Span token) {
  if (token.begin < statement.source.size() && statement.source[token.begin] == '%') return true;
  return !statement.offsets && token.begin > 0 && statement.source[token.begin - 1] == ':';
}

Span in_file(const Statement& statement, Span span) {
  return {statement.file_offset(static_cast<int>(span.begin)), statement.file_offset(static_cast<int>(span.end))};
}

/// The token at a node's location and those that continue it on the next lines.
bool add_tokens(const Statement& statement, int location, std::vector<Span>& tokens) {
  if (location < 0) return false;
  Lexer lexer(statement.text, static_cast<uint32_t>(location));
  Token token = lexer.next_significant();
  if (!token.is_string()) return false;
  while (token.is_string()) {
    Span span = in_file(statement, token.span);
    if (is_variable(statement, span)) return false;
    tokens.push_back(span);
    token = lexer.next_significant();
  }
  return true;
}

bool fold(const Statement& statement, const Node* expression, Constant& constant, int depth) {
  // Chains of || lean to the left: the right arms are put aside and taken in turn.
  std::vector<const Node*> pending{expression};
  while (!pending.empty()) {
    const Node* node = pending.back();
    pending.pop_back();
    if (!node || pending.size() > 10'000) return false;
    if (auto* cast = as<TypeCast>(node)) {
      pending.push_back(cast->arg);
    } else if (auto* collate = as<CollateClause>(node)) {
      pending.push_back(collate->arg);
    } else if (auto* named = as<NamedArgExpr>(node)) {
      pending.push_back(reinterpret_cast<const Node*>(named->arg));
    } else if (auto* op = as<A_Expr>(node)) {
      if (op->kind != AEXPR_OP || last_name(op->name) != "||" || !op->lexpr) return false;
      pending.push_back(op->rexpr);
      pending.push_back(op->lexpr);
    } else if (auto* call = as<FuncCall>(node)) {
      std::string_view name = last_name(call->funcname);
      bool joins = name == "concat" || (name == "format" && length(call->args) == 1);
      if (!joins || depth > 3) return false;
      for (const Node& argument : each<Node>(call->args)) {
        if (!fold(statement, &argument, constant, depth + 1)) return false;
      }
    } else if (auto* text = as<A_Const>(node); text && !text->isnull && text->val.node.type == T_String) {
      constant.value += view(text->val.sval.sval);
      if (!add_tokens(statement, text->location, constant.tokens)) return false;
    } else {
      return false;
    }
  }
  return true;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

bool is_secret_keyword(std::string_view keyword) {
  return keyword == "password" || keyword == "sslpassword" || keyword == "oauth_client_secret";
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool is_uri(std::string_view text) {
  return text.starts_with("postgres://") || text.starts_with("postgresql://");
}

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

std::optional<Constant> constant_of(const Statement& statement, const Node* expression) {
  Constant constant;
  if (!expression || !fold(statement, expression, constant, 0) || constant.tokens.empty()) return std::nullopt;
  constant.source = statement.source;
  return constant;
}

std::vector<Constant> strings_behind(const Statement& statement, int location) {
  std::vector<Constant> found;
  Lexer lexer(statement.text, static_cast<uint32_t>(std::max(location, 0)));
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    if (!token.is_string()) continue;
    Span span = in_file(statement, token.span);
    if (!is_variable(statement, span)) found.push_back({decoded(statement.text, token), {span}, statement.source});
  }
  return found;
}

std::optional<Constant> string_behind(const Statement& statement, int location) {
  Lexer lexer(statement.text, static_cast<uint32_t>(std::max(location, 0)));
  Token token = lexer.next_significant();
  while (token.kind != TokenKind::end && !token.is_string()) token = lexer.next_significant();
  if (!token.is_string()) return std::nullopt;
  Span span = in_file(statement, token.span);
  if (is_variable(statement, span)) return std::nullopt;
  return Constant{decoded(statement.text, token), {span}, statement.source};
}

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
  std::string lowered = lower(text.substr(0, 4096));
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
