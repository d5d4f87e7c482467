// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <iterator>
#include <ranges>
#include <set>

#include "cli/majors.h"
#include "cli/mismatch.h"
#include "cli/rehearse.h"
#include "cli/shard.h"
#include "migration/markdown.h"

namespace pgrehearse {
namespace {

/// The migrations of other shards, in their places: with all of them the report says what was not done here, and `merge`
/// knows the order.
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
      : sets_(sets), options_(options), report_(report) {
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
      one(i, servers_[i].front());
      for (const MajorServer& server : servers_[i] | std::views::drop(1)) older.insert(server.major);
    }
    for (int major : older) {
      ServerReport other;
      swap(other);  // what is added to the report goes there
      for (size_t i = 0; i < sets_.size(); ++i) {
        for (const MajorServer& server : servers_[i] | std::views::drop(1)) {
          if (server.major == major) one(i, server);
        }
      }
      swap(other);
      if (!other.migrations.empty()) report_.other_servers.push_back(std::move(other));
    }
    compare_servers(report_);
  }

 private:
  static bool wanted(const Migration& each) { return !each.context_only; }

  void swap(ServerReport& other) {
    std::swap(report_.server_version, other.version);
    std::swap(report_.migrations, other.migrations);
  }

  void one(size_t i, const MajorServer& server) {
    const MigrationSet& set = sets_[i].set;
    const MigrationSet& share = shares_.empty() ? set : shares_[i];
    size_t before = report_.migrations.size();
    // All of them together go down and up again in the last shard.
    bool last = options_.shard.index == options_.shard.count;
    std::optional<std::vector<bool>> way;
    if (!shares_.empty()) {
      way.emplace();
      for (size_t k = 0; k < share.migrations.size(); ++k) way->push_back(last && wanted(set.migrations[k]));
    }
    if (last || std::ranges::any_of(share.migrations, wanted)) {
      rehearse_set(share, sets_[i].config->rehearse, server, std::move(way), options_.quiet, report_);
      report_mismatches(share, report_);
    }
    if (!shares_.empty()) add_those_elsewhere(set, share, before, report_);
  }

  const std::vector<ConfiguredSet>& sets_;
  const Options& options_;
  Report& report_;
  std::vector<MigrationSet> shares_;
  std::vector<std::vector<MajorServer>> servers_;  ///< of each set
};

}  // namespace

void rehearse_all(const std::vector<ConfiguredSet>& sets, const Options& options, Report& report) {
  Rehearsals(sets, options, report).run();
}

}  // namespace pgrehearse
