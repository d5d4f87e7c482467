// SPDX-License-Identifier: Apache-2.0
#include "migration/round_trip.h"

#include <algorithm>

#include "migration/round_trip_reader.h"

namespace pgrehearse {

RoundTripReader::RoundTripReader(const SchemaState& state) : state_(state), d_(*state.data_) {
  before_ = d_.checkpoints[d_.checkpoints.size() - 2].mark;
  middle_ = d_.checkpoints.back().mark;
  for (size_t i = before_.slots; i < d_.slot_log.size(); ++i) {
    const auto& [id, slot] = d_.slot_log[i];
    slots_before_.try_emplace(id, &slot);
    if (i >= middle_.slots) slots_middle_.try_emplace(id, &slot);
  }
  auto into = [](OldNames& names) {
    return [&names](const QualifiedName& name, const NameEntry* entry) { names.try_emplace(name, entry); };
  };
  d_.names.changed_since(before_.names, into(names_before_));
  d_.names.changed_since(middle_.names, into(names_middle_));
}

RoundTrip round_trip(const SchemaState& state) { return RoundTripReader(state).run(); }

RoundTrip RoundTripReader::run() {
  compare_schemas();
  compare_types();
  compare_functions();
  compare_names();
  return std::move(result_);
}

const RelationState* RoundTripReader::relation_before(RelationId id) const {
  auto found = slots_before_.find(id);
  return found != slots_before_.end() ? found->second->relation.get() : d_.get(id);
}

const RelationState* RoundTripReader::relation_middle(RelationId id) const {
  auto found = slots_middle_.find(id);
  return found != slots_middle_.end() ? found->second->relation.get() : d_.get(id);
}

Stages<RelationState> RoundTripReader::relations_called(const QualifiedName& name) const {
  const NameEntry* now = d_.names.find(name);
  auto entry = [&](const OldNames& names) {
    auto found = names.find(name);
    return found != names.end() ? found->second : now;
  };
  auto is_relation = [](const NameEntry* found) { return found && found->id != 0 && found->table == 0; };
  Stages<RelationState> stages;
  if (auto* found = entry(names_before_); is_relation(found)) stages.before = relation_before(found->id);
  if (auto* found = entry(names_middle_); is_relation(found)) stages.middle = relation_middle(found->id);
  if (is_relation(now)) stages.after = d_.get(now->id);
  return stages;
}

Difference& RoundTripReader::add(Change change, Aspect aspect, std::string what) {
  Difference& difference = result_.differences.emplace_back();
  difference.change = change;
  difference.aspect = aspect;
  difference.what = std::move(what);
  return difference;
}

namespace {

std::string_view word(RelationKind kind) {
  switch (kind) {
    case RelationKind::view: return "view";
    case RelationKind::materialized_view: return "materialized view";
    case RelationKind::sequence: return "sequence";
    case RelationKind::foreign_table: return "foreign table";
    case RelationKind::composite_type: return "type";
    default: return "table";
  }
}

}  // namespace

std::string RoundTripReader::alter(const RelationState& relation) const {
  return "ALTER " + upper_case(word(relation.kind)) + " " + shown(relation.name) + " ";
}

/// Every name that a relation has now or had before, of those that the two parts touched.
void RoundTripReader::compare_names() {
  std::set<QualifiedName> names;
  for (const auto& [name, entry] : names_before_) names.insert(name);
  for (const auto& [id, slot] : slots_before_) {
    if (slot->relation) names.insert(slot->relation->name);
    if (auto* now = d_.get(id)) names.insert(now->name);
  }
  for (const QualifiedName& name : names) {
    if (name.schema != "pg_temp") compare_relation(name, relations_called(name));
  }
}

void RoundTripReader::compare_relation(const QualifiedName& name, const Stages<RelationState>& stages) {
  auto [before, middle, after] = stages;
  const RelationState* known = before ? before : after;
  if (!known && middle && !middle->complete && !middle->created_in && !middle->uncertain) {
    // Up needs it, so it was there, and the name means nothing now.
    Difference& gone = add(Change::taken_away, Aspect::existence, std::string(word(middle->kind)) + " " + shown(name));
    gone.name = name.name;
    return;
  }
  if (!known || (before && before->uncertain) || (after && after->uncertain)) return;
  std::string kind(word(known->kind));
  std::string what = kind + " " + shown(name);
  bool owned = known->kind == RelationKind::sequence && known->owner_table != 0;
  if (before && after) {
    // What only was mentioned before and is said to be a view now is the same thing.
    bool same_kind =
        before->kind == after->kind || before->kind == RelationKind::unknown || after->kind == RelationKind::unknown;
    if (same_kind) compare_contents(stages);
    return;
  }
  if (owned) return;  // comes and goes with its column
  if (!before) {
    // A name that an old relation has now: told once, under its old name.
    const RelationState* same = relation_before(after->id);
    if (same) return;
    bool made =
        after->created_in == d_.migration || (middle && middle->kind == RelationKind::view && !middle->created_in);
    if (!made || after->kind == RelationKind::unknown || after->persistence == Persistence::temporary) {
      // Known from mentions only, by this migration for the first time: nothing tells how it was before.
      if (!after->complete && !after->created_in) compare_contents(stages);
      return;
    }
    if (after->kind == RelationKind::table || after->kind == RelationKind::partitioned_table) {
      // A table that both parts make: nobody asked down to drop it.
      if (!middle) return;
    }
    Difference& left = add(Change::left_behind, Aspect::existence, what);
    left.kind = OBJECT_TABLE;
    left.name = name.name;
    left.inverse = "DROP " + upper_case(kind) + " " + shown(name) + ";";
    return;
  }
  if (const RelationState* moved = d_.get(before->id); moved && moved->name != name) {
    if (moved->uncertain) return;
    Difference& renamed = add(Change::altered, Aspect::name, what);
    renamed.after = "called " + shown(moved->name);
    renamed.name = name.name;
    bool schema = moved->name.schema != name.schema;
    if (!schema || moved->name.name == name.name) {
      renamed.inverse =
          "ALTER " + upper_case(kind) + " " + shown(moved->name) +
          (schema ? " SET SCHEMA " + quote_identifier(name.schema) : " RENAME TO " + quote_identifier(name.name)) + ";";
    }
    return compare_contents({before, relation_middle(before->id), moved});
  }
  if (before->kind == RelationKind::unknown && !before->complete && !middle) return;
  Difference& gone = add(middle ? Change::taken_away : Change::not_restored, Aspect::existence, what);
  gone.name = name.name;
}

void RoundTripReader::compare_schemas() {
  auto middle_schemas = values_at(d_.schemas, middle_.schemas);
  for (const auto& [name, before] : values_at(d_.schemas, before_.schemas)) {
    const bool* now = d_.schemas.find(name);
    const bool* middle = value_at(middle_schemas, name, now);
    bool there = now && *now;
    if ((before && *before) == there) continue;
    Change change = there ? Change::left_behind : middle && *middle ? Change::taken_away : Change::not_restored;
    Difference& difference = add(change, Aspect::existence, "schema " + quote_identifier(name));
    difference.kind = OBJECT_SCHEMA;
    difference.name = name;
    difference.inverse = (there ? "DROP SCHEMA " : "CREATE SCHEMA ") + quote_identifier(name) + ";";
  }
  // An extension that up makes may have been there for others; one that was there is none of down's business.
  auto middle_extensions = values_at(d_.extensions, middle_.extensions);
  for (const auto& [name, before] : values_at(d_.extensions, before_.extensions)) {
    const bool* now = d_.extensions.find(name);
    const bool* middle = value_at(middle_extensions, name, now);
    if (!before || !*before || (now && *now)) continue;
    bool taken = middle && *middle;
    Difference& gone = add(taken ? Change::taken_away : Change::not_restored, Aspect::existence,
                           "extension " + quote_identifier(name));
    gone.kind = OBJECT_EXTENSION;
    gone.name = name;
    if (!taken) gone.inverse = "CREATE EXTENSION " + quote_identifier(name) + ";";
  }
}

}  // namespace pgrehearse
