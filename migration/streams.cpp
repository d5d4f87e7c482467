// SPDX-License-Identifier: Apache-2.0
#include "migration/streams.h"

#include <algorithm>

#include "core/utf8.h"
#include "migration/layouts/set_builder.h"
#include "migration/layouts/support.h"
#include "sql/lexer.h"
#include "sql/script.h"

namespace pgrehearse {
namespace {

enum class Control : unsigned char { none, begin, end };

/// BEGIN and COMMIT, which belong to the tool and not to a migration.
Control control_of(std::string_view statement) {
  Lexer lexer(statement);
  std::string word = lower_case(lexer.next_significant().span.in(statement));
  bool alone = lexer.next_significant().kind == TokenKind::end;
  if (!alone) return Control::none;
  if (word == "begin") return Control::begin;
  return word == "commit" ? Control::end : Control::none;
}

struct Piece {
  std::string version;
  std::string description;
  Span section;
};

/// Cuts the tool's BEGIN and COMMIT off both ends of each piece and says how it runs.
class Stream {
 public:
  Stream(const std::shared_ptr<const SourceFile>& file, const Script& script) : file_(file), script_(script) {
    set.layout = "plain";
    set.root = file->path();
  }

  MigrationSet set;

  void add(const Piece& piece) {
    const auto& statements = script_.statements();
    auto first =
        std::ranges::lower_bound(statements, piece.section.begin, {}, [](const auto& s) { return s.span.begin; });
    auto last = std::ranges::lower_bound(statements, piece.section.end, {}, [](const auto& s) { return s.span.begin; });
    Span section = piece.section;
    while (first != last && control(*first) != Control::none) {
      open_ = control(*first) == Control::begin;
      section.begin = after(*first++);
    }
    bool in_transaction = open_;
    for (auto each = first; each != last; ++each) {
      if (Control what = control(*each); what != Control::none) open_ = what == Control::begin;
    }
    while (first != last && control(*std::prev(last)) != Control::none) section.end = (--last)->span.begin;
    Migration& migration = set.migrations.emplace_back();
    migration.version = piece.version;
    migration.description = piece.description;
    migration.up = {
        .file = file_, .section = section, .mode = in_transaction ? RunMode::transaction : RunMode::statements};
    migration.up.irreversible = is_marked_irreversible(migration.up);
  }

 private:
  Control control(const StatementSpan& statement) const { return control_of(statement.span.in(script_.text())); }
  uint32_t after(const StatementSpan& statement) const {
    size_t semicolon = script_.text().find(';', statement.span.end);
    return semicolon == std::string_view::npos ? statement.span.end : static_cast<uint32_t>(semicolon + 1);
  }

  std::shared_ptr<const SourceFile> file_;
  const Script& script_;
  bool open_ = false;  ///< a BEGIN of the tool's
};

std::vector<Piece> alembic_pieces(const Script& script) {
  std::vector<Piece> pieces;
  for (const Comment& comment : script.comments()) {
    std::string_view text = comment.span.in(script.text());
    if (comment.block) continue;
    text = trimmed(text.substr(2));
    bool up = text.starts_with("Running upgrade ");
    if (!up && !text.starts_with("Running downgrade ")) continue;
    size_t arrow = text.find(" -> ");
    if (arrow == std::string_view::npos) continue;
    std::string_view target = trimmed(text.substr(arrow + 4));
    Piece piece{to_valid_utf8(target.substr(0, target.find_first_of(" \t"))), up ? "" : "downgrade", comment.span};
    if (!pieces.empty()) pieces.back().section.end = comment.span.begin;
    piece.section.end = static_cast<uint32_t>(script.text().size());
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

/// The text of the first comment of three lines, "--", "-- Create model X", "--", in a stretch; empty when it has none.
std::string_view django_operation(const Script& script, Span stretch) {
  const auto& comments = script.comments();
  for (size_t i = 0; i + 2 < comments.size(); ++i) {
    if (!stretch.contains(comments[i].span)) continue;
    if (comments[i].span.in(script.text()) != "--" || comments[i + 2].span.in(script.text()) != "--") continue;
    std::string_view text = comments[i + 1].span.in(script.text());
    if (!comments[i + 1].block && text.starts_with("-- ")) return trimmed(text.substr(2));
  }
  return {};
}

std::vector<Piece> django_pieces(const Script& script) {
  std::vector<Piece> pieces;
  for (const StatementSpan& statement : script.statements()) {
    if (control_of(statement.span.in(script.text())) != Control::begin) continue;
    uint32_t begin = pieces.empty() ? 0 : statement.span.begin;
    if (!pieces.empty()) pieces.back().section.end = begin;
    pieces.push_back({std::to_string(pieces.size() + 1), {}, {begin, static_cast<uint32_t>(script.text().size())}});
  }
  if (pieces.size() < 2) return {};
  for (Piece& piece : pieces) {
    std::string_view operation = django_operation(script, piece.section);
    if (operation.empty()) return {};
    piece.description = to_valid_utf8(operation);
  }
  return pieces;
}

/// What stands before Alembic's first migration, its own table aside.
bool has_more_than_bookkeeping(const Script& script, uint32_t end) {
  return std::ranges::any_of(script.statements(), [&](const StatementSpan& statement) {
    std::string_view text = statement.span.in(script.text());
    return statement.span.begin < end && control_of(text) == Control::none &&
           !contains_ignoring_case(text, "alembic_version");
  });
}

}  // namespace

std::optional<MigrationSet> stream_set(const std::shared_ptr<const SourceFile>& file) {
  bool alembic = file->text().find("-- Running ") != std::string_view::npos;
  bool django = !alembic && file->text().find("--\n-- ") != std::string_view::npos;
  if (!alembic && !django) return std::nullopt;  // most files: no need to split them here
  Script script(file);
  std::vector<Piece> pieces = alembic ? alembic_pieces(script) : django_pieces(script);
  if (pieces.empty()) return std::nullopt;
  Stream stream(file, script);
  if (alembic) {
    uint32_t begin = pieces.front().section.begin;
    stream.set.reason = "-- Running upgrade a -> b, as Alembic writes it";
    stream.set.leave_transaction = "Put it into `with op.get_context().autocommit_block():`.";
    stream.set.bookkeeping_sql =
        "CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) NOT NULL PRIMARY KEY)";
    if (has_more_than_bookkeeping(script, begin)) {
      stream.add({"", "before the first migration", {0, begin}});
    } else {
      pieces.front().section.begin = 0;  // for the BEGIN
    }
  } else {
    stream.set.reason = "BEGIN, COMMIT and comments as Django's sqlmigrate writes them";
    stream.set.leave_transaction = "Set `atomic = False` on the migration's class, and let it do nothing else.";
  }
  for (const Piece& piece : pieces) stream.add(piece);
  return std::move(stream.set);
}

}  // namespace pgrehearse
