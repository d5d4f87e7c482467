// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "report/fixed_point.h"
#include "report/format.h"
#include "report/locator.h"
#include "report/quote.h"
#include "report/redaction.h"
#include "report/step_rule.h"
#include "report/summary.h"
#include "report/visible.h"
#include "report/wait_line.h"

namespace pgrehearse {
namespace {

constexpr size_t longest_difference = 60;  // lines; JSON has them all
constexpr size_t most_waits = 6;           // of one migration; JSON has them all
constexpr size_t longest_name = 40;        // columns of the table's first column

enum class Paint { plain, bold, dim, red, yellow, green, cyan };

constexpr std::array<std::string_view, 7> sequences{"",           "\x1b[1m",  "\x1b[2m", "\x1b[1;31m",
                                                    "\x1b[1;33m", "\x1b[32m", "\x1b[36m"};

Paint paint_of(Severity severity) {
  switch (severity) {
    case Severity::error: return Paint::red;
    case Severity::warning: return Paint::yellow;
    case Severity::info: return Paint::cyan;
  }
  return Paint::red;
}

struct Sign {
  std::string_view text;
  Paint paint;
};

Sign sign_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed: return {"ok", Paint::green};
    case Verdict::warned: return {"warn", Paint::yellow};
    case Verdict::failed: return {"FAIL", Paint::red};
    case Verdict::skipped: return {"-", Paint::dim};
  }
  return {"-", Paint::dim};
}

std::string plural(size_t count, std::string_view noun) {
  std::string text = std::to_string(count) + ' ';
  text += noun;
  if (count != 1) text += 's';
  return text;
}

class Writer {
 public:
  Writer(const Report& report, const ReportOptions& options, Sink& sink)
      : report_(report), options_(options), redaction_(report), locator_(report), sink_(sink), out_(sink.text) {}

  void write() {
    for (const Finding& finding : report_.findings) {
      write_finding(finding);
      sink_.pass();
    }
    for (const MigrationReport& migration : report_.migrations) {
      for (const Outcome& outcome : migration.outcomes) {
        if (is_problem(outcome)) write_problem(migration, outcome);
      }
    }
    for (const std::string& note : report_.notes) write_labelled("note: ", Paint::dim, 0, note);
    for (const Error& error : report_.errors) {
      write_labelled("error: ", Paint::red, 0, error.message);
      if (!error.help.empty()) write_labelled("help: ", Paint::cyan, 2, error.help);
    }
    if (!report_.notes.empty() || !report_.errors.empty()) out_ += '\n';
    if (!report_.migrations.empty()) write_table(report_.migrations, report_.server_version);
    for (const ServerReport& server : report_.other_servers) write_table(server.migrations, server.version);
    write_totals();
  }

 private:
  void paint(Paint paint, std::string_view text) {
    if (!options_.color || paint == Paint::plain) {
      out_ += text;
      return;
    }
    out_ += sequences[static_cast<size_t>(paint)];
    out_ += text;
    out_ += "\x1b[0m";
  }

