// SPDX-License-Identifier: Apache-2.0
#include "runner/measurement.h"

#include <algorithm>

#include "migration/expansion.h"
#include "runner/named_tables.h"
#include "runner/population.h"
#include "runner/probes.h"
#include "runner/row_lessons.h"
#include "runner/verdict.h"
#include "runner/wait_cause.h"

namespace pgrehearse {
namespace {

/// More would not be asked often enough.
constexpr size_t most_tables = 20;
/// Each but the last teaches what rows the migration takes.
constexpr int most_attempts = 8;

class Measuring {
 public:
  Measuring(Stage& stage, const Migration& migration, const RehearsalOptions& options, const ApplyLimits& limits,
            QueryCheck& queries, const FileIndex& file_index)
      : stage_(stage),
        migration_(migration),
        options_(options),
        limits_(limits),
        queries_(queries),
        file_index_(file_index) {}

  Result<Measurement> run() {
    if (auto found = find_tables(); !found) return std::unexpected(found.error());
    if (tables_.empty()) {
      if (probing()) result_.waits.emplace();  // there is nothing that anybody could wait for
      return std::move(result_);
    }
    if (!probing() && chosen_.empty()) return std::move(result_);
    std::vector<const Part*> parts{&migration_.up};
    if (migration_.down) parts.push_back(&*migration_.down);
    if (!stage_.can_begin_anew(parts)) {
      return not_measured("roles and the like cannot be taken back on a given server");
    }
    result_.changed_state = true;
    std::unique_ptr<Probes> probes;
    std::vector<Wait> waits;
    std::vector<std::optional<QueryRun>> before;
    for (int attempt = 1;; ++attempt) {
      auto filled = fill();
      if (!filled) return std::unexpected(filled.error());
      if (!filled->empty()) return not_measured(*filled);
      if (probing()) {
        auto opened = Probes::open(stage_.server(), tables_);
        if (!opened) return not_measured(opened.error().message);
        probes = std::move(*opened);
      }
      auto runs = queries_.run(stage_, chosen_, limits_.end);
      if (!runs) return std::unexpected(runs.error());
      before = std::move(*runs);
      auto ran = part(migration_.up, Step::apply, probes.get(), waits);
      if (!ran) return std::unexpected(ran.error());
      if (ran->succeeded) break;
      bool again = attempt < most_attempts && options_.fixtures.empty() && lessons_.learn(ran->error);
      if (!again) return not_measured(ran->error.one_line());
      probes.reset();
      if (auto restored = stage_.restore(start_); !restored) return std::unexpected(restored.error());
    }
    if (!chosen_.empty()) {
      (void)vacuum("analyze");
      if (auto done = queries_.compare(stage_, chosen_, before, "analyze", limits_.end); !done)
        return std::unexpected(done.error());
    }
    if (probes && migration_.down && !migration_.down->irreversible && options_.rollback != Policy::off) {
      auto ran = part(*migration_.down, Step::rollback, probes.get(), waits);
      if (!ran) return std::unexpected(ran.error());
      if (!ran->succeeded)
        note("the roll back of " + migration_.display_name() + " was not measured: " + ran->error.one_line());
    }
    if (probes) {
      for (const std::string& line : probes->refused()) note("not probed: " + line);
      result_.waits = worst_first(std::move(waits));
    }
    return std::move(result_);
  }

 private:
  bool probing() const { return options_.probe || options_.max_downtime; }
  void note(std::string line) { stage_.note(std::move(line)); }

  Measurement not_measured(const std::string& why) {
    note(migration_.display_name() + " was not measured on tables with rows: " + why);
    return std::move(result_);
  }

  /// Also which queries have to do with them.
  Result<void> find_tables() {
    Script script = script_of(migration_.up);
    std::optional<Script> down;
    std::vector<std::string_view> texts{script.text()};
    if (migration_.down) texts.push_back(down.emplace(script_of(*migration_.down)).text());
    auto tables = tables_to_probe(stage_.observer(), texts);
    if (!tables) return std::unexpected(tables.error());
    tables_ = std::move(*tables);
    std::vector<std::string_view> of_queries;
    for (size_t i = 0; i < queries_.queries().size(); ++i) {
      std::string_view text = queries_.queries()[i].text;
      auto words = words_in({text});
      bool about = std::ranges::any_of(
          tables_, [&](const ProbedTable& table) { return table.named && words.contains(bare_name(table.name)); });
      if (!about) continue;
      chosen_.push_back(i);
      of_queries.push_back(text);
    }
    for (const ProbedTable& table : tables_) {
      if (table.named) filled_.push_back(table.name);
    }
    auto more = tables_to_probe(stage_.observer(), of_queries);
    if (!more) return std::unexpected(more.error());
    for (const ProbedTable& table : *more) {
      if (table.named && std::ranges::find(filled_, table.name) == filled_.end()) filled_.push_back(table.name);
    }
    if (tables_.size() > most_tables) {
      if (probing()) {
        note("of the " + std::to_string(tables_.size()) + " tables that " + migration_.display_name() +
             " may lock the first " + std::to_string(most_tables) + " were probed");
      }
      tables_.resize(most_tables);
    }
    return {};
  }

