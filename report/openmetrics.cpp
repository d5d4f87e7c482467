// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "report/fixed_point.h"
#include "report/format.h"
#include "report/metrics.h"
#include "report/redaction.h"
#include "report/summary.h"
#include "report/visible.h"

namespace pgrehearse {
namespace {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

/// OpenMetrics wants all samples of a name together, each with labels of its own: they are collected first.
class Families {
 public:
  void add(const std::string& name, std::string_view what, const Labels& labels, const std::string& value) {
    auto [place, is_new] = places_.try_emplace(name, families_.size());
    if (is_new) families_.push_back({name, what, {}, {}});
    Family& family = families_[place->second];
    std::string text;
    for (const auto& [label, content] : labels)
      text.append(text.empty() ? "" : ",").append(label).append("=\"").append(content).append("\"");
    if (!family.seen.insert(text).second) return;
    family.samples += name + (text.empty() ? "" : "{" + text + "}") + " " + value + "\n";
  }

  void write(std::string& out) const {
    for (const Family& family : families_) {
      out += "# TYPE " + family.name + " gauge\n";
      if (family.name.ends_with("_seconds")) out += "# UNIT " + family.name + " seconds\n";
      if (family.name.ends_with("_bytes")) out += "# UNIT " + family.name + " bytes\n";
      out += "# HELP " + family.name + " " + std::string(family.what) + "\n" + family.samples;
    }
    out += "# EOF\n";
  }

 private:
  struct Family {
    std::string name;
    std::string_view what;
    std::string samples;
    std::set<std::string> seen;
  };
  std::vector<Family> families_;
  std::map<std::string, size_t, std::less<>> places_;
};

class Writer {
 public:
  explicit Writer(const Report& report) : report_(report), redaction_(report) {}

  void write(std::string& out) {
    Summary summary = summarize(report_);
    for (auto [severity, count] :
         {std::pair("error", summary.errors), {"warning", summary.warnings}, {"info", summary.infos}}) {
      families_.add("pgrehearse_findings", "Findings about the migrations' SQL.", {{"severity", severity}},
                    std::to_string(count));
    }
    write_server(report_.migrations, report_.server_version);
    for (const ServerReport& server : report_.other_servers) write_server(server.migrations, server.version);
    families_.write(out);
  }

 private:
  /// Three signs are escaped, as the format has it; what could act on a terminal or in a log is made visible before.
  std::string label(std::string_view text) const {
    std::string visible, escaped;
    append_visible(visible, redaction_.clean(text));
    for (char c : visible) {
      if (c == '\\' || c == '"') escaped += '\\';
      escaped += c;
    }
    return escaped;
  }

  void write_server(const std::vector<MigrationReport>& migrations, const std::string& version) {
    // One file may hold several migrations, and two sets one of the same name.
    std::map<std::pair<std::string, std::string>, int> known;
    for (const MigrationReport& migration : migrations) {
      std::string path = label(report_.files[migration.file]->path()), name = label(migration.name);
      if (int again = known[{path, name}]++) name += " (" + std::to_string(again + 1) + ")";
      write_migration(migration, {{"migration", name}, {"path", path}, {"server", label(version)}});
    }
  }

  void write_migration(const MigrationReport& migration, const Labels& labels) {
    auto with = [&](std::string_view label_name, std::string value) {
      Labels more = labels;
      more.emplace_back(label_name, std::move(value));
      return more;
    };
    for (const Outcome& outcome : migration.outcomes) {
      for (Verdict verdict : {Verdict::passed, Verdict::warned, Verdict::failed, Verdict::skipped}) {
        Labels step = with("step", std::string(step_key(outcome.step)));
        step.emplace_back("verdict", std::string(verdict_name(verdict)));
        families_.add("pgrehearse_step", "1 for the verdict about this step of the rehearsal, 0 for the others.", step,
                      outcome.verdict == verdict ? "1" : "0");
      }
    }
    for (const Metric& metric : metrics_of(migration)) {
      families_.add("pgrehearse_migration_" + std::string(metric.name), metric.what, labels,
                    metric.seconds ? fixed_point(*metric.seconds, 6) : std::to_string(metric.count.value_or(0)));
    }
    for (const LockCount& count : locks_of(migration)) {
      families_.add("pgrehearse_migration_locks",
                    "Older tables and indexes by the strongest lock that applying took on them.",
                    with("mode", std::string(lock_json_name(count.mode))), std::to_string(count.relations));
    }
    if (migration.measures.waits) {
      for (const Wait& wait : *migration.measures.waits) {
        Labels of = with("step", std::string(step_key(wait.step)));
        of.emplace_back("table", label(wait.table));
        of.emplace_back("operation", wait.write ? "write" : "read");
        families_.add("pgrehearse_migration_wait_seconds",
                      "Longest time that another session waited, by step, older table and operation.", of,
                      fixed_point(wait.seconds, 6));
      }
    }
    for (const ObjectChanges& changes : migration.measures.objects) {
      for (auto [change, count] :
           {std::pair("created", changes.created), {"changed", changes.changed}, {"dropped", changes.dropped}}) {
        Labels object = with("class", label(changes.object_class));
        object.emplace_back("change", change);
        families_.add("pgrehearse_migration_objects", "Objects of the catalogs that applying the migration changed.",
                      object, std::to_string(count));
      }
    }
  }

  const Report& report_;
  Redaction redaction_;
  Families families_;
};

}  // namespace

void write_openmetrics(const Report& report, const ReportOptions&, Sink& out) { Writer(report).write(out.text); }

}  // namespace pgrehearse
