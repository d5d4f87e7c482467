// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "sql/nodes.h"
#include "sql/script.h"

namespace pgrehearse {

/// PostgreSQL's own complaint about one statement.
struct SyntaxError {
  std::string message;   ///< syntax error at or near "LIMIT"
  std::string sqlstate;  ///< 42601 nearly always
  Span span;             ///< the offending token, in the file
};

/// Where a statement stands, which decides when it runs.
enum class Origin : unsigned char {
  top_level,
  do_block,       ///< inside a DO body: runs when the file runs
  function_body,  ///< inside a function or procedure body: runs when somebody calls it
};

/// A parsed statement. A view: node and text die with the Parser's next parse; copy what must outlive that.
struct Statement {
  const Node* node = nullptr;
  Span span;                ///< in the file
  std::string_view text;    ///< what was parsed: comments blanked, same length as the source unless in a '...' body
  std::string_view source;  ///< the whole file's text
  Origin origin = Origin::top_level;
  const std::vector<uint32_t>* offsets = nullptr;  ///< set when the text was unescaped: file offset of each byte
  uint32_t text_begin = 0;                         ///< file offset of text[0] when offsets is not set

  template <class T>
  const T* as() const {
    return pgrehearse::as<T>(node);
  }
  /// From a node's `location` to the offset in the file. -1 (unknown) gives the statement's begin.
  uint32_t file_offset(int location) const;
  /// The token that begins at a node's location, as a span in the file; the whole statement when location is -1.
  Span token_at(int location) const;
};

using ParsedStatement = std::expected<Statement, SyntaxError>;

/// PostgreSQL's raw parser over one statement at a time, in one memory context that each call resets.
/// One per thread (libpg_query's state is thread-local). A parse that PostgreSQL refuses is a value, never a crash.
class Parser {
 public:
  Parser();
  ~Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  std::expected<Statement, SyntaxError> parse(const Script& script, const StatementSpan& statement);
  /// All statements of a script, in order, alive together until the next call. Their trees take many times their text.
  std::vector<ParsedStatement> parse_all(const Script& script);
  /// A piece of a PL/pgSQL or SQL body. `offsets` as in Statement; must outlive the returned value.
  std::expected<Statement, SyntaxError> parse_piece(std::string_view source, std::string_view sql, uint32_t begin,
                                                    const std::vector<uint32_t>* offsets, Origin origin);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// "18.6": the version of PostgreSQL whose grammar is built in.
std::string_view grammar_version();

}  // namespace pgrehearse