  /// Empty when the rows are there and committed, else why not.
  Result<std::string> fill() {
    auto first = stage_.clean_session();
    if (!first) return std::unexpected(first.error());
    Connection& session = **first;
    session.set_deadline(limits_.end);
    auto shapes = read_table_shapes(stage_.observer(), session.parameter("session_authorization"), filled_);
    if (!shapes) return std::unexpected(shapes.error());
    lessons_.apply(*shapes);
    auto failed = [](const SqlError& error) { return error.one_line(); };
    if (auto begun = session.run("begin"); !begun) return failed(begun.error());
    if (!options_.fixtures.empty()) {
      std::vector<std::string> notes;
      if (auto loaded = load_fixtures(session, options_.fixtures, notes); !loaded) return failed(loaded.error());
      for (std::string& line : notes) note(std::move(line));
    } else if (options_.rows > 0) {
      auto populated = populate(session, *shapes, options_.rows, false);
      if (!populated) return failed(populated.error());
      for (const std::string& line : populated->not_filled) note("no rows were generated for " + line);
    }
    if (auto committed = session.run("commit"); !committed) return failed(committed.error());
    return vacuum("vacuum (analyze)");
  }

  /// As a table is in production: its visible rows known, its statistics there. Empty when that went well.
  std::string vacuum(const std::string& verb) {
    auto session = stage_.clean_session();
    if (!session) return session.error().message;
    (*session)->set_deadline(limits_.end);
    // Each by itself: the migration may have dropped one.
    for (const std::string& name : filled_) {
      auto ran = (*session)->run(verb + " " + name);
      if (!ran && ran.error().connection_lost) return ran.error().one_line();
    }
    return {};
  }

  Result<Applied> part(const Part& part, Step step, Probes* probes, std::vector<Wait>& waits) {
    if (probes) probes->start();
    auto applied = stage_.apply(part, limits_, true);
    auto waited = probes ? probes->stop() : std::vector<Probes::Wait>();
    if (!applied) return std::unexpected(applied.error());
    (void)stage_.leftovers();  // ends a transaction that it left open
    if (!applied->succeeded) return applied;
    for (const Probes::Wait& wait : waited) {
      Wait& one = waits.emplace_back();
      one.table = tables_[wait.table].shown;
      one.write = wait.write;
      one.seconds = std::chrono::duration<double>(wait.end - wait.begin).count();
      one.step = step;
      Span span = cause_of(wait, tables_[wait.table], *applied, part);
      Expansion::Place place =
          part.expansion ? part.expansion->place_of(span) : Expansion::Place{part.file, span, true};
      one.file = file_index_(place.file);
      one.span = place.span;
    }
    return applied;
  }

  /// Of each table, operation and step the longest.
  static std::vector<Wait> worst_first(std::vector<Wait> waits) {
    std::ranges::stable_sort(waits, std::greater(), &Wait::seconds);
    std::vector<Wait> worst;
    for (Wait& wait : waits) {
      bool known = std::ranges::any_of(worst, [&](const Wait& other) {
        return other.table == wait.table && other.write == wait.write && other.step == wait.step;
      });
      if (!known) worst.push_back(std::move(wait));
    }
    return worst;
  }

  Stage& stage_;
  const Migration& migration_;
  const RehearsalOptions& options_;
  const ApplyLimits& limits_;
  QueryCheck& queries_;
  const FileIndex& file_index_;
  size_t start_ = stage_.mark();
  RowLessons lessons_;
  std::vector<ProbedTable> tables_;
  std::vector<std::string> filled_;
  std::vector<size_t> chosen_;  ///< of the queries
  Measurement result_;
};

}  // namespace

Result<Measurement> measure(Stage& stage, const Migration& migration, const RehearsalOptions& options,
                            const ApplyLimits& limits, QueryCheck& queries, const FileIndex& file_index) {
  return Measuring(stage, migration, options, limits, queries, file_index).run();
}

void complain_of_waits(Outcome& of, const std::vector<Wait>& waits, Policy policy, const RehearsalOptions& options) {
  if (!options.max_downtime || of.verdict == Verdict::failed || of.verdict == Verdict::skipped) return;
  auto worst = std::ranges::find(waits, of.step, &Wait::step);
  if (worst == waits.end()) return;
  auto milliseconds = static_cast<long long>(worst->seconds * 1000);
  if (milliseconds <= options.max_downtime->count()) return;
  std::string before = of.verdict == Verdict::warned ? "; " + of.reason : std::string();
  complain(of, policy, Cause::blocks_others,
           (worst->write ? "writes to " : "reads of ") + worst->table + " waited " + std::to_string(milliseconds) +
               " ms for it, more than " + std::to_string(options.max_downtime->count()) + " ms" + before);
  of.file = worst->file;
  of.span = worst->span;
}

}  // namespace pgrehearse
