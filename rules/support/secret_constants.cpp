// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "rules/support/dynamic_sql.h"
#include "rules/support/secret_checks.h"
#include "rules/support/secret_sinks.h"
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

bool fold(const Statement& statement, const Node* expression, Constant& constant, int depth);

/// The arguments of a call, each by itself; nothing when one is no constant.
std::optional<std::vector<Constant>> fold_arguments(const Statement& statement, const FuncCall& call, int depth) {
  std::vector<Constant> arguments;
  for (const Node& argument : each<Node>(call.args)) {
    if (!fold(statement, &argument, arguments.emplace_back(), depth + 1)) return std::nullopt;
  }
  return arguments;
}

std::string formatted(std::string_view pattern, const std::vector<Constant>& arguments) {
  std::string result;
  size_t from = 0;
  for (const FormatSlot& slot : format_slots(pattern)) {
    result += pattern.substr(from, slot.at - from);
    from = pattern.find_first_of("sIL", slot.at);
    from = from == pattern.npos ? pattern.size() : from + 1;
    if (slot.argument > 0 && static_cast<size_t>(slot.argument) < arguments.size())
      result += arguments[static_cast<size_t>(slot.argument)].value;
  }
  return result += pattern.substr(from);
}

std::optional<std::string> decoded_bytes(std::string_view value, std::string_view encoding) {
  std::optional<std::string> bytes;
  if (encoding == "base64") {
    std::string joined(value);
    std::erase_if(joined, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
    bytes = decode_base64(joined);
  } else if (encoding == "hex" && value.size() % 2 == 0) {
    bytes.emplace();
    auto digit = [](char c) {
      return c >= '0' && c <= '9'   ? c - '0'
             : c >= 'a' && c <= 'f' ? c - 'a' + 10
             : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                    : -1;
    };
    for (size_t i = 0; i < value.size(); i += 2) {
      if (digit(value[i]) < 0 || digit(value[i + 1]) < 0) return std::nullopt;
      *bytes += static_cast<char>(digit(value[i]) * 16 + digit(value[i + 1]));
    }
  }
  bool is_text =
      bytes && std::ranges::all_of(*bytes, [](char c) { return c >= ' ' || c == '\n' || c == '\r' || c == '\t'; });
  return is_text ? bytes : std::nullopt;
}

/// Functions of constants that give them back, joined or written in another way.
bool fold_call(const Statement& statement, const FuncCall& call, Constant& constant, int depth) {
  static constexpr std::string_view passing[] = {"quote_literal", "quote_nullable", "trim",   "btrim",   "ltrim",
                                                 "rtrim",         "convert_to",     "encode", "to_json", "to_jsonb"};
  std::string_view name = last_name(call.funcname);
  bool passes = std::ranges::find(passing, name) != std::end(passing);
  bool known = passes || name == "concat" || name == "concat_ws" || name == "format" || name == "reverse" ||
               name == "decode" || name == "convert_from" || name == "replace" || name == "chr";
  if (!known || depth > 6) return false;
  if (name == "chr") {
    auto* code = as<A_Const>(first(call.args));
    if (!code || code->isnull || code->val.node.type != T_Integer || code->val.ival.ival <= 0 ||
        code->val.ival.ival > 126)
      return false;
    constant.value += static_cast<char>(code->val.ival.ival);
    return true;
  }
  auto arguments = fold_arguments(statement, call, depth);
  if (!arguments || arguments->empty()) return false;
  std::string& value = arguments->front().value;
  if (name == "concat") {
    for (size_t i = 1; i < arguments->size(); ++i) value += (*arguments)[i].value;
  } else if (name == "concat_ws") {
    std::string separator = value;
    value.clear();
    for (size_t i = 1; i < arguments->size(); ++i) value += (i > 1 ? separator : "") + (*arguments)[i].value;
  } else if (name == "format") {
    if (arguments->size() > 1) value = formatted(value, *arguments);
  } else if (name == "reverse") {
    std::ranges::reverse(value);
  } else if (name == "decode" && arguments->size() > 1) {
    if (auto bytes = decoded_bytes(value, (*arguments)[1].value)) value = *bytes;
    arguments->resize(1);
  } else if (name == "convert_from") {
    auto bytes = value.starts_with("\\x") ? decoded_bytes(std::string_view(value).substr(2), "hex") : std::nullopt;
    if (bytes) value = *bytes;
    arguments->resize(1);
  } else if (name == "replace" && arguments->size() == 3) {
    const std::string& what = (*arguments)[1].value;
    for (size_t at = what.empty() ? value.npos : value.find(what); at != value.npos;
         at = value.find(what, at + (*arguments)[2].value.size())) {
      value.replace(at, what.size(), (*arguments)[2].value);
      if (value.size() > 100'000) return false;
    }
    arguments->resize(1);
  } else if (passes) {
    arguments->resize(1);  // the others say how
    if (name.ends_with("trim")) {
      value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
      value.erase(value.find_last_not_of(' ') + 1);
    }
  }
  constant.value += value;
  for (const Constant& argument : *arguments)
    constant.tokens.insert(constant.tokens.end(), argument.tokens.begin(), argument.tokens.end());
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
      if (!fold_call(statement, *call, constant, depth)) return false;
    } else if (auto* text = as<A_Const>(node); text && !text->isnull && text->val.node.type == T_String) {
      constant.value += view(text->val.sval.sval);
      if (!add_tokens(statement, text->location, constant.tokens)) return false;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<Constant> constant_of(const Statement& statement, const Node* expression) {
  Constant constant;
  if (!expression || !fold(statement, expression, constant, 0) || constant.tokens.empty()) return std::nullopt;
  constant.source = statement.source;
  return constant;
}

std::vector<Constant> constants_in(const Statement& statement, const Node* expression) {
  std::vector<Constant> found;
  std::vector<std::pair<const Node*, bool>> pending{{expression, false}};
  while (!pending.empty() && found.size() < 100) {
    auto [node, hashed] = pending.back();
    pending.pop_back();
    if (!node) continue;
    if (auto constant = constant_of(statement, node)) {
      constant->hashed = hashed;
      found.push_back(std::move(*constant));
    } else if (auto* coalesce = as<CoalesceExpr>(node)) {
      for (const Node& argument : each<Node>(coalesce->args)) pending.emplace_back(&argument, hashed);
    } else if (auto* choice = as<CaseExpr>(node)) {
      pending.emplace_back(reinterpret_cast<const Node*>(choice->defresult), hashed);
      for (const auto& when : each<CaseWhen>(choice->args))
        pending.emplace_back(reinterpret_cast<const Node*>(when.result), hashed);
    } else if (auto* op = as<A_Expr>(node); op && op->kind == AEXPR_NULLIF) {
      pending.emplace_back(op->lexpr, hashed);
    } else if (auto* cast = as<TypeCast>(node)) {
      pending.emplace_back(cast->arg, hashed);
    } else if (auto* call = as<FuncCall>(node)) {
      static constexpr std::string_view digests[] = {"md5", "digest", "sha224", "sha256", "sha384", "sha512"};
      std::string_view name = last_name(call->funcname);
      bool hashes = std::ranges::find(digests, name) != std::end(digests);
      if (hashes || name == "encode" || name == "upper" || name == "lower")
        pending.emplace_back(first(call->args), hashed || hashes);
    }
  }
  return found;
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

}  // namespace pgrehearse
