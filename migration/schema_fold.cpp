// SPDX-License-Identifier: Apache-2.0
#include "migration/schema_fold.h"

#include <algorithm>

namespace pgrehearse {

void SchemaState::apply(const Statement& statement, bool conditional) {
  // The body of a function runs when somebody calls it, which no file tells.
  if (!statement.node || statement.origin == Origin::function_body) return;
  Folder(*this, statement, conditional).fold(statement.node);
}

void Folder::fold(const Node* node) {
  switch (node->type) {
    case T_TransactionStmt: return transaction(*as<TransactionStmt>(node));
    case T_VariableSetStmt: return set_variable(*as<VariableSetStmt>(node));
    case T_SelectStmt: return select(*as<SelectStmt>(node));
    case T_CreateStmt: return create_table(*as<CreateStmt>(node), RelationKind::table);
    case T_CreateForeignTableStmt:
      return create_table(as<CreateForeignTableStmt>(node)->base, RelationKind::foreign_table);
    case T_CreateTableAsStmt: return create_as(*as<CreateTableAsStmt>(node));
    case T_ViewStmt: return create_view(*as<ViewStmt>(node));
    case T_IndexStmt: return create_index(*as<IndexStmt>(node));
    case T_AlterTableStmt: return alter_table(*as<AlterTableStmt>(node));
    case T_RenameStmt: return rename(*as<RenameStmt>(node));
    case T_AlterObjectSchemaStmt: return set_schema(*as<AlterObjectSchemaStmt>(node));
    case T_DropStmt: return drop(*as<DropStmt>(node));
    case T_CreateSchemaStmt: return create_schema(*as<CreateSchemaStmt>(node));
    case T_CreateSeqStmt: return create_sequence(*as<CreateSeqStmt>(node));
    case T_AlterSeqStmt: return alter_sequence(*as<AlterSeqStmt>(node));
    case T_CreateEnumStmt: return create_enum(*as<CreateEnumStmt>(node));
    case T_AlterEnumStmt: return alter_enum(*as<AlterEnumStmt>(node));
    case T_CreateDomainStmt: return create_domain(*as<CreateDomainStmt>(node));
    case T_AlterDomainStmt: return alter_domain(*as<AlterDomainStmt>(node));
    case T_CompositeTypeStmt: return create_composite(*as<CompositeTypeStmt>(node));
    case T_CreateRangeStmt: {
      TypeState type;
      type.name = qualified_name(as<CreateRangeStmt>(node)->typeName);
      type.kind = ColumnType::Kind::range;
      return put_type(std::move(type));
    }
    case T_CreateFunctionStmt: return create_function(*as<CreateFunctionStmt>(node));
    case T_AlterFunctionStmt: return alter_function(*as<AlterFunctionStmt>(node));
    case T_CreateTrigStmt: return create_trigger(*as<CreateTrigStmt>(node));
    case T_CreatePolicyStmt: return create_policy(*as<CreatePolicyStmt>(node));
    case T_AlterPolicyStmt: return alter_policy(*as<AlterPolicyStmt>(node));
    case T_RuleStmt:
      if (RelationState* table = mutate_mentioned(as<RuleStmt>(node)->relation)) {
        table->rules.emplace_back(view(as<RuleStmt>(node)->rulename));
      }
      return;
    case T_CreateStatsStmt: {
      auto* statistics = as<CreateStatsStmt>(node);
      for (const RangeVar& relation : each<RangeVar>(statistics->relations)) {
        RelationState* table = d_.mutate(mention(&relation));
        if (table) table->statistics.push_back(qualified_name(statistics->defnames).name);
      }
      return;
    }
    case T_ClusterStmt: {
      auto* cluster = as<ClusterStmt>(node);
      RelationState* table = cluster->indexname ? d_.mutate(mention(cluster->relation)) : nullptr;
      if (!table) return;
      for (size_t i = 0; i < table->indexes.size(); ++i) {
        table->indexes.edit(i).clustered = table->indexes[i].name == view(cluster->indexname);
      }
      return;
    }
    case T_CreateExtensionStmt:
      return d_.extensions.set(view(as<CreateExtensionStmt>(node)->extname).data(), true, d_.logging());
    case T_InsertStmt: return note_rows(as<InsertStmt>(node)->relation);
    case T_UpdateStmt: return note_rows(as<UpdateStmt>(node)->relation);
    case T_DeleteStmt: return note_rows(as<DeleteStmt>(node)->relation);
    case T_MergeStmt: return note_rows(as<MergeStmt>(node)->relation);
    case T_CopyStmt: return note_rows(as<CopyStmt>(node)->relation);
    case T_TruncateStmt:
      for (const RangeVar& relation : each<RangeVar>(as<TruncateStmt>(node)->relations)) mention(&relation);
      return;
    case T_RefreshMatViewStmt: {
      auto* refresh = as<RefreshMatViewStmt>(node);
      if (auto* matview = d_.mutate(mention(refresh->relation, RelationKind::materialized_view))) {
        matview->populated = matview->may_have_rows = !refresh->skipData;
      }
      return;
    }
    case T_GrantStmt: return grant(*as<GrantStmt>(node));
    case T_AlterDefaultPrivilegesStmt: return alter_default_privileges(*as<AlterDefaultPrivilegesStmt>(node));
    case T_AlterOwnerStmt: return alter_owner(*as<AlterOwnerStmt>(node));
    case T_ReassignOwnedStmt: return reassign_owned(*as<ReassignOwnedStmt>(node));
    case T_DropOwnedStmt: return drop_owned(*as<DropOwnedStmt>(node));
    case T_CreateRoleStmt: return create_role(*as<CreateRoleStmt>(node));
    case T_AlterRoleStmt: return alter_role(*as<AlterRoleStmt>(node));
    case T_DropRoleStmt: return drop_role(*as<DropRoleStmt>(node));
    case T_GrantRoleStmt: return grant_role(*as<GrantRoleStmt>(node));
    case T_CreatePublicationStmt: return create_publication(*as<CreatePublicationStmt>(node));
    case T_AlterPublicationStmt: return alter_publication(*as<AlterPublicationStmt>(node));
    case T_CommentStmt: return comment(*as<CommentStmt>(node));
    case T_DiscardStmt:
      if (as<DiscardStmt>(node)->target == DISCARD_ALL) {
        std::vector<std::string> names;
        for (const auto& [name, setting] : d_.settings) names.push_back(name);
        for (const auto& name : names) put_setting(name, std::nullopt, false);
      }
      return;
    default: return;
  }
}

namespace {

/// makeObjectName(): shortens the longer of the two names until first_second_label fits; never inside a character.
std::string object_name(std::string_view first, std::string_view second, std::string_view label) {
  size_t overhead = (second.empty() ? 0 : 1) + (label.empty() ? 0 : label.size() + 1);
  size_t a = first.size();
  size_t b = second.size();
  while (a + b > name_limit - overhead) (a > b ? a : b) -= 1;
  auto clip = [](std::string_view text, size_t size) {
    while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    return text.substr(0, size);
  };
  std::string name;
  name.reserve(a + b + overhead);
  name.append(clip(first, a));
  if (!second.empty()) name.append("_").append(clip(second, b));
  if (!label.empty()) name.append("_").append(label);
  return name;
}

}  // namespace

std::string Folder::free_name(std::string_view schema, std::string_view first, std::string_view second,
                              std::string_view label, bool of_constraint) const {
  std::string numbered;
  for (int number = 1;; ++number) {
    std::string name = object_name(first, second, number == 1 ? label : numbered);
    if (!d_.names.taken({schema, name}, of_constraint)) return name;
    numbered = std::string(label) + std::to_string(number);
  }
}

/// For a constraint of the table or domain `owner`.
std::string Folder::free_constraint_name(const QualifiedName& owner, std::string_view second,
                                         std::string_view label) const {
  std::string numbered;
  for (int number = 1;; ++number) {
    std::string name = object_name(owner.name, second, number == 1 ? label : numbered);
    if (d_.names.constraints({owner.schema, name}) == 0) return name;
    numbered = std::string(label) + std::to_string(number);
  }
}

RelationState* Folder::create(NameView written, RelationKind kind, char persistence, bool if_not_exists) {
  bool temporary = persistence == persistence_temporary || written.schema == "pg_temp";
  QualifiedName name = temporary ? QualifiedName{"pg_temp", std::string(written.name)} : d_.creation_name(written);
  RelationId id = 0;
  if (const NameEntry* entry = d_.names.find(name); entry && entry->id != 0) {
    const RelationState* old = entry->table ? nullptr : d_.get(entry->id);
    // It can only be created now if what was taken for an existing relation is none.
    bool certain = !old || old->complete || if_not_exists;
    if (certain || conditional_) return nullptr;
    id = entry->id;
    d_.replace_slot(id, {});
  }
  if (id == 0) id = d_.new_id();
  auto relation = std::make_shared<RelationState>();
  RelationState* created = relation.get();
  relation->id = id;
  relation->name = std::move(name);
  relation->kind = kind;
  relation->persistence = temporary                             ? Persistence::temporary
                          : persistence == persistence_unlogged ? Persistence::unlogged
                                                                : Persistence::permanent;
  relation->complete = !conditional_;
  relation->uncertain = conditional_;
  if (!conditional_) relation->created_in = d_.migration;
  relation->may_have_rows = conditional_;
  relation->owner = state_.current_role();
  apply_default_privileges(relation->grants, kind == RelationKind::sequence ? OBJECT_SEQUENCE : OBJECT_TABLE,
                           relation->name.schema);
  if (temporary) d_.temporary.push_back(id);
  set_name(relation->name, {id, 0});
  d_.replace_slot(id, {std::move(relation), 0, 0});
  return created;
}

RelationId Folder::mention(NameView written, RelationKind kind) {
  auto [entry, schema] = d_.look_up(written);
  if (entry && entry->table) return 0;
  if (entry && entry->id != 0) return entry->id;
  if (state_.exists(written) == Known::no || schema == "pg_catalog" || schema == "information_schema") return 0;
  RelationId id = d_.new_id();
  auto relation = std::make_shared<RelationState>();
  relation->id = id;
  relation->name = {std::string(schema), std::string(written.name)};
  relation->kind = kind;
  relation->uncertain = conditional_;
  set_name(relation->name, {id, 0});
  d_.replace_slot(id, {std::move(relation), 0, 0});
  return id;
}

RelationId Folder::mention(const RangeVar* relation, RelationKind kind) {
  return relation ? mention(NameView(*relation), kind) : 0;
}

void Folder::set_type(TypeState type) {
  auto shared = std::make_shared<const TypeState>(std::move(type));
  d_.types.set(shared->name, shared, d_.logging());
}

void Folder::note_rows(const RangeVar* relation) {
  if (!relation) return;
  const RelationState* found = d_.find(NameView(*relation));
  if (found && !found->may_have_rows) d_.mutate(found->id)->may_have_rows = true;
}

std::vector<std::string> names_of(const List* list) {
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(length(list)));
  for (const Node& node : each<Node>(list)) {
    if (auto* string = as<String>(&node)) {
      names.emplace_back(view(string->sval));
    } else if (auto* definition = as<ColumnDef>(&node)) {
      names.emplace_back(view(definition->colname));
    } else if (auto* element = as<IndexElem>(&node)) {
      names.emplace_back(view(element->name));
    }
  }
  return names;
}

std::vector<const RangeVar*> relations_in(const Node* query) {
  std::vector<const RangeVar*> result;
  std::vector<std::string_view> ctes;
  std::vector<const RangeVar*> targets;  // of SELECT INTO
  std::vector<const Node*> nodes = all_nodes(query);
  for (const Node* node : nodes) {
    if (auto* cte = as<CommonTableExpr>(node)) ctes.push_back(view(cte->ctename));
    if (auto* into = as<IntoClause>(node)) targets.push_back(into->rel);
  }
  for (const Node* node : nodes) {
    auto* relation = as<RangeVar>(node);
    if (!relation) continue;
    bool is_cte = !relation->schemaname && std::ranges::find(ctes, view(relation->relname)) != ctes.end();
    if (!is_cte && std::ranges::find(targets, relation) == targets.end()) result.push_back(relation);
  }
  return result;
}

const DefElem* option(const List* options, std::string_view name) {
  for (const DefElem& element : each<DefElem>(options)) {
    if (view(element.defname) == name) return &element;
  }
  return nullptr;
}

}  // namespace pgrehearse
