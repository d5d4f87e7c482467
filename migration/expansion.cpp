// SPDX-License-Identifier: Apache-2.0
// psql's rules: psqlscanslash.l, command.c and "Meta-Commands", "Variables", "SQL Interpolation" in its manual page.
#include "migration/expansion.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "migration/layouts/support.h"
#include "sql/lexer.h"
#include "sql/markers.h"

namespace pgrehearse {
namespace fs = std::filesystem;
namespace {

constexpr int max_depth = 16;
constexpr size_t max_files = 1000;
constexpr size_t max_text = Input::max_file_size;

bool is_psql(const MigrationSet& set, const Part& part) {
  static constexpr std::array<std::string_view, 3> layouts{"plain", "plain-rollback", "sqitch"};
  return part.mode == RunMode::statements && std::ranges::find(layouts, set.layout) != layouts.end();
}

std::string psql_quoted(std::string_view value, char quote) {
  std::string text(1, quote);
  bool backslash = quote == '\'' && value.find('\\') != std::string_view::npos;
  for (char c : value) {
    if (c == quote || (backslash && c == '\\')) text += c;
    text += c;
  }
  return (backslash ? " E" : "") + text + quote;
}

class Expander {
 public:
  Expander(MigrationSet& set, const Part& part, const Variables& variables, Input& input)
      : set_(set),
        part_(part),
        variables_(variables),
        templates_(variables),
        input_(input),
        psql_(is_psql(set, part)) {}

  std::shared_ptr<const Expansion> run() {
    open_.push_back(Input::resolved(input_.current() / part_.file->path()));
    file(part_.file, part_.section, 0);
    if (!changed_) return nullptr;
    expansion_->file = std::make_shared<const SourceFile>(part_.file->path(), std::move(text_));
    return expansion_;
  }

 private:
  /// \if and what follows it down to \endif.
  struct Branch {
    bool outer = true;  ///< what encloses it runs
    bool runs = true;
    bool taken = false;  ///< an earlier branch ran, or may have
  };

  void file(const SharedFile& file, Span section, int depth) {
    Script script(file, section);
    size_t branches = branches_.size();
    uint32_t at = section.begin;
    auto command = script.commands().begin();
    auto before = [&](uint32_t end) {
      for (; psql_ && command != script.commands().end() && command->span.begin < end; ++command) {
        copy(file, {at, command->span.begin});
        at = command->span.begin;
        if (obey(file, *command, depth)) at = command->span.end;
      }
    };
    for (const StatementSpan& statement : script.statements()) {
      before(statement.span.begin);
      if (at > statement.span.begin) continue;  // a command had it
      copy(file, {at, statement.span.begin});
      at = statement.span.begin;
      if (runs()) substitute(file, statement.span, at);
      copy(file, {at, statement.span.end});
      at = statement.span.end;
    }
    before(section.end);
    copy(file, {at, section.end});
    branches_.resize(std::min(branches, branches_.size()));  // psql ends them with their file
  }

  bool runs() const { return branches_.empty() || branches_.back().runs; }

  void copy(const SharedFile& file, Span span) {
    if (span.begin >= span.end) return;
    if (!runs()) {
      changed_ = true;
      return;
    }
    if (text_.size() + span.size() > max_text) return;
    expansion_->pieces.push_back({static_cast<uint32_t>(text_.size()), file, span, true});
    text_ += span.in(file->text());
  }

  void put(const SharedFile& file, Span origin, std::string_view text) {
    changed_ = true;
    if (text_.size() + text.size() > max_text) return;
    expansion_->pieces.push_back({static_cast<uint32_t>(text_.size()), file, origin, false});
    text_ += text;
  }

  /// Copies a statement up to the last value that is put in; `at` is left behind it.
  void substitute(const SharedFile& file, Span statement, uint32_t& at) {
    std::string_view text = file->text().substr(0, statement.end);
    auto replace = [&](Span span, std::string_view value) {
      copy(file, {at, span.begin});
      put(file, span, value);
      at = span.end;
    };
    Lexer lexer(text, statement.begin);
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
      if (token.is_comment()) continue;
      if (token.kind == TokenKind::variable) {
        if (auto value = psql_ ? interpolated(token.span.in(text)) : std::nullopt) replace(token.span, *value);
        continue;
      }
      if (templates_.empty()) continue;
      bool quoted = token.is_string() || token.kind == TokenKind::quoted_word;
      for (uint32_t i = quoted ? token.span.begin : first_possible_marker(text, token); i < token.span.end; ++i) {
        auto marker = marker_at(text, i);
        if (!marker || marker->block) continue;
        if (auto value = templates_.find(marker->name); value != templates_.end()) {
          replace(marker->span, value->second);
          i = marker->span.end - 1;
          if (i >= token.span.end) lexer.seek(marker->span.end);
        }
      }
    }
  }

