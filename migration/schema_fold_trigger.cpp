// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {
namespace {

/// pg_trigger.tgtype, which CreateTrigStmt uses for timing and events.
constexpr int type_before = 1 << 1, type_insert = 1 << 2, type_delete = 1 << 3, type_update = 1 << 4,
              type_truncate = 1 << 5;

}  // namespace

void Folder::create_trigger(const CreateTrigStmt& statement) {
  RelationId table = mention(statement.relation);
  if (!d_.get(table)) return;
  TriggerState trigger;
  trigger.name = view(statement.trigname);
  trigger.function = qualified_name(statement.funcname);
  // The search_path of now says which one it runs from here on.
  if (!state_.functions(trigger.function).empty()) trigger.function = state_.resolve_function(trigger.function);
  trigger.columns = names_of(statement.columns);
  if (statement.whenClause) {
    for (auto& column : expression_facts(statement.whenClause).columns) trigger.columns.push_back(std::move(column));
  }
  trigger.row = statement.row;
  trigger.before = (statement.timing & type_before) != 0;
  trigger.on_insert = (statement.events & type_insert) != 0;
  trigger.on_update = (statement.events & type_update) != 0;
  trigger.on_delete = (statement.events & type_delete) != 0;
  trigger.on_truncate = (statement.events & type_truncate) != 0;
  trigger.constraint = statement.isconstraint;
  auto put = [&](RelationState& relation) {
    d_.note_call(relation.id, trigger.function.name);
    auto same = std::ranges::find(relation.triggers, trigger.name, &TriggerState::name);
    if (same == relation.triggers.end()) {
      relation.triggers.push_back(trigger);
    } else if (statement.replace) {
      *same = trigger;
    }
  };
  put(*d_.mutate(table));
  if (!trigger.row || d_.links_to(table).empty()) return;
  trigger.cloned = true;
  for (const RelationState* relation : state_.descendants(table)) {
    if (relation->id != table && relation->is_partition()) put(*d_.mutate(relation->id));
  }
}

namespace {

void read_expressions(PolicyState& policy, const Node* using_clause, const Node* with_check, const List* roles) {
  auto is_true = [](const Node* expression) {
    ExpressionFacts facts = expression_facts(expression);
    return facts.is_constant && (facts.constant == "true" || facts.constant == "t");
  };
  if (using_clause) {
    policy.has_using = true;
    policy.using_true = is_true(using_clause);
  }
  if (with_check) {
    policy.has_check = true;
    policy.check_true = is_true(with_check);
  }
  if (roles) {
    policy.roles.clear();
    for (const RoleSpec& role : each<RoleSpec>(roles)) policy.roles.push_back(role_of(&role));
  }
  for (const Node* expression : {using_clause, with_check}) {
    if (!expression) continue;
    ExpressionFacts facts = expression_facts(expression);
    for (auto& column : facts.columns) policy.columns.push_back(std::move(column));
    for (auto& function : facts.functions) policy.functions.push_back(std::move(function));
  }
}

/// The relations of its sub-selects, as far as they are known.
void note_reads(auto& data, RelationId table, PolicyState& policy, const Node* using_clause, const Node* with_check) {
  for (const Node* expression : {using_clause, with_check}) {
    for_each_node<RangeVar>(expression, [&](const RangeVar& read) {
      const RelationState* relation = data.find(NameView(read));
      if (!relation || std::ranges::find(policy.reads, relation->id) != policy.reads.end()) return;
      policy.reads.push_back(relation->id);
      data.link(table, relation->id);
    });
  }
}

}  // namespace

void Folder::create_policy(const CreatePolicyStmt& statement) {
  RelationState* table = d_.mutate(mention(statement.table));
  if (!table) return;
  PolicyState policy;
  policy.name = view(statement.policy_name);
  policy.command = view(statement.cmd_name);
  policy.permissive = statement.permissive;
  read_expressions(policy, statement.qual, statement.with_check, statement.roles);
  for (const QualifiedName& function : policy.functions) d_.note_call(table->id, function.name);
  note_reads(d_, table->id, policy, statement.qual, statement.with_check);
  if (std::ranges::find(table->policies, policy.name, &PolicyState::name) == table->policies.end()) {
    table->policies.push_back(std::move(policy));
  }
}

void Folder::alter_policy(const AlterPolicyStmt& statement) {
  RelationState* table = d_.mutate(mention(statement.table));
  if (!table) return;
  for (auto& policy : table->policies) {
    if (policy.name != view(statement.policy_name)) continue;
    if (statement.qual || statement.with_check) {
      policy.columns.clear();
      policy.functions.clear();
      policy.reads.clear();
    }
    read_expressions(policy, statement.qual, statement.with_check, statement.roles);
    for (const QualifiedName& function : policy.functions) d_.note_call(table->id, function.name);
    note_reads(d_, table->id, policy, statement.qual, statement.with_check);
  }
}

}  // namespace pgrehearse
