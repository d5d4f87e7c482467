// SPDX-License-Identifier: Apache-2.0
#include "sql/parser.h"

#include <algorithm>
#include <deque>

#include "core/utf8.h"
#include "sql/lexer.h"
#include "sql/markers.h"
#include "sql/raw_parser.h"

namespace pgrehearse {
namespace {

void blank(std::string& text, uint32_t begin, uint32_t end) {
  for (uint32_t i = begin; i < end; ++i) {
    if (text[i] != '\n' && text[i] != '\r') text[i] = ' ';
  }
}

template <class Item>
void blank_items(std::string& text, Span statement, const std::vector<Item>& items) {
  auto item = std::ranges::lower_bound(items, statement.begin, {}, [](const Item& i) { return i.span.begin; });
  for (; item != items.end() && item->span.begin < statement.end; ++item) {
    blank(text, item->span.begin - statement.begin, std::min(item->span.end, statement.end) - statement.begin);
  }
}

/// PostgreSQL counts characters, by the lead byte's length alone; we count bytes.
uint32_t byte_offset(std::string_view text, int position) {
  uint32_t offset = 0;
  for (int i = 1; i < position && offset < text.size(); ++i) {
    auto lead = static_cast<unsigned char>(text[offset]);
    offset += lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF8 ? 4 : 1;
  }
  return std::min(offset, static_cast<uint32_t>(text.size()));
}

Span token_span(std::string_view text, uint32_t offset) {
  Lexer lexer(text, offset);
  Token token = lexer.next();
  if (token.kind != TokenKind::end && token.span.begin == offset) return token.span;
  // At the end of the input: point at the last token instead.
  uint32_t end = std::min(offset, static_cast<uint32_t>(text.size()));
  while (end > 0 && static_cast<unsigned char>(text[end - 1]) <= ' ') --end;
  return {end > 0 ? end - 1 : 0, end};
}

}  // namespace

uint32_t Statement::file_offset(int location) const {
  if (location < 0) return span.begin;
  auto at = static_cast<uint32_t>(location);
  if (!offsets) return text_begin + at;
  return (*offsets)[std::min<size_t>(text_begin + at, offsets->size() - 1)];
}

Span Statement::token_at(int location) const {
  if (location < 0) return span;
  Span token = token_span(text, static_cast<uint32_t>(location));
  return {file_offset(static_cast<int>(token.begin)), file_offset(static_cast<int>(token.end))};
}

struct Parser::State {
  void* context = pgrehearse_context_create();
  std::string scratch;
  std::deque<std::string> kept;   ///< texts of parse_all() that are not as the file has them
  bool has_placeholders = false;  ///< the text that was parsed last
  ~State() { pgrehearse_context_delete(context); }

  /// The text that PostgreSQL refuses, with placeholders for what a template or psql puts in. When none of them will
  /// do, the complaint is about the first kind: everything but the marks is as it was written.
  pgrehearse_raw_result bridged(pgrehearse_raw_result raw, bool psql_variables) {
    has_placeholders = true;
    std::string original = scratch;
    if (!bridge_markers(scratch, Placeholder::name, psql_variables)) return raw;
    for (Placeholder kind : {Placeholder::name, Placeholder::string, Placeholder::number}) {
      scratch = original;
      bridge_markers(scratch, kind, psql_variables);
      raw = pgrehearse_raw_parse(context, scratch.c_str());
      if (!raw.message) return raw;
    }
    scratch = original;
    bridge_markers(scratch, Placeholder::name, psql_variables);
    return pgrehearse_raw_parse(context, scratch.c_str());
  }

  /// Into the context as it is. The statement's text is left to the caller.
  std::expected<Statement, SyntaxError> parse(const Script& script, const StatementSpan& span) {
    scratch = span.span.in(script.text());
    if (span.has_comments) {
      blank_items(scratch, span.span, script.comments());
      blank_items(scratch, span.span, script.commands());
      std::ranges::replace(scratch, '\0', ' ');
    }
    has_placeholders = false;
    auto raw = pgrehearse_raw_parse(context, scratch.c_str());
    if (raw.message) raw = bridged(raw, span.has_variables);
    Statement statement;
    statement.span = span.span;
    statement.source = script.text();
    statement.text_begin = span.span.begin;
    return finish(raw, statement);
  }

  std::expected<Statement, SyntaxError> finish(const pgrehearse_raw_result& raw, Statement statement) {
    if (!raw.message) {
      statement.node = raw.node;
      return statement;
    }
    uint32_t offset = raw.position > 0 ? byte_offset(scratch, raw.position) : 0;
    Span token = token_span(scratch, offset);
    statement.text = scratch;
    return std::unexpected(SyntaxError{
        to_valid_utf8(raw.message),
        raw.sqlstate,
        {statement.file_offset(static_cast<int>(token.begin)), statement.file_offset(static_cast<int>(token.end))}});
  }
};

Parser::Parser() : state_(std::make_unique<State>()) {}
Parser::~Parser() = default;

std::expected<Statement, SyntaxError> Parser::parse(const Script& script, const StatementSpan& span) {
  pgrehearse_context_reset(state_->context);
  auto parsed = state_->parse(script, span);
  if (parsed) parsed->text = state_->scratch;
  return parsed;
}

std::vector<ParsedStatement> Parser::parse_all(const Script& script) {
  pgrehearse_context_reset(state_->context);
  state_->kept.clear();
  std::vector<ParsedStatement> all;
  all.reserve(script.statements().size());
  for (const StatementSpan& span : script.statements()) {
    auto& parsed = all.emplace_back(state_->parse(script, span));
    if (!parsed) continue;
    parsed->text = span.span.in(script.text());
    bool as_written = !span.has_comments && !state_->has_placeholders;
    if (!as_written && parsed->text != state_->scratch)
      parsed->text = state_->kept.emplace_back(std::move(state_->scratch));
  }
  return all;
}

std::expected<Statement, SyntaxError> Parser::parse_piece(std::string_view source, std::string_view sql, uint32_t begin,
                                                          const std::vector<uint32_t>* offsets, Origin origin) {
  auto& scratch = state_->scratch;
  scratch = sql;
  pgrehearse_context_reset(state_->context);
  auto raw = pgrehearse_raw_parse(state_->context, scratch.c_str());
  if (raw.message) raw = state_->bridged(raw, false);
  Statement statement;
  statement.text = scratch;
  statement.source = source;
  statement.origin = origin;
  statement.offsets = offsets;
  statement.text_begin = begin;
  statement.span = {statement.file_offset(0), statement.file_offset(static_cast<int>(scratch.size()))};
  return state_->finish(raw, statement);
}

std::string_view grammar_version() { return PG_VERSION; }

}  // namespace pgrehearse
