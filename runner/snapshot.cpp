// SPDX-License-Identifier: Apache-2.0
#include "runner/snapshot.h"

#include <algorithm>

#include "runner/line_diff.h"
#include "runner/snapshot_queries.h"

namespace pgrehearse {

struct Snapshot::Content {
  std::vector<Rows> rows;  // owns what the views show
  std::vector<Object> objects;
};

const std::vector<Snapshot::Object>& Snapshot::objects() const {
  static const std::vector<Object> none;
  return content_ ? content_->objects : none;
}

std::vector<std::string_view> Snapshot::identities(std::string_view object_class) const {
  std::vector<std::string_view> found;
  for (const Object& object : objects()) {
    if (object.object_class == object_class) found.push_back(object.identity);
  }
  return found;
}

bool operator==(const Snapshot& a, const Snapshot& b) {
  return a.content_ == b.content_ || a.objects() == b.objects();
}

Result<Snapshots> Snapshots::open(Connection& observer, std::vector<std::string>& notes) {
  Snapshots snapshots(observer);
  // The plans shall not depend on how full the catalogs happen to be, and compiling would cost more than it saves.
  for (const char* setting : {"set plan_cache_mode = force_generic_plan", "set enable_sort = on"}) {
    if (auto set = observer.run(setting); !set)
      return environment_error("could not prepare: " + set.error().one_line());
  }
  for (const SnapshotQuery& query : snapshot_queries(observer.server_version())) {
    std::string name = "snapshot" + std::to_string(snapshots.names_.size());
    auto prepared = observer.prepare(name, query.sql);
    if (!prepared && prepared.error().connection_lost) {
      return environment_error("could not read the catalogs: " + prepared.error().one_line());
    }
    auto tried = prepared ? observer.run("execute " + name) : SqlResult<Rows>(std::unexpected(prepared.error()));
    if (!tried) {
      if (tried.error().sqlstate != "42501") {
        return environment_error("could not read the " + std::string(query.object_class) +
                                 " definitions: " + tried.error().one_line());
      }
      notes.push_back("definitions of class " + std::string(query.object_class) +
                      " are not compared: " + tried.error().message);
      continue;
    }
    snapshots.names_.push_back(name);
    snapshots.classes_.push_back(query.object_class);
  }
  return snapshots;
}

Result<Snapshot> Snapshots::take() {
  // Every change of a catalog takes a transaction id; as long as none was given out, nothing has changed.
  auto now = observer_->run(observer_->server_version() >= 130000
                                ? "select pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())"
                                : "select pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())");
  if (!now) return environment_error("could not read the state of the server: " + now.error().one_line());
  std::string transaction(now->at(0, 0));
  if (last_.content_ && transaction == last_transaction_) return last_;
  auto all = observer_->run_prepared(names_);
  if (!all) return environment_error("could not read the catalogs: " + all.error().one_line());
  auto content = std::make_shared<Snapshot::Content>();
  content->rows = std::move(*all);
  size_t count = 0;
  for (const Rows& rows : content->rows) count += static_cast<size_t>(rows.size());
  content->objects.reserve(count);
  for (size_t i = 0; i < content->rows.size(); ++i) {
    const Rows& rows = content->rows[i];
    for (int row = 0; row < rows.size(); ++row) {
      content->objects.push_back({classes_[i], rows.at(row, 0), rows.at(row, 1)});
    }
  }
  std::ranges::sort(content->objects);
  last_.content_ = std::move(content);
  last_transaction_ = std::move(transaction);
  return last_;
}

namespace {

/// Calls visit(before, after) for each object that differs; one of them is null when it is on one side only.
template <class Visit>
void for_each_difference(const Snapshot& before, const Snapshot& after, Visit visit) {
  const auto& a = before.objects();
  const auto& b = after.objects();
  auto key = [](const Snapshot::Object& object) { return std::pair(object.object_class, object.identity); };
  for (size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    if (j == b.size() || (i < a.size() && key(a[i]) < key(b[j]))) {
      visit(&a[i++], nullptr);
    } else if (i == a.size() || key(b[j]) < key(a[i])) {
      visit(nullptr, &b[j++]);
    } else {
      if (a[i].definition != b[j].definition) visit(&a[i], &b[j]);
      ++i;
      ++j;
    }
  }
}

}  // namespace

std::string difference(const Snapshot& before, const Snapshot& after, std::string_view before_label,
                       std::string_view after_label) {
  if (before == after) return {};
  std::string text;
  for_each_difference(before, after, [&](const Snapshot::Object* a, const Snapshot::Object* b) {
    const Snapshot::Object& one = a ? *a : *b;
    if (text.empty()) {
      text.append("--- ").append(before_label).append("\n+++ ").append(after_label).append("\n");
    }
    text.append("@@ ").append(one.object_class).append(" ").append(one.identity).append(" @@\n");
    text += line_diff(a ? a->definition : std::string_view(), b ? b->definition : std::string_view());
  });
  return text;
}

std::string summary_of_difference(const Snapshot& before, const Snapshot& after) {
  // A new table brings columns, constraints and indexes: naming the larger thing says it all.
  constexpr size_t shown = 3;
  std::vector<std::string> left;
  std::vector<std::string> lost;
  std::vector<std::string> changed;
  for_each_difference(before, after, [&](const Snapshot::Object* a, const Snapshot::Object* b) {
    const Snapshot::Object& one = a ? *a : *b;
    if (one.object_class == "column order" && (!a || !b)) return;
    std::string name = std::string(one.object_class) + " " + std::string(one.identity);
    (a && b ? changed : a ? lost : left).push_back(std::move(name));
  });
  std::string text;
  for (auto& [what, names] :
       {std::pair<const char*, std::vector<std::string>&>{"new", left}, {"missing", lost}, {"changed", changed}}) {
    if (names.empty()) continue;
    text += (text.empty() ? "" : "; ") + std::string(what) + ": ";
    for (size_t i = 0; i < std::min(names.size(), shown); ++i) text += (i ? ", " : "") + names[i];
    if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
  }
  return text;
}

bool only_column_order_differs(const Snapshot& before, const Snapshot& after) {
  bool only = true;
  for_each_difference(before, after, [&](const Snapshot::Object* a, const Snapshot::Object* b) {
    if (!a || !b || a->object_class != "column order") only = false;
  });
  return only;
}

}  // namespace pgrehearse
