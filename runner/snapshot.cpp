// SPDX-License-Identifier: Apache-2.0
#include "runner/snapshot.h"

#include <algorithm>
#include <tuple>

#include "core/line_diff.h"

namespace pgrehearse {

const Snapshot::Objects& Snapshot::objects() const {
  static const Objects none;
  return objects_ ? *objects_ : none;
}

bool comes_before(const std::shared_ptr<const Snapshot::Object>& a, const std::shared_ptr<const Snapshot::Object>& b) {
  return std::tie(a->object_class, a->identity, a->definition) < std::tie(b->object_class, b->identity, b->definition);
}

bool operator==(const Snapshot& a, const Snapshot& b) {
  return a.objects_ == b.objects_ || std::ranges::equal(a.objects(), b.objects(), [](const auto& x, const auto& y) {
           return x == y ||
                  (x->object_class == y->object_class && x->identity == y->identity && x->definition == y->definition);
         });
}

namespace {

/// Calls visit(before, after) for each object that differs; one of them is null when it is on one side only.
template <class Visit>
void for_each_difference(const Snapshot& before, const Snapshot& after, Visit visit) {
  const auto& a = before.objects();
  const auto& b = after.objects();
  auto key = [](const auto& object) { return std::tie(object->object_class, object->identity); };
  for (size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    if (j == b.size() || (i < a.size() && key(a[i]) < key(b[j]))) {
      visit(a[i++].get(), nullptr);
    } else if (i == a.size() || key(b[j]) < key(a[i])) {
      visit(nullptr, b[j++].get());
    } else {
      if (a[i]->definition != b[j]->definition) visit(a[i].get(), b[j].get());
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

Unfinished unfinished(const Snapshot& before, const Snapshot& after) {
  Unfinished result;
  if (before == after) return result;
  for_each_difference(before, after, [&](const Snapshot::Object*, const Snapshot::Object* b) {
    if (!b) return;
    std::string name = std::string(b->object_class) + " " + std::string(b->identity);
    std::string_view definition = b->definition;
    if (b->object_class == "constraint" && definition.substr(0, definition.find('\n')).ends_with(" NOT VALID")) {
      result.open.push_back(std::move(name));
    } else if (b->object_class == "index" && definition.find("\ninvalid") != definition.npos) {
      (definition.find(" ON ONLY ") != definition.npos ? result.open : result.invalid).push_back(std::move(name));
    }
  });
  return result;
}

std::vector<ObjectChanges> object_changes(const Snapshot& before, const Snapshot& after) {
  std::vector<ObjectChanges> result;  // objects come sorted by their class
  if (before == after) return result;
  for_each_difference(before, after, [&](const Snapshot::Object* a, const Snapshot::Object* b) {
    std::string_view object_class = (a ? a : b)->object_class;
    if (object_class == "column order") return;  // ours, not the user's
    if (result.empty() || result.back().object_class != object_class) result.push_back({std::string(object_class)});
    ++(a && b ? result.back().changed : a ? result.back().dropped : result.back().created);
  });
  return result;
}

bool only_column_order_differs(const Snapshot& before, const Snapshot& after) {
  bool only = true;
  for_each_difference(before, after, [&](const Snapshot::Object* a, const Snapshot::Object* b) {
    if (!a || !b || a->object_class != "column order") only = false;
  });
  return only;
}

}  // namespace pgrehearse
