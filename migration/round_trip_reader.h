// SPDX-License-Identifier: Apache-2.0
// The three states that a round trip compares. Private to migration/round_trip*.cpp.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "migration/round_trip.h"
#include "migration/schema_data.h"

namespace pgrehearse {

/// A value before up, after up and after down; null where there was none.
template <class T>
struct Stages {
  const T* before = nullptr;
  const T* middle = nullptr;
  const T* after = nullptr;
};

/// What each key that was changed since a mark stood for then, nullptr for nothing; in one order on every machine.
template <class Key, class Value>
std::map<Key, const Value*> values_at(const LoggedMap<Key, Value>& map, size_t mark) {
  std::map<Key, const Value*> values;
  map.changed_since(mark, [&](const Key& key, const Value* value) { values.try_emplace(key, value); });
  return values;
}
/// A key that nobody changed since stands for what it stands for now.
template <class Key, class Value>
const Value* value_at(const std::map<Key, const Value*>& then, const Key& key, const Value* now) {
  auto found = then.find(key);
  return found == then.end() ? now : found->second;
}

class RoundTripReader {
 public:
  explicit RoundTripReader(const SchemaState& state);
  RoundTrip run();

 private:
  using Slot = SchemaState::Data::Slot;
  using Change = Difference::Change;
  using Aspect = Difference::Aspect;

  const RelationState* relation_before(RelationId id) const;
  const RelationState* relation_middle(RelationId id) const;
  /// What the name stood for; nullptr for an index, for nothing and for what nobody mentioned.
  Stages<RelationState> relations_called(const QualifiedName& name) const;
  std::string shown(const QualifiedName& name) const { return state_.display_name(name); }

  Difference& add(Change change, Aspect aspect, std::string what);
  /// The owner's statement: "ALTER TABLE orders ".
  std::string alter(const RelationState& relation) const;

  void compare_names();
  void compare_relation(const QualifiedName& name, const Stages<RelationState>& stages);
  void compare_types();
  void compare_functions();
  void compare_schemas();

  // One relation that is there before and after (round_trip_relation.cpp).
  void compare_contents(const Stages<RelationState>& stages);
  void compare_view(const Stages<RelationState>& stages);
  void compare_columns(const Stages<RelationState>& stages);
  void compare_column(const Stages<RelationState>& stages, const Stages<ColumnState>& columns);
  bool compare_renamed_column(const Stages<RelationState>& stages);
  void compare_constraints(const Stages<RelationState>& stages);
  void compare_indexes(const Stages<RelationState>& stages);
  void compare_attachments(const Stages<RelationState>& stages);
  // Who may do what with it (round_trip_access.cpp).
  void compare_access(const Stages<RelationState>& stages);
  void compare_policies(const Stages<RelationState>& stages);
  void compare_grants(const std::vector<GrantState>& before, const std::vector<GrantState>& after, bool complete,
                      bool remade, const std::string& what, const std::string& object);

  const SchemaState& state_;
  const SchemaState::Data& d_;
  SchemaState::Data::Mark before_, middle_;
  std::unordered_map<RelationId, const Slot*> slots_before_, slots_middle_;
  using OldNames = std::unordered_map<QualifiedName, const NameEntry*, NameHash, NameEqual>;
  OldNames names_before_, names_middle_;
  RoundTrip result_;
};

/// Whether the column is one of those that the table had before and has not after, or the other way round: what stood
/// on it came and went with it.
bool stands_on_changed_column(const std::vector<std::string>& columns, const RelationState& before,
                              const RelationState& after);
/// The expressions say the same, as far as is known.
bool same_expression(const Shared<ExpressionFacts>& a, const Shared<ExpressionFacts>& b);
std::string joined_names(const std::vector<std::string>& names);
std::string upper_case(std::string_view text);
/// 'text', quotes doubled.
std::string string_literal(std::string_view text);
/// A constant as SQL, or empty when the expression is none.
std::string constant_sql(const Shared<ExpressionFacts>& value, const ColumnType& type);

}  // namespace pgrehearse