  /// :x, :'x' or :"x"
  std::optional<std::string> interpolated(std::string_view variable) const {
    char quote = variable[1] == '\'' || variable[1] == '"' ? variable[1] : '\0';
    std::string_view name = quote ? variable.substr(2, variable.size() - 3) : variable.substr(1);
    auto value = variables_.find(name);
    if (value == variables_.end()) return std::nullopt;
    return quote ? psql_quoted(value->second, quote) : value->second;
  }

  /// The arguments of a command; one whose value is not known (a backquote, an unknown variable) has none.
  std::vector<std::optional<std::string>> arguments(std::string_view line) const {
    std::vector<std::optional<std::string>> list;
    size_t i = 0;
    while (i < line.size()) {
      while (i < line.size() && (line[i] == ' ' || line[i] == '\t')) ++i;
      if (i >= line.size() || line.substr(i).starts_with("\\\\")) break;
      std::optional<std::string> word = std::string();
      while (i < line.size() && line[i] != ' ' && line[i] != '\t') read_some(line, i, word);
      list.push_back(std::move(word));
    }
    return list;
  }

  void read_some(std::string_view line, size_t& i, std::optional<std::string>& word) const {
    char c = line[i];
    if (c == '\'') {
      for (++i; i < line.size(); ++i) {
        if (line[i] == '\'' && (i + 1 >= line.size() || line[i + 1] != '\'')) break;
        if (line[i] == '\'' || line[i] == '\\') ++i;
        if (word && i < line.size()) *word += line[i];
      }
      ++i;
    } else if (c == '`') {
      word.reset();
      i = std::min(line.find('`', i + 1), line.size() - 1) + 1;
    } else if (c == ':' && line.substr(i).starts_with(":{?")) {
      size_t end = std::min(line.find('}', i), line.size() - 1);
      if (word) *word += variables_.contains(line.substr(i + 3, end - i - 3)) ? "true" : "false";
      i = end + 1;
    } else if (c == ':') {
      Token token = Lexer(line, static_cast<uint32_t>(i)).next();
      if (token.kind != TokenKind::variable) {
        if (word) *word += c;
        ++i;
        return;
      }
      auto value = interpolated(token.span.in(line));
      if (value && word) {
        *word += *value;
      } else {
        word.reset();
      }
      i = token.span.end;
    } else {
      if (word) *word += c;
      ++i;
    }
  }

  /// True when the command's own text is not to be copied.
  bool obey(const SharedFile& file, const MetaCommand& command, int depth) {
    std::string_view name = command.name;
    std::string_view line = command.span.in(file->text());
    line.remove_prefix(std::min(line.size(), name.size() + 1));
    if (name == "if" || name == "elif" || name == "else" || name == "endif") {
      branch(name, line);
      return true;
    }
    if (!runs()) return true;
    if (name == "set" || name == "unset") {
      set_variable(name == "set", line);
    } else if (name == "getenv" || name == "prompt" || name == "gset") {
      auto list = arguments(line);
      if (!list.empty() && list.back()) variables_.erase(*list.back());
    } else if (name == "i" || name == "ir" || name == "include" || name == "include_relative") {
      return include(file, command, line, name == "ir" || name == "include_relative", depth);
    }
    return false;
  }

  void set_variable(bool set, std::string_view line) {
    auto list = arguments(line);
    if (list.empty() || !list.front()) return;
    std::string name = *list.front();
    std::string value;
    bool known = set;
    for (size_t i = 1; i < list.size(); ++i) {
      known = known && list[i].has_value();
      if (known) value += *list[i];
    }
    if (known) {
      variables_[name] = value;
    } else {
      variables_.erase(name);
    }
  }

  static std::optional<bool> truth(const std::vector<std::optional<std::string>>& list) {
    if (list.size() != 1 || !list.front()) return std::nullopt;
    std::string word = lower_case(*list.front());
    for (std::string_view yes : {"true", "on", "yes", "1", "t", "y"}) {
      if (word == yes) return true;
    }
    for (std::string_view no : {"false", "off", "no", "0", "f", "n"}) {
      if (word == no) return false;
    }
    return std::nullopt;
  }

  /// A branch whose condition cannot be known is taken, and so are those after it: each may run.
  void branch(std::string_view name, std::string_view line) {
    if (name == "if") {
      Branch begun{runs(), runs(), false};
      auto known = truth(arguments(line));
      begun.runs = begun.outer && known.value_or(true);
      begun.taken = known.value_or(false);
      branches_.push_back(begun);
      return;
    }
    if (branches_.empty()) return;
    Branch& branch = branches_.back();
    if (name == "endif") {
      branches_.pop_back();
    } else if (name == "else") {
      branch.runs = branch.outer && !branch.taken;
    } else {
      auto known = truth(arguments(line));
      branch.runs = branch.outer && !branch.taken && known.value_or(true);
      branch.taken = branch.taken || known.value_or(false);
    }
  }

