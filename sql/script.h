// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/source_file.h"
#include "core/span.h"

namespace pgrehearse {

/// A statement as the splitter found it, not parsed yet.
struct StatementSpan {
  Span span;  ///< first token to last, without the closing semicolon
  bool has_comments = false;
  bool has_variables = false;     ///< psql variables
  bool ended_by_command = false;  ///< by \g and its kin instead of a semicolon
  bool copy_from_stdin = false;
  Span copy_data;  ///< the inline data of COPY ... FROM stdin, without the closing \. line
};

struct Comment {
  Span span;
  bool block = false;
};

/// Something that is wrong with the bytes themselves; each becomes a finding.
struct Problem {
  enum class Kind {
    nul_byte,         ///< PostgreSQL's parser would stop here without a word
    byte_order_mark,  ///< skipped; PostgreSQL itself reports a syntax error
    invalid_utf8,
    unterminated_quote,
    unterminated_comment,
    unterminated_copy,  ///< COPY data without its closing \.
    too_complex,        ///< would take PostgreSQL's lexer quadratic time
  };
  Kind kind;
  Span span;
  std::string message;
};

/// A psql meta-command: \i, \set, \c, ...
struct MetaCommand {
  Span span;              ///< backslash to the end of the line
  std::string_view name;  ///< without the backslash
};

/// One part of a file (all of it, or the section between two markers of the migration tool), split into statements by
/// psql's rules in one linear pass. Keeps the file alive. All spans are offsets in the whole file.
class Script {
 public:
  explicit Script(std::shared_ptr<const SourceFile> file);
  Script(std::shared_ptr<const SourceFile> file, Span section);

  const SourceFile& file() const { return *file_; }
  const std::shared_ptr<const SourceFile>& shared_file() const { return file_; }
  std::string_view text() const { return file_->text(); }
  Span section() const { return section_; }
  const std::vector<StatementSpan>& statements() const { return statements_; }
  const std::vector<Comment>& comments() const { return comments_; }
  const std::vector<MetaCommand>& commands() const { return commands_; }
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  friend class Splitter;
  std::shared_ptr<const SourceFile> file_;
  Span section_;
  std::vector<StatementSpan> statements_;
  std::vector<Comment> comments_;
  std::vector<MetaCommand> commands_;
  std::vector<Problem> problems_;
};

}  // namespace pgrehearse
