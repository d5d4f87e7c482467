// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>

#include "report/fixed_point.h"
#include "report/format.h"
#include "report/locator.h"
#include "report/metrics.h"
#include "report/redaction.h"
#include "report/step_rule.h"
#include "report/xml.h"

namespace pgrehearse {
namespace {

constexpr int time_decimals = 3;

struct Totals {
  size_t tests = 0;
  size_t failures = 0;
  size_t errors = 0;
  size_t skipped = 0;
  double seconds = 0;
};

// There is no standard; this is what fits the Jenkins schema and is read by GitLab, Jenkins and the GitHub actions
// alike: counts on suites, `file` and `line` on cases, the message in the text too, and no two cases of one name.
class Writer {
 public:
  Writer(const Report& report, const ReportOptions& options, std::string& out)
      : report_(report), options_(options), redaction_(report), locator_(report), out_(out) {}

  void write() {
    if (options_.scope != ReportScope::run || !report_.findings.empty()) write_files();
    if (report_.other_servers.empty()) {
      for (const MigrationReport& migration : report_.migrations) {
        write_migration(migration, {});
        end_suite(migration.name);
      }
    } else {
      write_server(report_.migrations, report_.server_version);
      for (const ServerReport& server : report_.other_servers) write_server(server.migrations, server.version);
    }
    write_errors();
    out_ += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"pgrehearse\"";
    append_counts(out_, all_);
    append_attribute(out_, "time", fixed_point(all_.seconds, time_decimals));
    out_ += ">\n";
    out_ += suites_;
    out_ += "</testsuites>\n";
  }

 private:
  static void append_counts(std::string& out, const Totals& totals) {
    append_attribute(out, "tests", std::to_string(totals.tests));
    append_attribute(out, "failures", std::to_string(totals.failures));
    append_attribute(out, "errors", std::to_string(totals.errors));
  }

  void write_files() {
    auto finding = report_.findings.begin();
    for (uint32_t file = 0; file < report_.files.size(); ++file) {
      const std::string& path = report_.files[file]->path();
      if (finding == report_.findings.end() || finding->file != file) {
        begin_case(path + ": no findings", path, 0, path, 1);
        end_case();
      }
      for (; finding != report_.findings.end() && finding->file == file; ++finding) write_finding(*finding, path);
      end_suite(path);
    }
  }

  void write_finding(const Finding& finding, const std::string& path) {
    Position position = locator_.position(finding.file, finding.span.begin);
    std::string place = path + ':' + std::to_string(position.line) + ':' + std::to_string(position.column);
    std::string message = redaction_.clean(finding.message);
    std::string text = place + ": " + std::string(severity_name(finding.severity)) + ": " + message;
    if (!finding.help.empty()) text += '\n' + redaction_.clean(finding.help);
    begin_case(std::string(finding.rule) + " at " + place, path, 0, path, position.line);
    if (finding.severity >= options_.fail_level) {
      append_failure(finding.rule, message, text);
    } else {
      append_output(text);
    }
    end_case();
  }

  /// One suite: of several servers that is what a reader tells apart first.
  void write_server(const std::vector<MigrationReport>& migrations, const std::string& version) {
    for (const MigrationReport& migration : migrations) write_migration(migration, version);
    end_suite("PostgreSQL " + version);
  }

  /// `version`: of the server, where there are several.
  void write_migration(const MigrationReport& migration, const std::string& version) {
    add_properties(migration, version.empty() ? std::string() : migration.name + ": ");
    const std::string& path = report_.files[migration.file]->path();
    for (const Outcome& outcome : migration.outcomes) {
      Place place = place_of(outcome, migration);
      Position position = locator_.position(place.file, place.span.begin);
      begin_case(migration.name + ": " + std::string(step_name(outcome.step)) +
                     (version.empty() ? "" : " on PostgreSQL " + version),
                 path, outcome.seconds, report_.files[place.file]->path(), position.line);
      if (outcome.verdict == Verdict::skipped) {
        ++suite_.skipped;
        body_ += "      <skipped>";
        append_xml_lines(body_, redaction_.clean(outcome.reason));
        body_ += "</skipped>\n";
      } else if (is_problem(outcome)) {
        std::string message = redaction_.clean(outcome.reason);
        std::string text = report_.files[place.file]->path() + ':' + std::to_string(position.line) + ':' +
                           std::to_string(position.column) + ": " + redaction_.clean(step_message(outcome));
        if (!outcome.detail.empty()) text += '\n' + redaction_.clean(outcome.detail);
        if (!outcome.difference.empty()) text += '\n' + redaction_.clean(outcome.difference);
        if (outcome.verdict == Verdict::failed) {
          append_failure(step_rule(outcome.step).id, message, text);
        } else {
          append_output(text);
        }
      }
      end_case();
    }
  }