  // Free text of one or more lines, broken between words; every line after the first is indented by `indent`.
  void write_wrapped(std::string_view text, size_t indent, size_t column) {
    std::string clean = redaction_.clean(text);
    std::string_view rest = clean;
    while (rest.ends_with('\n')) rest.remove_suffix(1);
    for (bool first = true; first || !rest.empty(); first = false) {
      if (!first) {
        out_ += '\n';
        out_.append(indent, ' ');
        column = indent;
      }
      size_t end = std::min(rest.find('\n'), rest.size());
      write_words(rest.substr(0, end), indent, column);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    out_ += '\n';
  }

  void write_words(std::string_view line, size_t indent, size_t column) {
    size_t leading = std::min(line.find_first_not_of(' '), line.size());  // an example in a help text keeps its shape
    out_.append(leading, ' ');
    column += leading;
    line.remove_prefix(leading);
    for (bool first = true; !line.empty(); first = false) {
      size_t end = std::min(line.find(' '), line.size());
      std::string word = visible(line.substr(0, end));
      size_t width = display_width(word);
      if (!first && column + 1 + width > options_.width) {
        out_ += '\n';
        out_.append(indent + leading, ' ');
        column = indent + leading;
      } else if (!first) {
        out_ += ' ';
        ++column;
      }
      append_visible(out_, line.substr(0, end));  // where it stands decides what must be escaped
      column += width;
      line.remove_prefix(std::min(end + 1, line.size()));
    }
  }

  void write_labelled(std::string_view label, Paint color, size_t indent, std::string_view text) {
    out_.append(indent, ' ');
    paint(color, label);
    write_wrapped(text, indent + label.size(), indent + label.size());
  }

  void write_heading(uint32_t file, std::optional<Span> span, Severity severity, std::string_view subject) {
    std::string place = visible(report_.files[file]->path()) + ':';
    if (span) {
      Position position = locator_.position(file, span->begin);
      place += std::to_string(position.line) + ':' + std::to_string(position.column) + ':';
    }
    paint(Paint::bold, place);
    out_ += ' ';
    paint(paint_of(severity), severity_name(severity));
    out_ += ' ';
    append_visible(out_, subject);
    out_ += '\n';
  }

  void write_source(uint32_t file, Span span, Severity severity) {
    const SourceFile& source = *report_.files[file];
    size_t digits = std::max<size_t>(3, std::to_string(source.line_of(span.end)).size());
    size_t width = options_.width - std::min<size_t>(options_.width, digits + 5);
    for (const QuotedLine& line : quote(source, span, redaction_.in_file(file), width)) {
      std::string number = line.number ? std::to_string(line.number) : "...";
      out_.append(2 + digits - number.size(), ' ');
      paint(Paint::dim, number + (line.number ? " |" : ""));
      if (line.number == 0) {
        out_ += '\n';
        continue;
      }
      if (!line.text.empty()) out_ += ' ' + line.text;
      out_ += '\n';
      out_.append(3 + digits, ' ');
      paint(Paint::dim, "|");
      out_.append(1 + line.mark_begin, ' ');
      paint(paint_of(severity), std::string(line.mark_end - line.mark_begin, '^'));
      out_ += '\n';
    }
  }

  void write_finding(const Finding& finding) {
    write_heading(finding.file, finding.span, finding.severity, finding.rule);
    out_ += "  ";
    write_wrapped(finding.message, 2, 2);
    write_source(finding.file, finding.span, finding.severity);
    for (const RelatedSpan& related : finding.related) {
      Position position = locator_.position(related.file, related.span.begin);
      write_labelled("see:  ", Paint::cyan, 2,
                     report_.files[related.file]->path() + ':' + std::to_string(position.line) + ':' +
                         std::to_string(position.column) + ": " + related.message);
    }
    if (!finding.help.empty()) write_labelled("help: ", Paint::cyan, 2, finding.help);
    if (finding.fix && redaction_.permits(*finding.fix)) {
      write_labelled("fix:  ", Paint::green, 2,
                     finding.fix->title + (finding.fix->safety == Fix::Safety::safe ? " (safe)" : " (needs a look)"));
    }
    out_ += '\n';
  }

  void write_problem(const MigrationReport& migration, const Outcome& outcome) {
    Place place = place_of(outcome, migration);
    Severity severity = step_severity(outcome.verdict);
    write_heading(place.file, place.exact ? std::optional(place.span) : std::nullopt, severity,
                  std::string(step_name(outcome.step)) + " of " + migration.name +
                      (outcome.verdict == Verdict::failed ? " failed" : ""));
    out_ += "  ";
    write_wrapped(outcome.sqlstate.empty() ? outcome.reason : outcome.reason + " (" + outcome.sqlstate + ')', 2, 2);
    if (place.exact) write_source(place.file, place.span, severity);
    if (!outcome.detail.empty()) {
      out_ += "  ";
      write_wrapped(outcome.detail, 2, 2);
    }
    if (!outcome.difference.empty()) write_difference(redaction_.clean(outcome.difference));
    out_ += '\n';
  }

  void write_difference(std::string_view difference) {
    size_t lines = 0;
    while (!difference.empty()) {
      size_t end = std::min(difference.find('\n'), difference.size());
      std::string_view line = difference.substr(0, end);
      if (++lines <= longest_difference) {
        Paint color = line.starts_with('+') ? Paint::green : line.starts_with('-') ? Paint::red : Paint::plain;
        if (line.starts_with("+++") || line.starts_with("---") || line.starts_with("@@")) color = Paint::dim;
        out_ += "    ";
        paint(color, visible(line));
        out_ += '\n';
      }
      difference.remove_prefix(std::min(end + 1, difference.size()));
    }
    if (lines > longest_difference) {
      out_ += "    ... " + plural(lines - longest_difference, "more line") + " in the JSON report\n";
    }
  }

  void write_table(const std::vector<MigrationReport>& migrations, std::string_view version) {
    if (!report_.other_servers.empty()) paint(Paint::bold, visible("PostgreSQL " + std::string(version)) + "\n");
    std::vector<std::string> names;
    size_t width = std::string_view("migration").size();
    for (const MigrationReport& migration : migrations) {
      names.push_back(visible(migration.name));
      while (display_width(names.back()) > longest_name) {
        names.back() = visible(std::string_view(migration.name).substr(0, names.back().size() / 2)) + "...";
      }
      width = std::max(width, display_width(names.back()));
    }
    paint(Paint::dim, "migration" + std::string(width - 9, ' '));
    for (int step = 0; step < step_count; ++step) {
      paint(Paint::dim, "  " + std::string(step_name(static_cast<Step>(step))));
    }
    paint(Paint::dim, "     time");
    out_ += '\n';
    for (size_t i = 0; i < names.size(); ++i) {
      write_row(names[i], width, migrations[i]);
      write_waits(migrations[i]);
    }
    write_skips(migrations);
    out_ += '\n';
  }

  void write_row(const std::string& name, size_t width, const MigrationReport& migration) {
    out_ += name;
    out_.append(width - display_width(name), ' ');
    double seconds = 0;
    for (int step = 0; step < step_count; ++step) {
      auto found = std::ranges::find(migration.outcomes, static_cast<Step>(step), &Outcome::step);
      Sign sign = sign_of(found == migration.outcomes.end() ? Verdict::skipped : found->verdict);
      if (found != migration.outcomes.end()) seconds += found->seconds;
      out_ += "  ";
      paint(sign.paint, sign.text);
      out_.append(step_name(static_cast<Step>(step)).size() - sign.text.size(), ' ');
    }
    std::string time = fixed_point(seconds, 2) + " s";
    out_.append(9 - std::min<size_t>(8, time.size()), ' ');
    paint(Paint::dim, time);
    out_ += '\n';
  }

  // What others had to wait for, the worst first.
  void write_waits(const MigrationReport& migration) {
    const auto& waits = migration.measures.waits;
    if (!waits) return;
    if (waits->empty()) paint(Paint::dim, "  no read and no write waited\n");
    for (size_t i = 0; i < waits->size() && i < most_waits; ++i) {
      std::string line = "  " + wait_line(report_, migration, (*waits)[i], redaction_);
      if (line.size() > options_.width) {
        size_t cut = options_.width - std::min<size_t>(options_.width, 3);
        while (cut > 0 && (static_cast<unsigned char>(line[cut]) & 0xC0) == 0x80) --cut;
        line = line.substr(0, cut) + "...";
      }
      paint(Paint::yellow, visible(line));
      out_ += '\n';
    }
    if (waits->size() > most_waits) {
      paint(Paint::dim, "  ... " + plural(waits->size() - most_waits, "more wait") + " in the JSON report\n");
    }
  }

  // Why there are dashes: each reason once, with how many steps it explains.
  void write_skips(const std::vector<MigrationReport>& migrations) {
    std::map<std::string, size_t> reasons;
    for (const MigrationReport& migration : migrations) {
      for (const Outcome& outcome : migration.outcomes) {
        if (outcome.verdict == Verdict::skipped && !outcome.reason.empty()) ++reasons[outcome.reason];
      }
    }
    for (const auto& [reason, count] : reasons) {
      paint(Paint::dim, "- ");
      write_wrapped(reason + " (" + plural(count, "step") + ')', 2, 2);
    }
  }

  static void add_migrations(std::string& counts, const Summary& summary, const std::string& version) {
    if (!counts.empty()) counts += "; ";
    size_t all = summary.migrations;
    if (summary.migrations_failed) {
      counts += std::to_string(summary.migrations_failed) + " of " + plural(all, "migration") + " failed";
      if (summary.migrations_warned) counts += ", " + std::to_string(summary.migrations_warned) + " warned";
    } else if (summary.migrations_warned) {
      counts += std::to_string(summary.migrations_warned) + " of " + plural(all, "migration") + " warned";
    } else {
      counts += plural(all, "migration") + " passed";
    }
    if (summary.chains_failed) counts += ", all of them together failed";
    if (!summary.chains_failed && summary.chains_warned) counts += ", all of them together warned";
    if (!version.empty()) counts += " on PostgreSQL " + version;
  }

  void write_totals() {
    Summary summary = summarize(report_);
    std::string counts;
    auto add = [&](size_t count, std::string_view noun) {
      if (count == 0) return;
      if (!counts.empty()) counts += ", ";
      counts += plural(count, noun);
    };
    if (options_.scope != ReportScope::run || !report_.findings.empty()) {
      add(summary.errors, "error");
      add(summary.warnings, "warning");
      if (summary.infos) counts += (counts.empty() ? "" : ", ") + std::to_string(summary.infos) + " info";
      if (counts.empty()) {
        counts = "no findings in " + plural(report_.files.size(), "file");
      } else {
        counts += " in " + std::to_string(summary.files_with_findings) + " of " + plural(report_.files.size(), "file");
      }
      std::string aside = report_.statements ? plural(report_.statements, "statement") : "";
      if (report_.suppressed) aside += (aside.empty() ? "" : ", ") + std::to_string(report_.suppressed) + " suppressed";
      if (!aside.empty()) counts += " (" + aside + ')';
    }
    if (!report_.migrations.empty()) add_migrations(counts, summary, report_.server_version);
    bool others_failed = false, others_warned = false;
    for (const ServerReport& server : report_.other_servers) {
      Summary other = summarize(server.migrations);
      others_failed = others_failed || other.migrations_failed || other.chains_failed;
      others_warned = others_warned || other.migrations_warned || other.chains_warned;
      add_migrations(counts, other, server.version);
    }
    if (!report_.errors.empty()) {
      if (!counts.empty()) counts += "; ";
      counts += "not all could be done";
    }
    bool failed = summary.errors || summary.migrations_failed || summary.chains_failed || others_failed ||
                  !report_.errors.empty();
    bool warned = summary.warnings || summary.migrations_warned || summary.chains_warned || others_warned;
    paint(failed ? Paint::red : warned ? Paint::yellow : Paint::green, visible(counts));
    out_ += '\n';
  }

  const Report& report_;
  const ReportOptions& options_;
  Redaction redaction_;
  Locator locator_;
  Sink& sink_;
  std::string& out_;
};

}  // namespace

void write_text(const Report& report, const ReportOptions& options, Sink& out) { Writer(report, options, out).write(); }

}  // namespace pgrehearse
