// SPDX-License-Identifier: Apache-2.0
#include "report/format.h"
#include "report/locator.h"
#include "report/redaction.h"
#include "report/step_rule.h"
#include "report/visible.h"

namespace pgrehearse {
namespace {

class Lines {
 public:
  Lines(const Report& report, std::string& out) : report_(report), redaction_(report), locator_(report), out_(out) {}

  void line(uint32_t file, Span span, Severity severity, const std::string& message, std::string_view rule) {
    Position position = locator_.position(file, span.begin);
    append_visible(out_, report_.files[file]->path());
    out_ += ':' + std::to_string(position.line) + ':' + std::to_string(position.column) + ": ";
    out_ += severity_name(severity);
    out_ += ": ";
    append_visible(out_, redaction_.clean(message));
    out_ += " [";
    append_visible(out_, rule);
    out_ += "]\n";
  }

  void error(const Error& error) {
    out_ += "pgrehearse: error: ";
    append_visible(out_, redaction_.clean(error.message));
    out_ += '\n';
  }

 private:
  const Report& report_;
  Redaction redaction_;
  Locator locator_;
  std::string& out_;
};

}  // namespace

void write_concise(const Report& report, const ReportOptions&, Sink& out) {
  Lines lines(report, out.text);
  for (const Finding& finding : report.findings) {
    lines.line(finding.file, finding.span, finding.severity, finding.message, finding.rule);
    out.pass();
  }
  for (const MigrationReport& migration : report.migrations) {
    for (const Outcome& outcome : migration.outcomes) {
      if (!is_problem(outcome)) continue;
      Place place = place_of(outcome, migration);
      lines.line(place.file, place.span, step_severity(outcome.verdict), step_message(outcome),
                 step_rule(outcome.step).id);
    }
  }
  for (const Error& error : report.errors) lines.error(error);
}

}  // namespace pgrehearse
