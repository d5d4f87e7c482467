// SPDX-License-Identifier: Apache-2.0
#include "rules/support/round_trip.h"

#include <unordered_set>

#include "rules/support/parts.h"
#include "sql/script.h"

namespace pgrehearse {

namespace {

using Names = std::unordered_set<std::string>;

/// What down parts of migrations so far have left behind.
Names& left_by_earlier(Context& context) {
  static const char key = 0;
  std::shared_ptr<void>& kept = context.kept(&key);
  if (!kept) kept = std::make_shared<Names>();
  return *static_cast<Names*>(kept.get());
}

}  // namespace

bool can_judge(const RoundTrip& trip, Context& context) {
  const Migration& migration = context.migration();
  for (const Difference& difference : trip.differences) {
    if (difference.change == Difference::Change::left_behind) left_by_earlier(context).insert(difference.what);
  }
  if (migration.up.irreversible || migration.down->irreversible) return false;
  if (trip.differences.empty() && trip.lost.empty() && trip.up.erased.empty()) return false;
  return !is_empty(*migration.down) || only_edits_rows(migration.up);  // of another empty one a rule of its own tells
}

RoundTripTopic topic_of(const Difference& difference) {
  using Aspect = Difference::Aspect;
  bool dropped = difference.change == Difference::Change::not_restored;
  if (difference.change == Difference::Change::taken_away) return RoundTripTopic::too_much;
  if (difference.aspect == Aspect::labels && difference.inverse.empty() && !difference.after.empty()) {
    return RoundTripTopic::irreversible;
  }
  if (difference.aspect == Aspect::body) return RoundTripTopic::previous_body;
  bool guards = difference.aspect == Aspect::protection || difference.aspect == Aspect::comment;
  bool kept = difference.change == Difference::Change::left_behind;
  return difference.remade && guards && (dropped || !kept) ? RoundTripTopic::protection
                                                           : RoundTripTopic::missing_inverse;
}

std::vector<const Difference*> differences(const RoundTrip& trip, RoundTripTopic topic, Context& context) {
  std::vector<const Difference*> result;
  constexpr size_t most = 20;  // the rest is seen once these are mended
  if (trip.down.unclear && topic != RoundTripTopic::too_much) return result;
  for (const Difference& difference : trip.differences) {
    if (topic_of(difference) != topic || result.size() == most) continue;
    bool failed = difference.change == Difference::Change::left_behind && !difference.name.empty() &&
                  context.dropped_earlier(difference.kind, difference.name, difference.table);
    // One change in several migrations: the one whose down part leaves it was told of.
    bool late = topic == RoundTripTopic::too_much && left_by_earlier(context).contains(difference.what);
    if (!failed && !late) result.push_back(&difference);
  }
  return result;
}

std::string sentence_about(const Difference& difference) {
  const std::string& what = difference.what;
  switch (difference.change) {
    case Difference::Change::left_behind:
      if (difference.by_down) return "the down part makes " + what + ", which was not there before the migration";
      return "the down part leaves " + what + ", which the up part makes";
    case Difference::Change::not_restored:
      return "the down part does not bring back " + what + ", which the up part drops";
    case Difference::Change::taken_away:
      return "the down part drops " + what + ", which was there before the migration";
    case Difference::Change::altered: break;
  }
  if (difference.aspect == Difference::Aspect::name) return "the down part leaves " + what + " " + difference.after;
  std::string text = difference.by_down ? "the down part does not make " + what + " what it was before the migration"
                                        : "the down part does not change " + what + " back";
  if (!difference.before.empty() && !difference.after.empty()) {
    text += ": it was " + difference.before + " and is " + difference.after;
  }
  return text;
}

namespace {

/// Before the first statement, or behind the last one when it needs what the others make.
std::optional<Edit> insertion(const Part& part, const Difference& difference) {
  if (part.expansion) return std::nullopt;
  Script script(part.file, part.section);
  if (script.statements().empty()) return std::nullopt;
  if (difference.change == Difference::Change::left_behind && !difference.by_down) {
    uint32_t at = script.statements().front().span.begin;
    return Edit{{at, at}, difference.inverse + "\n"};
  }
  const StatementSpan& last = script.statements().back();
  if (last.copy_from_stdin || last.ended_by_command) return std::nullopt;
  uint32_t at = last.span.end;
  std::string_view text = script.text();
  bool ended = at < text.size() && text[at] == ';';
  if (ended) ++at;
  return Edit{{at, at}, (ended ? "\n" : ";\n") + difference.inverse};
}

}  // namespace

Finding& report_difference(Context& context, const Difference& difference, std::string message) {
  const Part& down = *context.migration().down;
  auto& finding = context.report_in(down.file, head_of(down), std::move(message));
  if (difference.inverse.empty()) return finding;
  finding.help = "Add to the down part: " + difference.inverse;
  if (auto edit = insertion(down, difference)) {
    finding.fix = Fix{"Add the statement that takes it back", Fix::Safety::unsafe, {std::move(*edit)}};
  }
  return finding;
}

}  // namespace pgrehearse