  void add_properties(const MigrationReport& migration, const std::string& prefix) {
    auto add = [&](std::string name, const std::string& value) {
      properties_ += "      <property";
      append_attribute(properties_, "name", prefix + name);
      append_attribute(properties_, "value", value);
      properties_ += "/>\n";
    };
    for (const Metric& metric : metrics_of(migration)) {
      add(std::string(metric.name),
          metric.seconds ? fixed_point(*metric.seconds, 6) : std::to_string(metric.count.value_or(0)));
    }
    for (const LockCount& count : locks_of(migration)) {
      add("locks." + std::string(lock_json_name(count.mode)), std::to_string(count.relations));
    }
    if (migration.measures.waits) {
      for (const Wait& wait : *migration.measures.waits) {
        add("wait." + std::string(step_key(wait.step)) + (wait.write ? ".write." : ".read.") + wait.table,
            fixed_point(wait.seconds, 6));
      }
    }
    for (const ObjectChanges& changes : migration.measures.objects) {
      add("created." + changes.object_class, std::to_string(changes.created));
      add("changed." + changes.object_class, std::to_string(changes.changed));
      add("dropped." + changes.object_class, std::to_string(changes.dropped));
    }
  }

  void write_errors() {
    for (const Error& error : report_.errors) {
      std::string message = redaction_.clean(error.message);
      begin_case(message, "pgrehearse", 0, {}, 0);
      ++suite_.errors;
      append_result("error", error.kind == Error::Kind::usage ? "usage" : "environment", message,
                    error.help.empty() ? message : message + '\n' + redaction_.clean(error.help));
      end_case();
    }
    end_suite("pgrehearse");
  }

  void begin_case(std::string name, std::string_view classname, double seconds, std::string_view file, uint32_t line) {
    ++suite_.tests;
    suite_.seconds += seconds;
    if (size_t before = names_[name]++) name += " (" + std::to_string(before + 1) + ')';
    body_ += "    <testcase";
    append_attribute(body_, "name", name);
    append_attribute(body_, "classname", classname);
    append_attribute(body_, "time", fixed_point(seconds, time_decimals));
    if (line != 0) {
      append_attribute(body_, "file", file);
      append_attribute(body_, "line", std::to_string(line));
    }
    body_ += ">\n";
    case_begin_ = body_.size();
  }

  void end_case() {
    if (body_.size() > case_begin_) {
      body_ += "    </testcase>\n";
    } else {
      body_.replace(case_begin_ - 2, 2, "/>\n");
    }
  }

  void append_failure(std::string_view type, std::string_view message, std::string_view text) {
    ++suite_.failures;
    append_result("failure", type, message, text);
  }

  void append_result(std::string_view element, std::string_view type, std::string_view message, std::string_view text) {
    body_ += "      <";
    body_ += element;
    append_attribute(body_, "type", type);
    append_attribute(body_, "message", message);
    body_ += '>';
    append_xml_lines(body_, text);
    body_ += "</";
    body_ += element;
    body_ += ">\n";
  }

  // A warning that does not fail the run must not fail its case.
  void append_output(std::string_view text) {
    body_ += "      <system-out>";
    append_xml_lines(body_, text);
    body_ += "</system-out>\n";
  }

  void end_suite(std::string_view name) {
    if (suite_.tests == 0) return;
    suites_ += "  <testsuite";
    append_attribute(suites_, "name", name);
    append_counts(suites_, suite_);
    append_attribute(suites_, "skipped", std::to_string(suite_.skipped));
    append_attribute(suites_, "time", fixed_point(suite_.seconds, time_decimals));
    suites_ += ">\n";
    if (!properties_.empty()) suites_ += "    <properties>\n" + properties_ + "    </properties>\n";
    suites_ += body_ + "  </testsuite>\n";
    all_.tests += suite_.tests;
    all_.failures += suite_.failures;
    all_.errors += suite_.errors;
    all_.seconds += suite_.seconds;
    suite_ = {};
    body_.clear();
    properties_.clear();
  }

  const Report& report_;
  const ReportOptions& options_;
  Redaction redaction_;
  Locator locator_;
  std::string& out_;
  std::string suites_;
  std::string body_;        // the cases of the suite in hand
  std::string properties_;  // and what was measured
  size_t case_begin_ = 0;
  Totals suite_;
  Totals all_;
  std::unordered_map<std::string, size_t> names_;
};

}  // namespace

void write_junit(const Report& report, const ReportOptions& options, Sink& out) {
  Writer(report, options, out.text).write();
}

}  // namespace pgrehearse
