// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>

#include "report/fixed_point.h"
#include "report/format.h"
#include "report/json_writer.h"
#include "report/line_hash.h"
#include "report/locator.h"
#include "report/redaction.h"
#include "report/step_rule.h"

namespace pgrehearse {
namespace {

// GitHub refuses a file over the first and cuts or refuses texts over the second (its page "SARIF support").
constexpr size_t most_results = 25'000;
constexpr size_t longest_description = 1024;

std::string_view level_of(Severity severity) {
  switch (severity) {
    case Severity::info: return "note";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return "error";
}

std::string_view problem_severity(Severity severity) {
  return severity == Severity::info ? "recommendation" : severity_name(severity);
}

// RFC 3986: everything but unreserved characters and '/' is encoded, so that no path can look like a scheme or a query.
std::string encode_path(std::string_view path) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri;
  while (path.starts_with("./")) path.remove_prefix(2);
  for (char c : path) {
    bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
                 c == '_' || c == '~' || c == '/';
    if (plain) {
      uri += c;
    } else {
      uri += '%';
      uri += digits[static_cast<unsigned char>(c) >> 4];
      uri += digits[static_cast<unsigned char>(c) & 0xF];
    }
  }
  return uri;
}

// A message may hold links, "[text](target)", which text from a migration must not make.
std::string without_links(std::string text) {
  for (size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at)) text.insert(at + 1, 1, ' ');
  return text;
}

std::string first_paragraph(const std::string& markdown) { return markdown.substr(0, markdown.find("\n\n")); }

std::string cut(std::string text, size_t most) {
  if (text.size() <= most) return text;
  size_t end = most - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

class Writer {
 public:
  Writer(const Report& report, Sink& out)
      : report_(report), redaction_(report), locator_(report), out_(out), json_(out.text, 4) {}  // a result, a line

  void write(const ReportOptions& options) {
    collect_rules();
    choose_findings();
    json_.begin_object();
    json_.text("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_.text("version", "2.1.0");
    json_.begin_array("runs");
    json_.begin_object();
    write_tool();
    json_.begin_object("automationDetails");
    json_.text("id", "pgrehearse/" + std::string(scope_name(options.scope)) + '/');
    json_.end_object();
    json_.text("columnKind", "unicodeCodePoints");
    json_.begin_object("originalUriBaseIds");
    json_.begin_object("%SRCROOT%");
    json_.begin_object("description");
    json_.text("text", "The root of the repository.");
    json_.end_object();
    json_.end_object();
    json_.end_object();
    write_invocation();
    json_.begin_array("results");
    for (const MigrationReport& migration : report_.migrations) {
      for (const Outcome& outcome : migration.outcomes) {
        if (is_problem(outcome)) write_step(migration, outcome);
      }
    }
    for (size_t i = 0; i < report_.findings.size(); ++i) {
      if (chosen_.empty() || chosen_[i]) write_finding(report_.findings[i]);
      out_.pass();
    }
    json_.end_array();
    json_.end_object();
    json_.end_array();
    json_.end_object();
  }

 private:
  void add_rule(const RuleInfo* rule) {
    if (rule_index_.try_emplace(rule->id, rules_.size()).second) rules_.push_back(rule);
  }

  void collect_rules() {
    for (const RuleInfo* rule : report_.rules) add_rule(rule);
    if (!report_.migrations.empty()) {
      for (int step = 0; step < step_count; ++step) add_rule(&step_rule(static_cast<Step>(step)));
    }
  }

  // Over the limit the gravest are kept.
  void choose_findings() {
    size_t steps = 0;
    for (const MigrationReport& migration : report_.migrations) {
      steps += static_cast<size_t>(std::ranges::count_if(migration.outcomes, is_problem));
    }
    size_t room = most_results - std::min(most_results, steps);
    if (report_.findings.size() <= room) return;
    left_out_ = report_.findings.size() - room;
    chosen_.resize(report_.findings.size());
    for (Severity severity : {Severity::error, Severity::warning, Severity::info}) {
      for (size_t i = 0; i < chosen_.size() && room > 0; ++i) {
        if (report_.findings[i].severity != severity) continue;
        chosen_[i] = true;
        --room;
      }
    }
  }

  void write_message(std::string_view key, std::string_view text) {
    json_.begin_object(key);
    json_.text("text", text);
    json_.end_object();
  }

  void write_tool() {
    json_.begin_object("tool");
    json_.begin_object("driver");
    json_.text("name", "pgrehearse");
    json_.text("semanticVersion", report_.tool_version);
    json_.begin_array("rules");
    for (const RuleInfo* rule : rules_) write_rule(*rule);
    json_.end_array();
    json_.end_object();
    json_.end_object();
  }

  void write_rule(const RuleInfo& rule) {
    json_.begin_object();
    json_.text("id", rule.id);
    write_message("shortDescription", cut(std::string(rule.title), longest_description));
    std::string why(rule.why.empty() ? rule.title : rule.why);
    write_message("fullDescription", cut(first_paragraph(why), longest_description));
    std::string help = rule.instead.empty() ? why : why + "\n\n**Instead**\n\n" + std::string(rule.instead);
    json_.begin_object("help");
    json_.text("text", rule.instead.empty() ? why : why + "\n\nInstead: " + std::string(rule.instead));
    json_.text("markdown", help);
    json_.end_object();
    json_.begin_object("defaultConfiguration");
    json_.text("level", level_of(rule.severity));
    json_.end_object();
    json_.begin_object("properties");
    json_.begin_array("tags");
    json_.text("postgresql");
    json_.text("migrations");
    json_.text(category_name(rule.category));
    if (rule.security_severity > 0) json_.text("security");
    json_.end_array();
    json_.text("precision", "high");
    json_.text("problem.severity", problem_severity(rule.severity));
    if (rule.security_severity > 0) json_.text("security-severity", fixed_point(rule.security_severity, 1));
    json_.end_object();
    json_.end_object();
  }

  void write_notification(std::string_view id, std::string_view level, std::string text) {
    json_.begin_object();
    json_.begin_object("descriptor");
    json_.text("id", id);
    json_.end_object();
    json_.text("level", level);
    write_message("message", without_links(std::move(text)));
    json_.end_object();
  }

  void write_invocation() {
    json_.begin_array("invocations");
    json_.begin_object();
    json_.flag("executionSuccessful", report_.errors.empty());
    json_.begin_array("toolExecutionNotifications");
    for (const Error& error : report_.errors) {
      std::string text = error.help.empty() ? error.message : error.message + ". " + error.help;
      write_notification(error.kind == Error::Kind::usage ? "usage" : "environment", "error", redaction_.clean(text));
    }
    for (const std::string& note : report_.notes) write_notification("note", "note", redaction_.clean(note));
    if (left_out_) {
      write_notification(
          "results-left-out", "warning",
          std::to_string(left_out_) + " results are left out: GitHub takes " + std::to_string(most_results));
    }
    json_.end_array();
    json_.end_object();
    json_.end_array();
  }

  void write_region(std::string_view key, uint32_t file, Span span) {
    Position begin = locator_.position(file, span.begin);
    Position end = locator_.position(file, span.end);
    json_.begin_object(key);
    json_.number("startLine", begin.line);
    json_.number("startColumn", begin.column);
    json_.number("endLine", end.line);
    json_.number("endColumn", end.column);
    json_.end_object();
  }

  void write_artifact(uint32_t file) {
    const std::string& path = report_.files[file]->path();
    json_.begin_object("artifactLocation");
    if (path.starts_with('/')) {
      json_.text("uri", "file://" + encode_path(path));
    } else {
      json_.text("uri", encode_path(path));
      json_.text("uriBaseId", "%SRCROOT%");
    }
    json_.end_object();
  }

  void write_physical(uint32_t file, Span span, bool exact = true) {
    json_.begin_object("physicalLocation");
    write_artifact(file);
    if (exact) {
      write_region("region", file, span);
    } else {
      json_.begin_object("region");
      json_.number("startLine", 1);
      json_.end_object();
    }
    json_.end_object();
  }

  void begin_result(std::string_view rule, Severity severity, std::string text, uint32_t file, Span span, bool exact) {
    json_.begin_object();
    json_.text("ruleId", rule);
    if (auto found = rule_index_.find(rule); found != rule_index_.end()) json_.number("ruleIndex", found->second);
    json_.text("level", level_of(severity));
    write_message("message", without_links(redaction_.clean(text)));
    json_.begin_array("locations");
    json_.begin_object();
    write_physical(file, span, exact);
    json_.end_object();
    json_.end_array();
    write_fingerprint(file, span.begin);
  }

  // The hash of a line with a secret would help to guess it. GitHub's upload action adds the hash itself.
  void write_fingerprint(uint32_t file, uint32_t offset) {
    const SourceFile& source = *report_.files[file];
    auto [place, added] = hashes_.try_emplace(file);
    if (added) place->second = line_hashes(source.text());
    uint32_t line = source.line_of(offset);
    const LineHash& hash = place->second[line - 1];
    if (redaction_.touches(file, {source.lines().line(source.text(), line).begin, hash.end})) return;
    json_.begin_object("partialFingerprints");
    json_.text("primaryLocationLineHash", hash.str());
    json_.end_object();
  }

  void write_step(const MigrationReport& migration, const Outcome& outcome) {
    Place place = place_of(outcome, migration);
    std::string text = migration.name + ": " + step_message(outcome);
    if (!outcome.detail.empty()) text += "\n" + outcome.detail;
    begin_result(step_rule(outcome.step).id, step_severity(outcome.verdict), std::move(text), place.file, place.span,
                 place.exact);
    json_.begin_object("properties");
    json_.text("step", step_key(outcome.step));
    json_.text("cause", cause_key(outcome.cause));
    if (!outcome.sqlstate.empty()) json_.text("sqlstate", outcome.sqlstate);
    if (!outcome.difference.empty()) json_.text("difference", redaction_.clean(outcome.difference));
    json_.end_object();
    json_.end_object();
  }

  void write_finding(const Finding& finding) {
    std::string text = finding.help.empty() ? finding.message : finding.message + ". " + finding.help;
    begin_result(finding.rule, finding.severity, std::move(text), finding.file, finding.span, true);
    if (!finding.related.empty()) {
      json_.begin_array("relatedLocations");
      int id = 0;
      for (const RelatedSpan& related : finding.related) {
        json_.begin_object();
        json_.number("id", ++id);
        write_physical(related.file, related.span);
        write_message("message", without_links(redaction_.clean(related.message)));
        json_.end_object();
      }
      json_.end_array();
    }
    // Consumers apply SARIF fixes with one click, so that only the safe ones are here.
    if (finding.fix && finding.fix->safety == Fix::Safety::safe && redaction_.permits(*finding.fix)) write_fix(finding);
    json_.end_object();
  }

  void write_fix(const Finding& finding) {
    json_.begin_array("fixes");
    json_.begin_object();
    write_message("description", without_links(redaction_.clean(finding.fix->title)));
    json_.begin_array("artifactChanges");
    json_.begin_object();
    write_artifact(finding.file);
    json_.begin_array("replacements");
    for (const Edit& edit : finding.fix->edits) {
      json_.begin_object();
      write_region("deletedRegion", finding.file, edit.span);
      write_message("insertedContent", edit.text);
      json_.end_object();
    }
    json_.end_array();
    json_.end_object();
    json_.end_array();
    json_.end_object();
    json_.end_array();
  }

  const Report& report_;
  Redaction redaction_;
  Locator locator_;
  Sink& out_;
  JsonWriter json_;
  std::vector<const RuleInfo*> rules_;
  std::unordered_map<std::string_view, size_t> rule_index_;
  std::unordered_map<uint32_t, std::vector<LineHash>> hashes_;
  std::vector<bool> chosen_;  // empty: all
  size_t left_out_ = 0;
};

}  // namespace

void write_sarif(const Report& report, const ReportOptions& options, Sink& out) { Writer(report, out).write(options); }

}  // namespace pgrehearse
