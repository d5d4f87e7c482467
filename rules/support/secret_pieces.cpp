// SPDX-License-Identifier: Apache-2.0
#include "rules/support/secret_pieces.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <unordered_set>

#include "rules/support/dynamic_sql.h"
#include "rules/support/secret_values.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

constexpr size_t longest_text = 1 << 20;

const Node* element(const List* list, int i) { return static_cast<const Node*>(list->elements[i].ptr_value); }

bool is_joint(const Node* node) {
  auto* op = as<A_Expr>(node);
  return op && op->kind == AEXPR_OP && op->lexpr && last_name(op->name) == "||";
}

bool joins_text(std::string_view function) {
  static constexpr std::string_view names[] = {"concat",  "concat_ws", "format",       "replace",
                                               "reverse", "decode",    "convert_from", "chr"};
  return std::ranges::find(names, function) != std::end(names);
}

/// chr(115)
std::optional<char> character_of(const FuncCall& call) {
  auto* code = last_name(call.funcname) == "chr" ? as<A_Const>(first(call.args)) : nullptr;
  bool ascii =
      code && !code->isnull && code->val.node.type == T_Integer && code->val.ival.ival > 0 && code->val.ival.ival < 127;
  return ascii ? std::optional(static_cast<char>(code->val.ival.ival)) : std::nullopt;
}

class Assembler {
 public:
  Assembler(const Statement& statement, Assembled& result) : statement_(statement), result_(result) {}

  void add(const Node* expression) {
    std::vector<const Node*> pending{expression};
    while (!pending.empty()) {
      const Node* node = pending.back();
      pending.pop_back();
      if (!node || result_.text.size() > longest_text) continue;
      if (is_joint(node)) {
        pending.push_back(as<A_Expr>(node)->rexpr);
        pending.push_back(as<A_Expr>(node)->lexpr);
      } else if (auto* call = as<FuncCall>(node); call && last_name(call->funcname) == "format") {
        add_format(*call);
      } else if (call && last_name(call->funcname) == "concat") {
        for (int i = length(call->args); i-- > 0;) pending.push_back(element(call->args, i));
      } else if (auto code = call ? character_of(*call) : std::nullopt) {
        result_.text += *code;
      } else if (auto constant = constant_of(statement_, node)) {
        bool literal = call && last_name(call->funcname).starts_with("quote_");
        if (literal) result_.text += '\'';
        add_piece(std::move(*constant));
        if (literal) result_.text += '\'';
      } else {
        result_.text += "${}";
      }
    }
  }

 private:
  void add_piece(Constant constant) {
    size_t begin = result_.text.size();
    result_.text += constant.value;
    result_.pieces.push_back({begin, result_.text.size(), std::move(constant.tokens)});
  }

  void add_format(const FuncCall& call) {
    auto pattern = length(call.args) > 0 ? constant_of(statement_, first(call.args)) : std::nullopt;
    if (!pattern) {
      result_.text += "${}";
      return;
    }
    size_t from = 0;
    auto add_text = [&](size_t to) { add_piece({pattern->value.substr(from, to - from), pattern->tokens}); };
    for (const FormatSlot& slot : format_slots(pattern->value)) {
      add_text(slot.at);
      from = std::min(pattern->value.find_first_of("sIL", slot.at), pattern->value.size() - 1) + 1;
      auto value =
          slot.argument < length(call.args) ? constant_of(statement_, element(call.args, slot.argument)) : std::nullopt;
      char quote = slot.conversion == 'L' ? '\'' : '\0';
      if (quote) result_.text += quote;
      if (value) {
        add_piece(std::move(*value));
      } else {
        result_.text += "${}";
      }
      if (quote) result_.text += quote;
    }
    add_text(pattern->value.size());
  }

  const Statement& statement_;
  Assembled& result_;
};

/// A call that puts names and values side by side, beginning with the argument at the place returned; -1: none.
int first_pair(std::string_view function) {
  return function == "jsonb_build_object" || function == "json_build_object" || function == "hstore" ||
                 function == "http_header"
             ? 0
             : -1;
}

bool sets_path(std::string_view function) {
  return function == "jsonb_set" || function == "jsonb_insert" || function == "json_set" || function == "jsonb_set_lax";
}

}  // namespace

std::vector<Span> Assembled::places_of(Span span, std::string_view source) const {
  std::vector<Span> places;
  auto first = std::ranges::upper_bound(pieces, size_t{span.begin}, {}, &Piece::end);
  for (const Piece& piece : std::ranges::subrange(first, pieces.end())) {
    if (piece.begin >= span.end) break;
    std::string_view value = std::string_view(text).substr(std::max<size_t>(piece.begin, span.begin));
    value = value.substr(0, std::min<size_t>(piece.end, span.end) - std::max<size_t>(piece.begin, span.begin));
    for (Span token : piece.tokens) {
      size_t at = token.in(source).find(value);
      if (at == std::string_view::npos) {
        if (piece.tokens.size() == 1 || piece.begin >= span.begin) places.push_back(token);
      } else {
        auto begin = static_cast<uint32_t>(token.begin + at);
        places.push_back({begin, begin + static_cast<uint32_t>(value.size())});
      }
    }
  }
  return places;
}

Assembled assembled(const Statement& statement, const Node* expression) {
  Assembled result;
  Assembler(statement, result).add(expression);
  return result;
}

