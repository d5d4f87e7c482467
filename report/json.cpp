// SPDX-License-Identifier: Apache-2.0
#include "report/format.h"
#include "report/json_writer.h"
#include "report/locator.h"
#include "report/metrics.h"
#include "report/redaction.h"
#include "report/summary.h"

namespace pgrehearse {
namespace {

constexpr int format_version = 1;  // raised when a member changes its meaning or goes; new members do not raise it

class Writer {
 public:
  Writer(const Report& report, Sink& out)
      : report_(report), redaction_(report), locator_(report), out_(out), json_(out.text) {}

  void write(const ReportOptions& options) {
    json_.begin_object();
    json_.number("version", format_version);
    json_.begin_object("tool");
    json_.text("name", "pgrehearse");
    json_.text("version", report_.tool_version);
    json_.end_object();
    json_.text("scope", scope_name(options.scope));
    if (!report_.server_version.empty()) json_.text("server_version", report_.server_version);
    write_summary();
    json_.begin_array("findings");
    for (const Finding& finding : report_.findings) {
      write_finding(finding);
      out_.pass();
    }
    json_.end_array();
    write_migrations(report_.migrations);
    if (!report_.other_servers.empty()) write_other_servers();
    json_.begin_array("errors");
    for (const Error& error : report_.errors) {
      json_.begin_object();
      json_.text("kind", error.kind == Error::Kind::usage ? "usage" : "environment");
      write_text("message", error.message);
      if (!error.help.empty()) write_text("help", error.help);
      json_.end_object();
    }
    json_.end_array();
    json_.begin_array("notes");
    for (const std::string& note : report_.notes) json_.text(redaction_.clean(note));
    json_.end_array();
    json_.end_object();
  }

 private:
  void write_summary() {
    Summary summary = summarize(report_);
    json_.begin_object("summary");
    json_.number("files", report_.files.size());
    json_.number("statements", report_.statements);
    json_.number("errors", summary.errors);
    json_.number("warnings", summary.warnings);
    json_.number("infos", summary.infos);
    json_.number("suppressed", report_.suppressed);
    json_.number("migrations", summary.migrations);
    json_.number("migrations_failed", summary.migrations_failed);
    json_.number("migrations_warned", summary.migrations_warned);
    json_.end_object();
  }

  void write_position(std::string_view key, uint32_t file, uint32_t offset) {
    json_.position(key, locator_.position(file, offset), offset);
  }

  void write_span(uint32_t file, Span span) {
    write_position("start", file, span.begin);
    write_position("end", file, span.end);
  }

  /// A member whose text may hold a secret.
  void write_text(std::string_view key, std::string_view text) { json_.text(key, redaction_.clean(text, cleaned_)); }

  void write_finding(const Finding& finding) {
    json_.begin_object();
    json_.word("rule", finding.rule);
    json_.word("severity", severity_name(finding.severity));
    json_.text("path", report_.files[finding.file]->path());
    write_span(finding.file, finding.span);
    write_text("message", finding.message);
    write_text("help", finding.help);
    if (!finding.related.empty()) {
      json_.begin_array("related");
      for (const RelatedSpan& related : finding.related) {
        json_.begin_object();
        json_.text("path", report_.files[related.file]->path());
        write_span(related.file, related.span);
        write_text("message", related.message);
        json_.end_object();
      }
      json_.end_array();
    }
    if (finding.fix && redaction_.permits(*finding.fix)) write_fix(finding);
    json_.end_object();
  }

  void write_fix(const Finding& finding) {
    json_.begin_object("fix");
    write_text("title", finding.fix->title);
    json_.word("safety", finding.fix->safety == Fix::Safety::safe ? "safe" : "unsafe");
    json_.begin_array("edits");
    for (const Edit& edit : finding.fix->edits) {
      json_.begin_object();
      write_span(finding.file, edit.span);
      json_.text("text", edit.text);
      json_.end_object();
    }
    json_.end_array();
    json_.end_object();
  }

  void write_migrations(const std::vector<MigrationReport>& migrations) {
    json_.begin_array("migrations");
    for (const MigrationReport& migration : migrations) write_migration(migration);
    json_.end_array();
  }

