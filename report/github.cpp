// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "report/format.h"
#include "report/locator.h"
#include "report/redaction.h"
#include "report/step_rule.h"
#include "report/visible.h"

namespace pgrehearse {
namespace {

// GitHub shows so many annotations of each type per step and drops the rest without a word (actions/toolkit#734).
constexpr size_t shown_per_type = 10;

constexpr std::array<std::string_view, 3> commands{"notice", "warning", "error"};  // by Severity

// As npm @actions/core does it; what is left after that is data to the runner (src/Runner.Common/ActionCommand.cs).
void append_data(std::string& out, std::string_view text, bool property = false) {
  for (char c : text) {
    if (c == '%')
      out += "%25";
    else if (c == '\r')
      out += "%0D";
    else if (c == '\n')
      out += "%0A";
    else if (property && c == ':')
      out += "%3A";
    else if (property && c == ',')
      out += "%2C";
    else
      out += c;
  }
}

class Writer {
 public:
  Writer(const Report& report, std::string& out) : report_(report), redaction_(report), locator_(report), out_(out) {}

  void write() {
    for (const Error& error : report_.errors) write_error(error);
    for (const MigrationReport& migration : report_.migrations) {
      for (const Outcome& outcome : migration.outcomes) {
        if (is_problem(outcome)) write_step(migration, outcome);
      }
    }
    for (const Finding& finding : report_.findings) {
      write_place(finding.severity, finding.rule, finding.file, finding.span, true, finding.message, finding.help);
    }
    size_t more = 0;
    for (size_t count : counts_) more += count - std::min(count, shown_per_type);
    if (more == 0) return;
    out_ += rest_;
    out_ += std::to_string(more) + " more above: GitHub annotates " + std::to_string(shown_per_type) +
            " of each severity per step\n";
  }

 private:
  bool is_shown(Severity severity) { return ++counts_[static_cast<size_t>(severity)] <= shown_per_type; }

  void write_error(const Error& error) {
    std::string message = visible(redaction_.clean(error.message));
    if (!is_shown(Severity::error)) {
      rest_ += "pgrehearse: error: " + message + '\n';
      return;
    }
    out_ += "::error title=pgrehearse::";
    append_data(out_, message);
    if (!error.help.empty()) append_data(out_, '\n' + visible(redaction_.clean(error.help)));
    out_ += '\n';
  }

  void write_step(const MigrationReport& migration, const Outcome& outcome) {
    Place place = place_of(outcome, migration);
    write_place(step_severity(outcome.verdict), step_rule(outcome.step).id, place.file, place.span, place.exact,
                step_message(outcome), outcome.detail);
  }

  void write_place(Severity severity, std::string_view rule, uint32_t file, Span span, bool exact,
                   std::string_view message, std::string_view help) {
    Position begin = locator_.position(file, span.begin);
    std::string line = report_.files[file]->path() + ':' + std::to_string(begin.line) + ':' +
                       std::to_string(begin.column) + ": " + redaction_.clean(message);
    if (!is_shown(severity)) {
      append_visible(rest_, line);
      rest_ += " [";
      append_visible(rest_, rule);
      rest_ += "]\n";
      return;
    }
    Position end = locator_.position(file, span.end);
    out_ += "::";
    out_ += commands[static_cast<size_t>(severity)];
    out_ += " file=";
    append_data(out_, visible(report_.files[file]->path()), true);
    out_ += ",line=" + std::to_string(begin.line);
    // With columns over several lines the runner drops the whole position.
    if (exact && begin.line == end.line) {
      out_ +=
          ",col=" + std::to_string(begin.column) + ",endColumn=" + std::to_string(std::max(begin.column, end.column));
    } else if (exact) {
      out_ += ",endLine=" + std::to_string(end.line);
    }
    out_ += ",title=";
    append_data(out_, visible(rule), true);
    out_ += "::";
    append_data(out_, visible(line));
    if (!help.empty()) append_data(out_, '\n' + shown_lines(redaction_.clean(help)));
    out_ += '\n';
  }

  static std::string shown_lines(std::string_view text) {
    std::string result;
    while (!text.empty()) {
      size_t end = std::min(text.find('\n'), text.size());
      append_visible(result, text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      if (!text.empty()) result += '\n';
    }
    return result;
  }

  const Report& report_;
  Redaction redaction_;
  Locator locator_;
  std::string& out_;
  std::string rest_;
  std::array<size_t, 3> counts_{};
};

}  // namespace

void write_github(const Report& report, const ReportOptions&, Sink& out) { Writer(report, out.text).write(); }

}  // namespace pgrehearse
