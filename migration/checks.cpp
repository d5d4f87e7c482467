// SPDX-License-Identifier: Apache-2.0
#include "migration/checks.h"

#include <algorithm>
#include <optional>

#include "core/ascii.h"
#include "migration/layouts/support.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

/// What a line says that is a mark: whether the roll back is meant.
std::optional<bool> mark_of(std::string_view line) {
  auto comment = comment_text(trimmed(line));
  constexpr std::string_view ours = "pgrehearse:";
  if (!comment || !starts_ignoring_case(*comment, ours)) return std::nullopt;
  std::string_view word = trimmed(comment->substr(ours.size()));
  if (equals_ignoring_case(word, "verify")) return false;
  if (equals_ignoring_case(word, "verify-down")) return true;
  return std::nullopt;
}

/// The text as it runs, with blanks in place of all but the kept lines, so that each byte stays where it is.
class Excerpt {
 public:
  explicit Excerpt(std::string_view text) : text_(text), kept_(text.size(), ' ') {
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') kept_[i] = '\n';
    }
  }

  void keep(Span span) {
    any_ = any_ || !trimmed(span.in(text_)).empty();
    for (uint32_t i = span.begin; i < span.end; ++i) kept_[i] = text_[i];
  }

  void add_to(std::vector<Part>& checks, const Part& part) const {
    if (!any_) return;
    auto expansion = std::make_shared<Expansion>();
    expansion->file = std::make_shared<SourceFile>(part.file->path(), kept_);
    if (part.expansion) {
      expansion->pieces = part.expansion->pieces;
    } else {
      expansion->pieces.push_back({0, part.file, {0, static_cast<uint32_t>(kept_.size())}, true});
    }
    Part check = part;
    check.section = {0, static_cast<uint32_t>(part.file->text().size())};
    check.mode = RunMode::statements;
    check.expansion = std::move(expansion);
    checks.push_back(std::move(check));
  }

 private:
  std::string_view text_;
  std::string kept_;
  bool any_ = false;
};

std::string_view whole_text(const Part& part) {
  return part.expansion ? part.expansion->file->text() : part.file->text();
}

Span section_of(const Part& part) {
  return part.expansion ? Span{0, static_cast<uint32_t>(part.expansion->file->text().size())} : part.section;
}

/// The lines of the part, with their places in its whole text.
std::vector<Line> part_lines(const Part& part) {
  Span section = section_of(part);
  std::vector<Line> lines = lines_of(section.in(whole_text(part)));
  for (Line& line : lines) {
    line.span.begin += section.begin;
    line.span.end += section.begin;
  }
  return lines;
}

void add_verify_part(const Part& part, Checks& checks) {
  Excerpt applied(whole_text(part)), rolled_back(whole_text(part));
  bool down = false;
  for (const Line& line : part_lines(part)) {
    if (auto mark = mark_of(line.text)) {
      down = *mark;
    } else {
      (down ? rolled_back : applied).keep(line.span);
    }
  }
  applied.add_to(checks.applied, part);
  rolled_back.add_to(checks.rolled_back, part);
}

void add_blocks(const Part& part, Checks& checks) {
  if (!contains_ignoring_case(section_of(part).in(whole_text(part)), "pgrehearse:")) return;
  Excerpt applied(whole_text(part)), rolled_back(whole_text(part));
  Excerpt* block = nullptr;  // set inside one
  for (const Line& line : part_lines(part)) {
    if (auto mark = mark_of(line.text)) {
      block = *mark ? &rolled_back : &applied;
      continue;
    }
    if (!trimmed(line.text).starts_with("--")) block = nullptr;
    if (!block) continue;
    auto dashes = static_cast<uint32_t>(line.text.find("--"));
    block->keep({line.span.begin + dashes + 2, line.span.end});
  }
  applied.add_to(checks.applied, part);
  rolled_back.add_to(checks.rolled_back, part);
}

}  // namespace

Checks checks_of(const Migration& migration) {
  Checks checks;
  add_blocks(migration.up, checks);
  if (migration.down) add_blocks(*migration.down, checks);
  if (migration.verify) add_verify_part(*migration.verify, checks);
  return checks;
}

void add_check(std::optional<Part>& verify, Part more, bool rolled_back) {
  if (!verify && !rolled_back) {
    verify = std::move(more);
    return;
  }
  auto joined = std::make_shared<Expansion>();
  std::string text;
  auto append = [&](const std::shared_ptr<const SourceFile>& file, std::string_view what, Span origin, bool verbatim) {
    joined->pieces.push_back({static_cast<uint32_t>(text.size()), file, origin, verbatim});
    text += what;
  };
  if (verify && verify->expansion) {
    joined->pieces = verify->expansion->pieces;
    text = verify->expansion->file->text();
  } else if (verify) {
    append(verify->file, verify->section.in(verify->file->text()), verify->section, true);
  }
  if (!text.empty()) append(more.file, "\n;\n", {}, false);  // the last statement of a file may have no end
  append(more.file, rolled_back ? "-- pgrehearse: verify-down\n" : "-- pgrehearse: verify\n", {}, false);
  append(more.file, more.section.in(more.file->text()), more.section, true);
  if (!verify) verify = std::move(more);
  joined->file = std::make_shared<SourceFile>(verify->file->path(), std::move(text));
  verify->expansion = std::move(joined);
}

std::vector<std::shared_ptr<const SourceFile>> check_files(const Part& verify) {
  std::vector<std::shared_ptr<const SourceFile>> files{verify.file};
  if (!verify.expansion) return files;
  for (const Expansion::Piece& piece : verify.expansion->pieces) {
    if (std::ranges::find(files, piece.file) == files.end()) files.push_back(piece.file);
  }
  return files;
}

}  // namespace pgrehearse