void for_each_assembled(const Statement& statement, const std::function<void(const Assembled&)>& visit) {
  std::unordered_set<const Node*> inner;
  std::vector<const Node*> outer;
  for (const Node* node : all_nodes(statement.node)) {
    if (auto* op = as<A_Expr>(node); op && is_joint(node)) {
      inner.insert(op->lexpr);
      inner.insert(op->rexpr);
      outer.push_back(node);
    } else if (auto* call = as<FuncCall>(node); call && joins_text(last_name(call->funcname))) {
      for (const Node& argument : each<Node>(call->args)) inner.insert(&argument);
      outer.push_back(node);
    } else if (auto* constant = as<A_Const>(node); constant && constant->val.node.type == T_String) {
      outer.push_back(node);
    }
  }
  for (const Node* node : outer) {
    if (inner.contains(node)) continue;
    Assembled text = assembled(statement, node);
    if (!text.pieces.empty()) visit(text);
  }
}

void for_each_named_value(const Statement& statement,
                          const std::function<void(const Constant&, const Constant&)>& visit) {
  auto pair = [&](const Node* name_node, const Node* value_node) {
    auto name = constant_of(statement, name_node);
    if (!name || !is_secret_name(name->value)) return;
    for (const Constant& value : constants_in(statement, value_node)) visit(*name, value);
  };
  auto pairs = [&](const List* list, int begin, int step) {
    for (int i = begin; i + 1 < length(list); i += step) pair(element(list, i), element(list, i + 1));
  };
  for (const Node* node : all_nodes(statement.node)) {
    if (auto* row = as<RowExpr>(node)) {
      pairs(row->args, 0, 1);
    } else if (auto* array = as<A_ArrayExpr>(node)) {
      pairs(array->elements, 0, 1);
    } else if (auto* op = as<A_Expr>(node); op && op->kind == AEXPR_OP && last_name(op->name) == "=") {
      auto* left = as<FuncCall>(op->lexpr);
      if (left && last_name(left->funcname) == "current_setting") pair(first(left->args), op->rexpr);
    } else if (auto* call = as<FuncCall>(node)) {
      std::string_view name = last_name(call->funcname);
      if (first_pair(name) == 0) pairs(call->args, 0, 2);
      if (!sets_path(name) || length(call->args) < 3) continue;
      auto path = constant_of(statement, element(call->args, 1));
      auto value = constant_of(statement, element(call->args, 2));
      if (!path || !value) continue;
      while (path->value.ends_with('}') || path->value.ends_with('"')) path->value.pop_back();
      path->value.erase(0, path->value.find_last_of("{,\"") + 1);
      if (value->value.size() > 2 && value->value.starts_with('"'))
        value->value = value->value.substr(1, value->value.size() - 2);
      if (is_secret_name(path->value)) visit(*path, *value);
    }
  }
}

bool may_hide_values(std::string_view text) {
  auto next_of = [&](char c, size_t from) {  // called for every statement: most are short, and find() is a call
    auto* found = static_cast<const char*>(std::memchr(text.data() + from, c, text.size() - from));
    return found ? static_cast<size_t>(found - text.data()) : text.npos;
  };
  if (text.empty()) return false;
  // No string stands there.
  if (next_of('\'', 0) == text.npos && next_of('$', 0) == text.npos) return false;
  if (next_of('|', 0) != text.npos && text.find("||") != text.npos) return true;
  for (size_t at = next_of('\'', 0); at != text.npos; at = next_of('\'', at + 1)) {
    char before = at > 0 ? text[at - 1] : '\0';
    if (before == '&' || before == 'E' || before == 'e') return true;
    size_t next = at + 1;
    bool next_line = false;
    auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    for (; next < text.size() && is_blank(text[next]); ++next) next_line |= text[next] == '\n';
    if (next_line && next < text.size() && text[next] == '\'') return true;
  }
  static constexpr std::string_view words[] = {"concat",
                                               "concat_ws",
                                               "format",
                                               "replace",
                                               "reverse",
                                               "decode",
                                               "convert_from",
                                               "chr",
                                               "row",
                                               "jsonb_build_object",
                                               "json_build_object",
                                               "hstore",
                                               "http_header",
                                               "jsonb_set",
                                               "jsonb_insert",
                                               "json_set",
                                               "jsonb_set_lax",
                                               "current_setting"};
  std::optional<size_t> last_cast;
  auto is_cast_behind = [&](size_t at) {
    if (!last_cast) last_cast = text.rfind("::");
    return *last_cast != text.npos && *last_cast >= at;
  };
  for (size_t at = next_of('(', 0); at != text.npos; at = next_of('(', at + 1)) {
    size_t begin = at;
    while (begin > 0 && at - begin < 24 && is_identifier_part(text[begin - 1])) --begin;
    // A row without its keyword: (('X-Api-Key', 'x')::http_header)
    if (begin == at && at + 1 < text.size() && text[at + 1] == '\'' && is_cast_behind(at)) return true;
    std::string_view word = text.substr(begin, at - begin);
    if (!word.empty() &&
        std::ranges::any_of(words, [&](std::string_view known) { return equals_ignoring_case(word, known); }))
      return true;
  }
  for (size_t at = text.find('['); at != text.npos; at = text.find('[', at + 1)) {
    if (at >= 5 && equals_ignoring_case(text.substr(at - 5, 5), "array")) return true;
  }
  return false;
}

}  // namespace pgrehearse
