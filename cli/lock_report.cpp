// SPDX-License-Identifier: Apache-2.0
#include "cli/lock_report.h"

#include <algorithm>

#include "report/json_writer.h"
#include "report/visible.h"

namespace pgrehearse {
namespace {

constexpr size_t longest_sql = 100;  // columns of a statement in the table

/// The statement in one line, cut where it gets long.
std::string in_one_line(std::string_view sql) {
  std::string flat;
  for (char c : sql) {
    bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank) {
      flat += c;
    } else if (!flat.empty() && flat.back() != ' ') {
      flat += ' ';
    }
  }
  std::string shown, cut;
  size_t columns = 0;
  for (std::string_view rest = flat; !rest.empty();) {
    Character character = first_character(rest);
    if (columns > longest_sql - 3 && cut.empty()) cut = shown;
    columns += append_visible(shown, rest, character);
    if (columns > longest_sql) return cut + "...";
    rest.remove_prefix(character.length);
  }
  return shown;
}

std::string padded(std::string text, size_t width) {
  size_t columns = display_width(text);
  if (columns < width) text.append(width - columns, ' ');
  return text;
}

std::string work_of(const RelationImpact& relation) {
  if (relation.rewrite) return relation.scan ? "rewritten" : "new file";
  if (relation.index_rebuild) return "indexes rebuilt";
  return relation.scan ? "all rows read" : "";
}

std::string waiting_for(const RelationImpact& relation) {
  if (!relation.existing) return "new: nobody waits";
  if (relation.lock == LockMode::none) return "";
  if (blocks_reads(relation.lock)) return "reads and writes wait";
  if (blocks_writes(relation.lock)) return "writes wait";
  return conflicts(relation.lock, LockMode::share_update_exclusive) ? "other DDL and VACUUM wait" : "";
}

std::string lines_of(const std::vector<uint32_t>& lines) {
  constexpr size_t most = 6;
  std::string text = lines.size() == 1 ? "line " : "lines ";
  for (size_t i = 0; i < lines.size() && i < most; ++i) text += (i ? ", " : "") + std::to_string(lines[i]);
  if (lines.size() > most) text += " and " + std::to_string(lines.size() - most) + " more";
  return text;
}

class Table {
 public:
  Table(bool color, std::string& out) : color_(color), out_(out) {}

  void file(const LockFile& file) {
    if (!out_.empty()) out_ += '\n';
    paint("1", visible(file.path));
    out_ += " (" + file.transaction + ")\n";
    if (file.statements.empty()) out_ += "  no statements\n";
    for (const LockStatement& statement : file.statements) this->statement(statement);
    windows(file);
  }

 private:
  void paint(const char* code, std::string_view text) {
    if (color_) out_.append("\x1b[").append(code).append("m");
    out_ += text;
    if (color_) out_ += "\x1b[0m";
  }

  void statement(const LockStatement& statement) {
    std::string number = std::to_string(statement.line);
    out_.append(number.size() < 5 ? 5 - number.size() : 0, ' ');
    out_ += number + "  " + in_one_line(statement.sql);
    if (statement.down) paint("2", "  (down)");
    out_ += '\n';
    note(statement);
    size_t names = 0, locks = 0, works = 0;
    for (const RelationImpact& relation : statement.impact.relations) {
      names = std::max(names, display_width(visible(relation.name)));
      locks = std::max(locks, lock_name(relation.lock).size());
      works = std::max(works, work_of(relation).size());
    }
    for (const RelationImpact& relation : statement.impact.relations) {
      std::string name(relation.lock == LockMode::none ? "no lock" : lock_name(relation.lock));
      out_ += "         " + padded(visible(relation.name), names) + "  ";
      bool grave = relation.existing && blocks_writes(relation.lock);
      paint(!grave ? "0" : blocks_reads(relation.lock) ? "31" : "33", padded(name, locks));
      if (works) out_ += "  " + padded(work_of(relation), works);
      std::string waiting = waiting_for(relation);
      if (!waiting.empty()) out_ += "  " + waiting;
      out_.erase(out_.find_last_not_of(' ') + 1);
      out_ += '\n';
    }
  }

