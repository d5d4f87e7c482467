// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"
#include "migration/schema_types.h"

namespace pgrehearse {

void Folder::create_schema(const CreateSchemaStmt& statement) {
  std::string name(view(statement.schemaname));
  if (name.empty() && statement.authrole) name = view(statement.authrole->rolename);
  const bool* known = d_.schemas.find(name);
  // IF NOT EXISTS on a schema that earlier statements took for granted tells nothing about what else is in it.
  bool was_used = !state_.relations_in_schema(name).empty();
  if (!(known && *known) && !conditional_ && !(statement.if_not_exists && (was_used || name == "public"))) {
    d_.schemas.set(name, true, d_.logging());
    set_owner_of_schema(name, statement.authrole ? role_of(statement.authrole) : state_.current_role());
  }
  if (length(statement.schemaElts) == 0) return;
  Setting before;
  if (auto* setting = d_.settings.find("search_path")) before = *setting;
  Setting inner{before.session, name};
  for (const auto& schema : d_.search_path) *inner.local += '\1' + schema;
  d_.settings.set("search_path", inner, d_.logging());
  d_.refresh_search_path();
  for (const Node& element : each<Node>(statement.schemaElts)) fold(&element);
  d_.settings.set("search_path", before, d_.logging());
  d_.refresh_search_path();
}

namespace {

/// CREATE and ALTER SEQUENCE ... AS type; without it a sequence is a bigint's.
void set_sequence_type(RelationState& sequence, const List* options) {
  auto* type = option(options, "as");
  if (!type || !as<TypeName>(type->arg)) return;
  std::erase_if(sequence.options, [](const std::string& text) { return text.starts_with("as="); });
  sequence.options.push_back("as=" + plain_type(*as<TypeName>(type->arg)).name.name);
}

}  // namespace

void Folder::create_sequence(const CreateSeqStmt& statement) {
  RelationState* sequence = create(NameView(*statement.sequence), RelationKind::sequence,
                                   statement.sequence->relpersistence, statement.if_not_exists);
  if (!sequence) return;
  set_sequence_type(*sequence, statement.options);
  auto* owner = option(statement.options, "owned_by");
  if (owner) own_sequence(sequence->id, as<List>(owner->arg));
}

void Folder::alter_sequence(const AlterSeqStmt& statement) {
  RelationId id = mention(statement.sequence, RelationKind::sequence);
  if (!d_.get(id)) return;
  if (option(statement.options, "as")) set_sequence_type(*d_.mutate(id), statement.options);
  auto* owner = option(statement.options, "owned_by");
  if (owner) own_sequence(id, as<List>(owner->arg));
}

/// OWNED BY table.column, or NONE.
void Folder::own_sequence(RelationId id, const List* names) {
  if (const RelationState* old_owner = d_.get(d_.get(id)->owner_table)) {
    auto holds_it = [&](const ColumnState& column) { return column.sequence == id && column.identity == Identity::no; };
    d_.mutate(old_owner->id)->columns.edit_if(holds_it, [](ColumnState& column) { column.sequence = 0; });
  }
  RelationState* sequence = d_.mutate(id);
  sequence->owner_table = 0;
  sequence->owner_column.clear();
  std::vector<std::string> parts = names_of(names);
  if (parts.size() < 2) return;
  RelationId owner =
      mention(NameView(parts.size() > 2 ? parts[parts.size() - 3] : std::string_view(), parts[parts.size() - 2]));
  if (!d_.get(owner)) return;
  sequence = d_.mutate(id);
  sequence->owner_table = owner;
  sequence->owner_column = parts.back();
  d_.link(id, owner);
  if (ColumnState* column = d_.mutate(owner)->columns.edit(parts.back())) column->sequence = id;
}

}  // namespace pgrehearse