  void write_other_servers() {
    json_.begin_array("other_servers");
    for (const ServerReport& server : report_.other_servers) {
      json_.begin_object();
      json_.text("server_version", server.version);
      write_migrations(server.migrations);
      json_.end_object();
    }
    json_.end_array();
  }

  void write_metrics(const MigrationReport& migration) {
    std::vector<Metric> metrics = metrics_of(migration);
    if (metrics.empty() && migration.measures.objects.empty()) return;
    json_.begin_object("metrics");
    for (const Metric& metric : metrics) {
      if (metric.seconds) json_.seconds(metric.name, *metric.seconds);
      if (metric.count) json_.number(metric.name, *metric.count);
    }
    write_counts("locks", locks_of(migration));
    if (migration.measures.waits) {
      json_.begin_array("waits");
      for (const Wait& wait : *migration.measures.waits) write_wait(wait);
      json_.end_array();
    }
    json_.begin_object("objects");
    for (const ObjectChanges& changes : migration.measures.objects) {
      json_.begin_object(changes.object_class);
      json_.number("created", changes.created);
      json_.number("changed", changes.changed);
      json_.number("dropped", changes.dropped);
      json_.end_object();
    }
    json_.end_object();
    json_.end_object();
  }

  void write_wait(const Wait& wait) {
    json_.begin_object();
    json_.text("table", wait.table);
    json_.text("operation", wait.write ? "write" : "read");
    json_.text("step", step_key(wait.step));
    json_.seconds("seconds", wait.seconds);
    if (wait.file) {
      json_.text("path", report_.files[*wait.file]->path());
      write_span(*wait.file, wait.span);
    }
    json_.end_object();
  }

  void write_counts(std::string_view key, const std::vector<LockCount>& counts) {
    json_.begin_object(key);
    for (const LockCount& count : counts) json_.number(lock_json_name(count.mode), count.relations);
    json_.end_object();
  }

  void write_migration(const MigrationReport& migration) {
    json_.begin_object();
    json_.text("version", migration.version);
    json_.text("name", migration.name);
    json_.text("path", report_.files[migration.file]->path());
    json_.begin_array("steps");
    for (const Outcome& outcome : migration.outcomes) write_outcome(outcome);
    json_.end_array();
    write_metrics(migration);
    json_.end_object();
  }

  void write_outcome(const Outcome& outcome) {
    json_.begin_object();
    json_.text("step", step_key(outcome.step));
    json_.text("verdict", verdict_name(outcome.verdict));
    if (outcome.cause != Cause::none) json_.text("cause", cause_key(outcome.cause));
    if (!outcome.reason.empty()) write_text("reason", outcome.reason);
    if (!outcome.sqlstate.empty()) json_.text("sqlstate", outcome.sqlstate);
    if (!outcome.detail.empty()) write_text("detail", outcome.detail);
    if (outcome.file) {
      json_.text("path", report_.files[*outcome.file]->path());
      write_span(*outcome.file, outcome.span);
    }
    if (!outcome.difference.empty()) write_text("difference", outcome.difference);
    json_.seconds("seconds", outcome.seconds);
    if (!outcome.statements.empty()) {
      json_.begin_array("statements");
      for (const ObservedStatement& statement : outcome.statements) write_statement(statement);
      json_.end_array();
    }
    json_.end_object();
  }

  // A statement belongs to the up or the down part; which file that is, only the runner knows, so offsets must do.
  void write_statement(const ObservedStatement& statement) {
    json_.begin_object();
    json_.number("offset", statement.span.begin);
    json_.number("length", statement.span.size());
    json_.seconds("seconds", statement.seconds);
    if (statement.rows) json_.number("rows", *statement.rows);
    if (statement.wal_bytes) json_.number("wal_bytes", *statement.wal_bytes);
    write_relations(json_, statement.impact.relations);
    json_.end_object();
  }

  const Report& report_;
  Redaction redaction_;
  Locator locator_;
  Sink& out_;
  JsonWriter json_;
  std::string cleaned_;
};

}  // namespace

void write_json(const Report& report, const ReportOptions& options, Sink& out) { Writer(report, out).write(options); }

}  // namespace pgrehearse