  void note(const LockStatement& statement) {
    std::string text;
    if (!statement.impact.sqlstate.empty()) {
      text = "fails with " + statement.impact.sqlstate;
    } else if (!statement.impact.known) {
      text = "not known: " + statement.impact.unknown_reason;
    } else if (statement.may_do_less && !statement.impact.relations.empty()) {
      text = "at most:";
    }
    if (text.empty()) return;
    out_ += "         ";
    paint("2", visible(text));
    out_ += '\n';
  }

  /// Locks that make others wait while later statements run.
  void windows(const LockFile& file) {
    bool first = true;
    for (const LockStatement& statement : file.statements) {
      for (const RelationImpact& relation : statement.impact.relations) {
        bool waits = relation.existing && blocks_writes(relation.lock);
        bool again = std::ranges::any_of(file.statements, [&](const LockStatement& earlier) {
          auto* same = earlier.impact.find(relation.name);
          return &earlier < &statement && earlier.down == statement.down && same && same->existing &&
                 same->lock >= relation.lock && earlier.held_until >= statement.line;
        });
        if (!waits || again || (statement.under.empty() && !statement.beyond_file)) continue;
        if (first) paint("1", "  held to the end of the transaction:\n");
        first = false;
        out_ += "         " + visible(relation.name) + "  " + std::string(lock_name(relation.lock)) + " from line " +
                std::to_string(statement.line);
        if (statement.beyond_file) out_ += " on, in the files after this one too";
        if (!statement.under.empty()) {
          out_ += statement.beyond_file ? ", " : " to " + std::to_string(statement.held_until) + ", ";
          out_ += lines_of(statement.under) + (statement.under.size() == 1 ? " runs" : " run") + " under it";
        }
        out_ += '\n';
      }
    }
  }

  bool color_;
  std::string& out_;
};

void write_statement(const LockStatement& statement, JsonWriter& json) {
  json.begin_object();
  json.number("line", statement.line);
  json.text("sql", statement.sql);
  json.begin_object("impact");
  json.flag("known", statement.impact.known);
  if (!statement.impact.unknown_reason.empty()) json.text("unknown_reason", statement.impact.unknown_reason);
  if (!statement.impact.sqlstate.empty()) json.text("sqlstate", statement.impact.sqlstate);
  write_relations(json, statement.impact.relations);
  json.begin_array("blocks");
  for (const std::string& blocked : blocked_by(statement.impact)) json.text(blocked);
  json.end_array();
  json.end_object();
  if (statement.may_do_less) json.flag("may_do_less", true);
  if (statement.down) json.flag("down", true);
  if (statement.in_transaction) {
    json.number("held_until", statement.held_until);
    if (statement.beyond_file) json.flag("beyond_file", true);
    json.begin_array("under");
    for (uint32_t line : statement.under) json.number(line);
    json.end_array();
  }
  json.end_object();
}

void write_file(const LockFile& file, JsonWriter& json) {
  json.begin_object();
  json.text("file", file.path);
  json.begin_array("statements");
  for (const LockStatement& statement : file.statements) write_statement(statement, json);
  json.end_array();
  json.end_object();
}

}  // namespace

std::vector<std::string> blocked_by(const Impact& impact) {
  bool reads = false, writes = false;
  for (const RelationImpact& relation : impact.relations) {
    reads = reads || (relation.existing && blocks_reads(relation.lock));
    writes = writes || (relation.existing && blocks_writes(relation.lock));
  }
  std::vector<std::string> blocked;
  if (reads) blocked.emplace_back("reads");
  if (writes) blocked.emplace_back("writes");
  return blocked;
}

void write_locks_text(const std::vector<LockFile>& files, bool color, std::string& out) {
  Table table(color, out);
  for (const LockFile& file : files) table.file(file);
}

void write_locks_json(const std::vector<LockFile>& files, bool single, std::string& out) {
  if (single && files.size() == 1) {
    JsonWriter json(out, 2);
    return write_file(files.front(), json);
  }
  JsonWriter json(out, 4);
  json.begin_object();
  json.begin_array("files");
  for (const LockFile& file : files) write_file(file, json);
  json.end_array();
  json.end_object();
}

}  // namespace pgrehearse
