// SPDX-License-Identifier: Apache-2.0
#include "rules/support/cascade.h"

#include <algorithm>

#include "rules/support/alter_table.h"
#include "rules/support/created_objects.h"
#include "sql/edit.h"

namespace pgrehearse {
namespace {

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

class Gatherer {
 public:
  Gatherer(const Statement& statement, Context& context)
      : statement_(statement), context_(context), state_(context.state()) {}

  TakenAlong run() {
    if (auto* drop = statement_.as<DropStmt>()) {
      of_drop(*drop);
    } else {
      for (const Command& command : commands_on_used_table(statement_, context_, AT_DropColumn)) {
        if (command.node->behavior == DROP_CASCADE) of_column(command);
      }
      for (const Command& command : commands_on_used_table(statement_, context_, AT_DropConstraint)) {
        if (command.node->behavior == DROP_CASCADE) of_constraint(command);
      }
    }
    return std::move(taken_);
  }

 private:
  void of_drop(const DropStmt& drop) {
    switch (drop.removeType) {
      case OBJECT_TABLE:
      case OBJECT_VIEW:
      case OBJECT_MATVIEW:
      case OBJECT_SEQUENCE:
      case OBJECT_FOREIGN_TABLE: return of_relations(drop);
      case OBJECT_TYPE:
      case OBJECT_DOMAIN:
        for (const TypeName& type : each<TypeName>(drop.objects)) of_type(type);
        return;
      case OBJECT_FUNCTION:
      case OBJECT_PROCEDURE:
      case OBJECT_ROUTINE:
        for (const ObjectWithArgs& function : each<ObjectWithArgs>(drop.objects)) of_function(function);
        return;
      case OBJECT_EXTENSION:
        for (const Node& name : each<Node>(drop.objects)) {
          if (state_.extension_exists(string_value(&name)) == Known::no) continue;
          taken_.unknown.push_back("the extension " + quote_identifier(string_value(&name)));
        }
        return;
      default: return;
    }
  }

  void of_relations(const DropStmt& drop) {
    std::vector<const RelationState*> gone;
    for (const List& names : each<List>(drop.objects)) {
      QualifiedName name = qualified_name(&names);
      if (name.schema == "pg_temp" || !context_.existed_before(name) || state_.exists(name) == Known::no) continue;
      auto* known = state_.find(name);
      if (!known || !known->complete) taken_.unknown.push_back(state_.display_name(state_.resolve(name)));
      if (known) gone.push_back(known);
    }
    size_t named = gone.size();
    for (size_t i = 0; i < gone.size(); ++i) {
      if (i >= named) add_relation(*gone[i]);
      add_foreign_keys(gone, *gone[i]);
      if (gone[i]->kind == RelationKind::sequence) add_defaults(gone[i]->id);
      for (const RelationState* reader : state_.readers(gone[i]->id)) add_once(gone, reader);
      for (const RelationState* child : state_.children(gone[i]->id)) {
        if (!child->is_partition()) add_once(gone, child);
      }
    }
    for (const RelationState* relation : gone) {
      for (const auto& [table, policy] : state_.policies_reading(relation->id)) {
        if (std::ranges::find(gone, table) == gone.end()) add_policy(*table, *policy);
      }
    }
  }

  static void add_once(std::vector<const RelationState*>& list, const RelationState* relation) {
    if (std::ranges::find(list, relation) == list.end()) list.push_back(relation);
  }

  void add_relation(const RelationState& relation) {
    if (!state_.existed_before(relation)) return;
    bool is_view = relation.kind == RelationKind::view || relation.kind == RelationKind::materialized_view;
    if (created_later(statement_, context_, OBJECT_VIEW, relation.name.name)) return;
    taken_.objects.push_back((is_view ? "the view " : "the table ") + state_.display_name(relation));
  }

  void add_foreign_keys(const std::vector<const RelationState*>& gone, const RelationState& relation) {
    for (const auto& [table, constraint] : state_.references_to(relation.id)) {
      if (std::ranges::find(gone, table) == gone.end()) add_foreign_key(*table, *constraint);
    }
  }

  void add_foreign_key(const RelationState& table, const ConstraintState& constraint) {
    if (!state_.existed_before(table) || table.is_partition()) return;
    if (created_later(statement_, context_, OBJECT_TABCONSTRAINT, constraint.name, table.name.name)) return;
    taken_.objects.push_back("the foreign key " + quote_identifier(constraint.name) + " of " +
                             state_.display_name(table));
  }

  void add_defaults(RelationId sequence) {
    for (const RelationState* table : state_.all_relations()) {
      for (const ColumnState& column : table->columns) {
        if (column.default_sequence != sequence || column.sequence == sequence) continue;
        taken_.objects.push_back("the default of " + shown(*table, column.name));
      }
    }
  }

  std::string shown(const RelationState& table, std::string_view column) const {
    return state_.display_name(table) + "." + quote_identifier(column);
  }

  void of_type(const TypeName& written) {
    QualifiedName name = qualified_name(written.names);
    auto* type = state_.type(name);
    if (state_.type_exists(name) == Known::no || (type && type->created_in == state_.migration())) return;
    if (!type) taken_.unknown.push_back("the type " + display_name(name));
    for (const auto& [table, column] : state_.uses_of(type ? type->name : name)) {
      if (state_.existed_before(*table))
        taken_.objects.push_back("the column " + shown(*table, column->name) + " with its data");
    }
  }

