// SPDX-License-Identifier: Apache-2.0
#include "runner/jobs.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "runner/chain.h"
#include "runner/file_table.h"

namespace pgrehearse {
namespace {

/// A server, and the way to the first migration that is left, cost about as much as so many migrations.
constexpr size_t worth_a_job = 8;

class Places : public SharedMigrations {
 public:
  Places(const MigrationSet& set, bool fail_fast) : end_(set.migrations.size() + 1), fail_fast_(fail_fast) {
    for (size_t i = 0; i < set.migrations.size(); ++i) {
      if (!set.migrations[i].context_only) left_.insert(i);
    }
  }

  bool take(size_t place) override {
    std::lock_guard lock(mutex_);
    return place < end_ && left_.erase(place) > 0;
  }
  bool any_left() const override {
    std::lock_guard lock(mutex_);
    return !left_.empty() && *left_.begin() < end_;
  }
  void failed(size_t place) override {
    std::lock_guard lock(mutex_);
    if (fail_fast_) end_ = std::min(end_, place + 1);
  }
  /// What lies there or behind it is not to be done: one before it failed.
  size_t end() const {
    std::lock_guard lock(mutex_);
    return end_;
  }

 private:
  mutable std::mutex mutex_;
  std::set<size_t> left_;
  size_t end_;
  bool fail_fast_;
};

struct Job {
  FileTable files;
  Result<Rehearsed> rehearsed = Rehearsed{};
};

class Jobs {
 public:
  Jobs(const MigrationSet& set, const RehearsalOptions& options)
      : set_(set), options_(options), end_(Clock::now() + options.total_timeout), places_(set, options.fail_fast) {
    way_.resize(set.migrations.size());
    for (size_t i = 0; i < way_.size(); ++i) way_[i] = is_on_the_way(set, options, i);
  }

  void run(size_t count) {
    jobs_.resize(count + 1);  // the last one: all of them together
    std::vector<std::thread> threads;
    for (size_t i = 0; i < count; ++i) {
      threads.emplace_back([this, i, count] {
        if (i == 0) together(jobs_[count]);
        if (i > 0 || places_.any_left()) each(jobs_[i]);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  Result<Rehearsed> result(const FileIndex& file_index) {
    Rehearsed all;
    struct Found {
      const FileTable* files;
      MigrationReport report;
    };
    std::map<size_t, Found> found;
    std::multimap<size_t, std::string> notes;
    bool any = false;
    size_t end = places_.end();
    for (Job& job : jobs_) {
      if (!job.rehearsed) {
        if (!all.stopped) all.stopped = job.rehearsed.error();
        continue;
      }
      Rehearsed& part = *job.rehearsed;
      if (part.server_version.empty()) continue;  // there was nothing left to do
      any = true;
      all.server_version = part.server_version;
      if (part.stopped && (!all.stopped || !part.migrations.empty())) all.stopped = part.stopped;
      for (size_t i = 0; i < part.migrations.size(); ++i) {
        if (part.places[i] < end) found.emplace(part.places[i], Found{&job.files, std::move(part.migrations[i])});
      }
      for (size_t i = 0; i < part.notes.size(); ++i) notes.emplace(part.note_places[i], std::move(part.notes[i]));
    }
    if (!any) return std::unexpected(*all.stopped);
    std::string reason = all.stopped ? all.stopped->message : failed_before;
    for (size_t place = 0; place <= set_.migrations.size(); ++place) {
      auto known = found.find(place);
      if (known != found.end()) {
        known->second.files->move_to(file_index, known->second.report);
        all.migrations.push_back(std::move(known->second.report));
      } else if (place < set_.migrations.size() && !set_.migrations[place].context_only) {
        all.migrations.push_back(skipped_report(set_.migrations[place], file_index, reason));
      } else {
        continue;
      }
      all.places.push_back(place);
    }
    for (auto& [place, note] : notes) {
      if (std::ranges::find(all.notes, note) != all.notes.end()) continue;
      all.notes.push_back(std::move(note));
      all.note_places.push_back(place);
    }
    return all;
  }

 private:
  RehearsalOptions options() const {
    RehearsalOptions mine = options_;
    mine.total_timeout = std::max(std::chrono::milliseconds(0),
                                  std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now()));
    return mine;
  }

  void together(Job& job) {
    if (!has_a_way(set_, options_)) return;
    MigrationSet context = set_;
    for (Migration& migration : context.migrations) migration.context_only = true;
    RehearsalOptions mine = options();
    mine.way = way_;
    job.rehearsed = rehearse(context, mine, job.files.index());
  }

  void each(Job& job) {
    RehearsalOptions mine = options();
    mine.way = std::vector<bool>(set_.migrations.size());
    mine.shared = &places_;
    job.rehearsed = rehearse(set_, mine, job.files.index());
  }

  const MigrationSet& set_;
  const RehearsalOptions& options_;
  Clock::time_point end_;
  Places places_;
  std::vector<bool> way_;
  std::vector<Job> jobs_;
};

}  // namespace

Result<Rehearsed> rehearse_with_jobs(const MigrationSet& set, const RehearsalOptions& options, int jobs,
                                     const FileIndex& file_index) {
  auto wanted = std::ranges::count(set.migrations, false, &Migration::context_only);
  size_t count = std::min(static_cast<size_t>(jobs), static_cast<size_t>(wanted) / worth_a_job);
  // A kept server holds what all of them lead to; on somebody's server they would get in each other's way.
  if (count < 2 || options.keep || !options.server.database_url.empty()) return rehearse(set, options, file_index);
  for (const Fixture& fixture : options.fixtures) (void)fixture.file->lines();  // built on first use, by one thread
  Jobs all(set, options);
  all.run(count);
  return all.result(file_index);
}

}  // namespace pgrehearse
