// SPDX-License-Identifier: Apache-2.0
#include "runner/query_check.h"

#include <algorithm>

#include "runner/verdict.h"

namespace pgrehearse {
namespace {

constexpr std::chrono::seconds patience_before{5};
/// What still does not end is no matter of noise.
constexpr std::chrono::seconds patience_after{15};
constexpr int looks = 3;

/// What was said of the step before stays said.
void add_complaint(Outcome& of, Policy policy, Cause cause, const std::string& reason) {
  if (of.verdict == Verdict::failed) {
    of.reason += "; " + reason;
    return;
  }
  std::string before = of.verdict == Verdict::warned ? "; " + of.reason : std::string();
  complain(of, policy, cause, reason + before);
}

std::string and_more(size_t all) { return all > 1 ? ", and " + std::to_string(all - 1) + " more" : std::string(); }

void append_lines(std::string& to, char mark, std::string_view text) {
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    (to += mark).append(text.substr(0, end)) += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

Result<void> QueryCheck::prepare(Stage& stage, const Snapshot& schema) {
  if (schema_ && *schema_ == schema) return {};
  auto session = stage.clean_session();
  if (!session) return std::unexpected(session.error());
  for (size_t i = 0; i < queries_.size(); ++i) {
    (*session)->set_deadline(Clock::now() + patience_before);
    auto prepared = (*session)->run("prepare pgrehearse_query as " + queries_[i].text);
    problems_[i] = prepared ? std::string() : prepared.error().one_line();
    if (prepared) (void)(*session)->run("deallocate pgrehearse_query");
  }
  schema_ = schema;
  return {};
}

Result<void> QueryCheck::before(Stage& stage, const Snapshot& schema) {
  broken_.clear();
  slower_.clear();
  if (auto done = prepare(stage, schema); !done) return done;
  last_ = problems_;
  known_.resize(queries_.size());
  for (size_t i = 0; i < queries_.size(); ++i) known_[i] = known_[i] || problems_[i].empty();
  return {};
}

Result<void> QueryCheck::after(Stage& stage, const Snapshot& schema, const FileIndex& file_index, Outcome& of) {
  if (auto done = prepare(stage, schema); !done) return done;
  std::vector<Broken> broken;
  for (size_t i = 0; i < queries_.size(); ++i) {
    if (last_[i].empty() && !problems_[i].empty()) broken.push_back({i, problems_[i]});
  }
  broken.insert(broken.end(), broken_.begin(), broken_.end());
  broken_ = std::move(broken);
  complain_of_broken(file_index, of);
  complain_of_slower(file_index, of);
  return {};
}

void QueryCheck::complain_of_broken(const FileIndex& file_index, Outcome& of) {
  if (broken_.empty()) return;
  const Query& first = queries_[broken_.front().query];
  bool had_place = of.verdict == Verdict::failed && of.file;
  add_complaint(of, Policy::required, Cause::breaks_queries,
                "what the release before runs fails after it: " + first.place() + ": " + broken_.front().why +
                    and_more(broken_.size()));
  if (!had_place) {
    of.file = file_index(first.file);
    of.span = first.span;
  }
  if (broken_.size() == 1) return;
  for (const Broken& one : broken_) of.difference += queries_[one.query].place() + ": " + one.why + "\n";
}

void QueryCheck::complain_of_slower(const FileIndex& file_index, Outcome& of) {
  if (slower_.empty()) return;
  const Slower& first = slower_.front();
  add_complaint(of, Policy::warn, Cause::slows_queries,
                "what the release before runs takes longer after it: " + queries_[first.query].place() + " " +
                    slowness(first.before, first.after) + and_more(slower_.size()));
  if (of.verdict != Verdict::failed) {
    of.file = file_index(queries_[first.query].file);
    of.span = queries_[first.query].span;
  }
  for (const Slower& one : slower_) {
    of.difference += "@@ " + queries_[one.query].place() + ": " + slowness(one.before, one.after) + " @@\n";
    append_lines(of.difference, '-', one.before.plan);
    append_lines(of.difference, '+', one.after.plan);
  }
}

Result<std::vector<std::optional<QueryRun>>> QueryCheck::run(Stage& stage, const std::vector<size_t>& chosen,
                                                             Clock::time_point end) {
  auto session = stage.clean_session();
  if (!session) return std::unexpected(session.error());
  std::vector<std::optional<QueryRun>> runs(chosen.size());
  for (size_t i = 0; i < chosen.size() && Clock::now() < end; ++i) {
    if (!problems_[chosen[i]].empty()) continue;
    runs[i] = run_query(**session, queries_[chosen[i]], nullptr, patience_before);
    if ((*session)->state() != Connection::State::idle) break;
  }
  return runs;
}

Result<void> QueryCheck::compare(Stage& stage, const std::vector<size_t>& chosen,
                                 const std::vector<std::optional<QueryRun>>& before, const std::string& analyze,
                                 Clock::time_point end) {
  auto session = stage.clean_session();
  if (!session) return std::unexpected(session.error());
  for (size_t i = 0; i < chosen.size() && Clock::now() < end; ++i) {
    if (!before[i] || before[i]->failed()) continue;
    const Query& query = queries_[chosen[i]];
    QueryRun after = run_query(**session, query, &before[i]->values, patience_after);
    if ((*session)->state() != Connection::State::idle) break;
    if (after.failed()) {
      // What cannot be prepared any more is found on the migration's own way, too.
      if (is_broken(after) && after.prepared) broken_.push_back({chosen[i], after.error.one_line()});
      continue;
    }
    // One slow moment of the machine, or one bad sample of the rows, proves nothing.
    for (int look = 1; look < looks && is_slower(*before[i], after, tolerance_); ++look) {
      (*session)->set_deadline(Clock::now() + patience_after);
      (void)(*session)->run(analyze);
      QueryRun again = run_query(**session, query, &before[i]->values, patience_after);
      if (again.failed()) break;
      again.milliseconds = std::min(again.milliseconds, after.milliseconds);
      if (again.cost <= after.cost)
        after = std::move(again);
      else
        after.milliseconds = again.milliseconds;
    }
    if (is_slower(*before[i], after, tolerance_)) slower_.push_back({chosen[i], *before[i], std::move(after)});
  }
  return {};
}

void QueryCheck::note_unknown(Stage& stage) const {
  size_t count = 0, first = 0;
  for (size_t i = known_.size(); i-- > 0;) {
    if (!known_[i]) ++count, first = i;
  }
  if (count == 0) return;
  stage.note(std::to_string(count) + " of " + std::to_string(queries_.size()) +
             " queries cannot be prepared before any of the migrations and were left aside, the first " +
             queries_[first].place() + ": " + last_[first]);
}

}  // namespace pgrehearse