  void of_function(const ObjectWithArgs& object) {
    QualifiedName name = state_.resolve_function(qualified_name(object.objname));
    auto overloads = state_.functions(name);
    auto is_new = [&](const FunctionState* function) { return function->created_in == state_.migration(); };
    if (!overloads.empty() && std::ranges::all_of(overloads, is_new)) return;
    size_t before = taken_.policies.size() + taken_.objects.size();
    if (overloads.size() < 2) {
      for (const RelationState* table : state_.callers(name.name)) add_uses(*table, name);
    }
    bool found = taken_.policies.size() + taken_.objects.size() > before;
    if (overloads.empty() && !found) taken_.unknown.push_back(display_name(qualified_name(object.objname)));
  }

  void add_uses(const RelationState& table, const QualifiedName& function) {
    if (!state_.existed_before(table)) return;
    auto calls = [&](const std::vector<QualifiedName>& functions) {
      return std::ranges::any_of(functions, [&](const QualifiedName& called) {
        return called.name == function.name && state_.resolve_function(called) == function;
      });
    };
    for (const TriggerState& trigger : table.triggers) {
      if (trigger.cloned || !calls({trigger.function})) continue;
      if (created_later(statement_, context_, OBJECT_TRIGGER, trigger.name, table.name.name)) continue;
      taken_.objects.push_back("the trigger " + quote_identifier(trigger.name) + " of " + state_.display_name(table));
    }
    for (const PolicyState& policy : table.policies) {
      if (calls(policy.functions)) add_policy(table, policy);
    }
    for (const ColumnState& column : table.columns) {
      if (column.generation && calls(column.generation->functions)) {
        taken_.objects.push_back("the generated column " + shown(table, column.name));
      }
      if (column.default_value && calls(column.default_value->functions)) {
        taken_.objects.push_back("the default of " + shown(table, column.name));
      }
    }
    for (const ConstraintState& constraint : table.constraints) {
      if (!constraint.check || !calls(constraint.check->functions)) continue;
      taken_.objects.push_back("the constraint " + quote_identifier(constraint.name) + " of " +
                               state_.display_name(table));
    }
  }

  void of_column(const Command& command) {
    QualifiedName name = qualified_name(*command.table->relation);
    std::string_view column = view(command.node->name);
    auto* table = state_.find(name);
    if (state_.has_column(name, column) == Known::no) return;
    if (!table || !table->complete)
      taken_.unknown.push_back(shown_name(context_, *command.table->relation) + "." + quote_identifier(column));
    if (!table) return;
    std::vector<const RelationState*> views;
    for (const RelationState* reader : state_.readers(table->id)) {
      auto is_it = [&](const auto& read) { return read.first == table->id && read.second == column; };
      if (std::ranges::any_of(reader->reads_columns, is_it)) views.push_back(reader);
    }
    for (size_t i = 0; i < views.size(); ++i) {
      add_relation(*views[i]);
      for (const RelationState* reader : state_.readers(views[i]->id)) add_once(views, reader);
    }
    for (const auto& [other, constraint] : state_.references_to(table->id)) {
      if (other != table && has(constraint->referenced_columns, column)) add_foreign_key(*other, *constraint);
    }
    for (const ColumnState& other : table->columns) {
      if (!other.generation || !has(other.generation->columns, column) || is_dropped_too(other.name)) continue;
      taken_.objects.push_back("the generated column " + shown(*table, other.name));
    }
    for (const PolicyState& policy : table->policies) {
      if (has(policy.columns, column)) add_policy(*table, policy);
    }
  }

  bool is_dropped_too(std::string_view column) const {
    auto dropped = commands(statement_, AT_DropColumn);
    return std::ranges::any_of(dropped, [&](const Command& other) { return view(other.node->name) == column; });
  }

  void of_constraint(const Command& command) {
    auto* table = state_.find(*command.table->relation);
    std::string_view name = view(command.node->name);
    auto* constraint = table ? table->constraint(name) : nullptr;
    if (!constraint) {
      if (!table || !table->complete) taken_.unknown.push_back("the constraint " + quote_identifier(name));
      return;
    }
    if (constraint->kind != ConstraintKind::primary_key && constraint->kind != ConstraintKind::unique) return;
    for (const auto& [other, key] : state_.references_to(table->id)) {
      if (key->referenced_columns == constraint->columns) add_foreign_key(*other, *key);
    }
  }

  void add_policy(const RelationState& table, const PolicyState& policy) {
    if (!state_.existed_before(table)) return;
    if (created_later(statement_, context_, OBJECT_POLICY, policy.name, table.name.name)) return;
    auto same = [&](const TakenAlong::Policy& other) { return other.policy == &policy; };
    if (std::ranges::none_of(taken_.policies, same)) {
      taken_.policies.push_back({state_.display_name(table), table.name, &policy});
    }
  }

  const Statement& statement_;
  Context& context_;
  const SchemaState& state_;
  TakenAlong taken_;
};

}  // namespace

TakenAlong taken_along(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropStmt>();
  if (drop && drop->behavior != DROP_CASCADE) return {};
  return Gatherer(statement, context).run();
}

std::string listed(const std::vector<std::string>& names) {
  constexpr size_t most = 4;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), most); ++i) {
    bool last = i + 1 == names.size();
    text += (i == 0 ? "" : last ? " and " : ", ") + names[i];
  }
  if (names.size() > most) text += " and " + std::to_string(names.size() - most) + " more";
  return text;
}

Span cascade_span(const Statement& statement) { return find_keywords(statement, {"cascade"}).value_or(statement.span); }

}  // namespace pgrehearse