  void complain(const SharedFile& file, const MetaCommand& command, std::string message) {
    set_.errors.push_back({Error::Kind::environment,
                           file->path() + ':' + std::to_string(file->line_of(command.span.begin)) + ": " + message,
                           {}});
  }

  bool include(const SharedFile& file, const MetaCommand& command, std::string_view line, bool relative, int depth) {
    auto list = arguments(line);
    if (list.empty() || !list.front()) {
      if (!list.empty()) set_.notes.push_back(file->path() + ": a file whose name only psql will know is not followed");
      return false;
    }
    fs::path wanted(*list.front());
    fs::path folder = (input_.current() / file->path()).parent_path();
    std::vector<fs::path> places{folder / wanted};
    if (!relative) places = {input_.current() / wanted, input_.repository() / wanted, folder / wanted};
    std::error_code ignored;
    auto found = std::ranges::find_if(places, [&](const fs::path& place) { return fs::exists(place, ignored); });
    std::string shown = "\"" + input_.shown(places.front()) + "\"";
    if (found == places.end()) {
      complain(file, command, "could not find the file " + shown + " that it reads");
      return false;
    }
    fs::path real = Input::resolved(*found);
    auto [end, unused] =
        std::mismatch(input_.repository().begin(), input_.repository().end(), real.begin(), real.end());
    if (end != input_.repository().end()) {
      complain(file, command, "the file " + shown + " lies outside of the repository and is not read");
      return false;
    }
    bool circle = std::ranges::find(open_, real) != open_.end();
    if (circle || depth >= max_depth || ++files_ > max_files) {
      complain(file, command, circle ? "the file " + shown + " reads itself" : "files are read from files too often");
      return false;
    }
    auto text = input_.read(real);
    if (!text) {
      complain(file, command, text.error().message);
      return false;
    }
    changed_ = true;
    open_.push_back(real);
    this->file(*text, {0, static_cast<uint32_t>((*text)->text().size())}, depth + 1);
    open_.pop_back();
    if (!text_.ends_with('\n')) put(file, {command.span.end, command.span.end}, "\n");
    return true;
  }

  MigrationSet& set_;
  const Part& part_;
  Variables variables_;
  const Variables& templates_;
  Input& input_;
  bool psql_;
  bool changed_ = false;
  std::string text_;
  std::shared_ptr<Expansion> expansion_ = std::make_shared<Expansion>();
  std::vector<Branch> branches_;
  std::vector<fs::path> open_;  // files that are being read
  size_t files_ = 0;
};

/// Most files need none, and are not split for it.
bool may_need(const MigrationSet& set, const Part& part, const Variables& variables) {
  std::string_view text = part.section.in(part.file->text());
  if (text.contains('\\') && is_psql(set, part)) {
    for (std::string_view command : {"\\i", "\\set", "\\unset"}) {
      if (text.find(command) != std::string_view::npos) return true;
    }
  }
  return std::ranges::any_of(variables,
                             [&](const auto& each) { return text.find(each.first) != std::string_view::npos; });
}

}  // namespace

void expand(MigrationSet& set, const Variables& variables, Input& input) {
  auto part = [&](Part& each) {
    if (may_need(set, each, variables)) each.expansion = Expander(set, each, variables, input).run();
  };
  for (Migration& migration : set.migrations) {
    part(migration.up);
    if (migration.down) part(*migration.down);
    if (migration.verify && !migration.verify->expansion) part(*migration.verify);
  }
}

void leave_out_included(const std::vector<MigrationSet*>& sets) {
  std::set<std::string> included;
  for (const MigrationSet* set : sets) {
    for (const Migration& migration : set->migrations) {
      for (const Part* part : {&migration.up, migration.down ? &*migration.down : nullptr}) {
        if (!part || !part->expansion) continue;
        for (const Expansion::Piece& piece : part->expansion->pieces) {
          if (piece.file->path() != part->file->path()) included.insert(piece.file->path());
        }
      }
    }
  }
  if (included.empty()) return;
  for (MigrationSet* set : sets) {
    if (set->layout != "plain") continue;
    std::erase_if(set->migrations,
                  [&](const Migration& migration) { return included.contains(migration.up.file->path()); });
    std::erase_if(set->other_files, [&](const auto& file) { return included.contains(file->path()); });
  }
}

Script script_of(const Part& part) {
  return part.expansion ? Script(part.expansion->file) : Script(part.file, part.section);
}

}  // namespace pgrehearse
