// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <functional>
#include <iterator>
#include <ranges>
#include <set>
#include <thread>

#include "cli/majors.h"
#include "cli/mismatch.h"
#include "cli/rehearse.h"
#include "cli/shard.h"
#include "migration/markdown.h"

namespace pgrehearse {
namespace {

/// The migrations of other shards, in their places: with all of them the report says what was not done here, and
/// `merge` knows the order.
void add_those_elsewhere(const MigrationSet& set, const MigrationSet& share, size_t first, Report& report) {
  std::vector<MigrationReport> mine(std::make_move_iterator(report.migrations.begin() + static_cast<ptrdiff_t>(first)),
                                    std::make_move_iterator(report.migrations.end()));
  report.migrations.resize(first);
  auto next = mine.begin();
  for (size_t i = 0; i < set.migrations.size(); ++i) {
    const Migration& migration = set.migrations[i];
    if (migration.context_only) continue;
    if (i < share.migrations.size() && !share.migrations[i].context_only) {
      if (next != mine.end()) report.migrations.push_back(std::move(*next++));
      continue;
    }
    MigrationReport& other = report.migrations.emplace_back();
    other.version = migration.version;
    other.name = migration.display_name();
    other.file = report.add_file(migration.up.file);
    for (int step = 0; step < step_count; ++step) {
      Outcome& outcome = other.outcomes.emplace_back();
      outcome.step = static_cast<Step>(step);
      outcome.reason = in_another_shard;
    }
  }
  report.migrations.insert(report.migrations.end(), std::make_move_iterator(next), std::make_move_iterator(mine.end()));
}

/// Rehearses the sets on one server each, the newest one or that of the given major, if it has one.
class Rehearsals {
 public:
  Rehearsals(const std::vector<ConfiguredSet>& sets, const Options& options, Report& report)
      : sets_(sets), options_(options), report_(report), status_(options.quiet) {
    if (options.shard.count > 0) {
      std::vector<const MigrationSet*> all;
      for (const auto& [set, config] : sets) all.push_back(&set);
      shares_ = share_of(all, options.shard);
    }
    for (const auto& [set, config] : sets) {
      bool any = !is_read_only(set) && std::ranges::any_of(set.migrations, wanted);
      servers_.push_back(any ? servers_of(*config, report.errors) : std::vector<MajorServer>());
    }
  }

  void run() {
    std::set<int, std::greater<>> older;
    for (size_t i = 0; i < sets_.size(); ++i) {
      if (servers_[i].empty()) continue;
      units_.push_back({i, servers_[i].front()});
      for (const MajorServer& server : servers_[i] | std::views::drop(1)) older.insert(server.major);
    }
    size_t newest = units_.size();
    for (int major : older) {
      for (size_t i = 0; i < sets_.size(); ++i) {
        for (const MajorServer& server : servers_[i] | std::views::drop(1)) {
          if (server.major == major) units_.push_back({i, server});
        }
      }
    }
    prepare();
    rehearse_units();
    for (Unit& unit : units_ | std::views::take(newest)) take(unit);
    for (auto unit = units_.begin() + static_cast<ptrdiff_t>(newest); unit != units_.end();) {
      ServerReport other;
      swap(other);  // what is added to the report goes there
      int major = unit->server.major;
      for (; unit != units_.end() && unit->server.major == major; ++unit) take(*unit);
      swap(other);
      if (!other.migrations.empty()) report_.other_servers.push_back(std::move(other));
    }
    compare_servers(report_);
  }

 private:
  /// One set on one server.
  struct Unit {
    size_t set;
    MajorServer server;
    std::optional<std::vector<bool>> way = {};
    bool needed = true;
    RehearsedSet result = {};
  };

  static bool wanted(const Migration& each) { return !each.context_only; }

  void swap(ServerReport& other) {
    std::swap(report_.server_version, other.version);
    std::swap(report_.migrations, other.migrations);
  }

  const MigrationSet& share(const Unit& unit) const {
    return shares_.empty() ? sets_[unit.set].set : shares_[unit.set];
  }
  const Config::Rehearsal& config(const Unit& unit) const { return sets_[unit.set].config->rehearse; }

  void prepare() {
    auto now = std::chrono::steady_clock::now();
    bool measured = false;
    for (Unit& unit : units_) {
      measured = measured || config(unit).probe || config(unit).max_downtime || !config(unit).queries.empty();
      jobs_ = std::max(jobs_, config(unit).jobs);
      end_ = std::max(end_, now + std::chrono::seconds(config(unit).total_timeout_seconds));
      // All of them together go down and up again in the last shard.
      bool last = options_.shard.index == options_.shard.count;
      if (!shares_.empty()) {
        unit.way.emplace();
        for (const Migration& each : sets_[unit.set].set.migrations) unit.way->push_back(last && wanted(each));
      }
      auto count = std::ranges::count_if(share(unit).migrations, wanted);
      unit.needed = last || count > 0;
      status_.expect(static_cast<size_t>(count));
    }
    if (measured) jobs_ = 1;  // others' work would be measured too
  }

  /// Sets and majors are independent of each other; what jobs are left over take apart the sets themselves.
  void rehearse_units() {
    auto several = static_cast<int>(std::min(units_.size(), static_cast<size_t>(jobs_)));
    bool given = std::ranges::any_of(units_, [&](const Unit& unit) { return !config(unit).database_url.empty(); });
    if (given) several = std::min(several, 1);  // there they would make the same roles
    std::atomic<size_t> next = 0;
    auto work = [&] {
      for (size_t i = next++; i < units_.size(); i = next++) {
        Unit& unit = units_[i];
        Sitting sitting{end_, std::max(1, jobs_ / std::max(1, several)), status_};
        if (unit.needed) unit.result = rehearse_set(share(unit), config(unit), unit.server, unit.way, sitting);
      }
    };
    std::vector<std::jthread> threads;
    for (int i = 1; i < several; ++i) threads.emplace_back(work);
    work();
    threads.clear();
    status_.clear();
  }

  void take(Unit& unit) {
    size_t before = report_.migrations.size();
    if (unit.needed) {
      take_into(report_, share(unit), std::move(unit.result), status_);
      report_mismatches(share(unit), report_);
    }
    if (!shares_.empty()) add_those_elsewhere(sets_[unit.set].set, share(unit), before, report_);
  }

  const std::vector<ConfiguredSet>& sets_;
  const Options& options_;
  Report& report_;
  std::vector<MigrationSet> shares_;
  std::vector<std::vector<MajorServer>> servers_;  ///< of each set
  std::vector<Unit> units_;                        ///< in the order of the report
  std::chrono::steady_clock::time_point end_;
  int jobs_ = 1;
  StatusLine status_;
};

}  // namespace

void rehearse_all(const std::vector<ConfiguredSet>& sets, const Options& options, Report& report) {
  Rehearsals(sets, options, report).run();
}

}  // namespace pgrehearse
