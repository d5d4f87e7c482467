// SPDX-License-Identifier: Apache-2.0
#include "rules/support/batch_loop.h"

#include <algorithm>

#include "core/ascii.h"
#include "rules/support/alter_table.h"
#include "rules/support/do_guards.h"
#include "rules/support/lists.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

bool limits_rows(const Node* statement) {
  bool found = false;
  for_each_node<SelectStmt>(statement, [&](const SelectStmt& select) { found = found || select.limitCount; });
  for_each_node<A_Expr>(statement,
                        [&](const A_Expr& comparison) { found = found || comparison.kind == AEXPR_BETWEEN; });
  return found;
}

/// The table whose rows the statement changes, at its top or in a CTE.
const RangeVar* changed_table(const Node* node) {
  if (auto* update = as<UpdateStmt>(node)) return update->relation;
  if (auto* remove = as<DeleteStmt>(node)) return remove->relation;
  if (auto* insert = as<InsertStmt>(node)) return insert->relation;
  auto* select = as<SelectStmt>(node);
  if (!select || !select->withClause) return nullptr;
  for (const auto& cte : each<CommonTableExpr>(select->withClause->ctes)) {
    if (auto* table = changed_table(cte.ctequery)) return table;
  }
  return nullptr;
}

/// Spans in the body of loops that nothing in them leaves.
std::vector<Span> endless_loops(std::string_view body) {
  struct Open {
    uint32_t begin;
    bool bare;
    bool left = false;
  };
  std::vector<Open> open;
  std::vector<Span> endless;
  Lexer lexer(body, 0);
  bool in_header = false, header_is_true = false, after_end = false;
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    std::string_view text = token.span.in(body);
    auto is = [&](std::string_view word) { return token.kind == TokenKind::word && equals_ignoring_case(text, word); };
    bool ends = std::exchange(after_end, is("end"));
    if (text == ";") {
      in_header = header_is_true = false;
    } else if (is("for") || is("foreach") || is("while")) {
      in_header = true;
      header_is_true = is("while");
    } else if (is("loop") && ends) {
      if (open.empty()) continue;
      if (open.back().bare && !open.back().left) endless.push_back({open.back().begin, token.span.end});
      bool left = open.back().left;
      open.pop_back();
      // An EXIT may name an outer loop's label.
      if (left && !open.empty()) open.back().left = true;
    } else if (is("loop")) {
      open.push_back({token.span.begin, !in_header || header_is_true});
      in_header = header_is_true = false;
    } else if (is("exit") || is("return") || is("raise")) {
      if (!open.empty()) open.back().left = true;
    } else if (in_header && !is("true")) {
      header_is_true = false;
    }
  }
  return endless;
}

}  // namespace

BatchLoops batch_loops(const Statement& statement, const Body& body, const Context& context) {
  BatchLoops found;
  if (body.language != "plpgsql" || !contains_ignoring_case(body.text, "loop")) return found;
  for (const BodyPiece& piece : plpgsql_pieces(body.text)) {
    found.commits = found.commits || (piece.kind == BodyPiece::Kind::control && piece.loop_depth > 0);
  }
  std::vector<Span> endless = endless_loops(body.text);
  Parser parser;
  for_each_statement_in(
      body, statement.source, parser,
      [&](const Statement& inner, const BodyPiece& piece) {
        if (piece.loop_depth == 0) return;
        auto* table = changed_table(inner.node);
        if (!table || !context.is_used(*table) || !limits_rows(inner.node)) return;
        bool is_endless = std::ranges::any_of(
            endless, [&](Span loop) { return loop.begin <= piece.span.begin && piece.span.end <= loop.end; });
        found.statements.push_back({shown_name(context, *table), in_file(body, piece.span), is_endless});
      },
      [](const SyntaxError&) {});
  return found;
}

}  // namespace pgrehearse
