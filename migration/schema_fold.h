// SPDX-License-Identifier: Apache-2.0
// How one statement changes a SchemaState. Private to migration/schema_*.cpp.
#pragma once
#include <forward_list>

#include "migration/schema_data.h"

namespace pgrehearse {

inline constexpr size_t name_limit = 63;  // NAMEDATALEN - 1
/// pg_class.relpersistence; the parse tree uses the same letters.
inline constexpr char persistence_permanent = 'p';
inline constexpr char persistence_unlogged = 'u';
inline constexpr char persistence_temporary = 't';
/// pg_attribute.attidentity and attgenerated, likewise.
inline constexpr char identity_always = 'a';
inline constexpr char generated_virtual = 'v';

class Folder {
 public:
  Folder(SchemaState& state, const Statement& statement, bool conditional)
      : state_(state), d_(*state.data_), statement_(statement), conditional_(conditional) {}
  void fold(const Node* node);

 private:
  // Names and objects (schema_fold.cpp).
  bool taken(NameView name) const { return d_.names.taken(name, false); }
  std::string free_name(std::string_view schema, std::string_view first, std::string_view second,
                        std::string_view label, bool of_constraint = false) const;
  std::string free_constraint_name(const QualifiedName& owner, std::string_view second, std::string_view label) const;
  RelationState* create(NameView written, RelationKind kind, char persistence, bool if_not_exists);
  RelationId mention(NameView written, RelationKind kind = RelationKind::unknown);
  RelationId mention(const RangeVar* relation, RelationKind kind = RelationKind::unknown);
  RelationState* mutate_mentioned(const RangeVar* relation) { return d_.mutate(mention(relation)); }
  void set_name(NameView name, NameEntry entry) { d_.names.set(name, entry, d_.logging()); }
  void note_rows(const RangeVar* relation);
  void note_calls(RelationId from, const ExpressionFacts& facts) {
    for (const QualifiedName& function : facts.functions) d_.note_call(from, function.name);
  }
  void set_type(TypeState type);
  /// SchemaState::resolve_type(), shared by the columns that have it.
  Common<ColumnType> column_type(const TypeName& name) const {
    const Common<ColumnType>* builtin = d_.builtin_types.find(name);
    return builtin ? *builtin : Common<ColumnType>(state_.resolve_type(name));
  }

  // CREATE TABLE and what follows its form (schema_fold_table.cpp), inheritance (schema_fold_inherit.cpp), from queries
  // (schema_fold_query.cpp).
  void create_table(const CreateStmt& statement, RelationKind kind);
  void create_as(const CreateTableAsStmt& statement);
  void create_select_into(const SelectStmt& statement);
  void create_view(const ViewStmt& statement);
  void read_query(RelationState& view, const Node* query);
  void name_columns(RelationState& relation, const Node* query, const List* names);
  void copy_like_columns(RelationId target, const TableLikeClause& like);
  void copy_like_rest(RelationId target, const TableLikeClause& like);
  bool may_inherit(RelationId child, RelationId parent) const;
  void inherit_new(RelationId child, RelationId parent, bool partition);
  void inherit_existing(RelationId child, RelationId parent, bool partition);
  void disinherit(RelationId child, RelationId parent);
  void clone_to_partition(RelationId partition, RelationId parent);

  // Columns and constraints (schema_fold_column.cpp, _constraint.cpp, _remove.cpp).
  std::vector<const Constraint*> constraints_of(const ColumnDef& column);
  /// A constraint that is added after the columns: an own one of the table, or of the column named.
  struct Later {
    const Constraint* constraint;
    std::string_view column;
  };
  bool add_column(RelationId table, const ColumnDef& definition, std::vector<Later>& later);
  std::vector<Later> merged_keys(const std::vector<Later>& written);
  void add_constraint(RelationId table, const Constraint& constraint, std::string_view column, bool recurse = true);
  void add_key(RelationId table, const Constraint& constraint, std::shared_ptr<ConstraintState> made, bool recurse);
  void use_index(RelationId table, const Constraint& constraint, std::shared_ptr<ConstraintState> made);
  void put_constraint(RelationId table, std::shared_ptr<ConstraintState> constraint, bool recurse);
  void put_constraint(RelationId table, ConstraintState&& constraint, bool recurse) {
    put_constraint(table, std::make_shared<ConstraintState>(std::move(constraint)), recurse);
  }
  void count_constraint_name(NameView name, bool more) { d_.names.count_constraint(name, more, d_.logging()); }
  void set_not_null(RelationId table, std::string_view column, bool recurse);
  void set_column_default(RelationId table, ColumnState& column, const Node* expression);
  RelationId create_owned_sequence(RelationId table, const std::string& column, std::string_view type);
  std::vector<RelationId> owned_sequences(RelationId table, std::string_view column = {}) const;
  bool constraint_is_needed(RelationId table, const ConstraintState& constraint) const;
  void remove_constraint(RelationId table, const std::string& name);
  void inherit_less(RelationId table, const std::string& constraint);
  bool column_is_needed(RelationId table, const std::string& name) const;
  void remove_column(RelationId table, const std::string& name);

  // ALTER TABLE (schema_fold_alter.cpp, _alter_command.cpp).
  void alter_table(const AlterTableStmt& statement);
  void alter_index(const AlterTableStmt& statement);
  void alter_composite(const AlterTableStmt& statement);
  void alter_command(RelationId table, const AlterTableCmd& command, bool recurse);
  void alter_columns(RelationId table, const std::string& name, bool recurse, auto change);
  void alter_type(RelationId table, const AlterTableCmd& command, bool recurse);
  void alter_constraint(RelationId table, const AlterTableCmd& command);
  void add_column_tree(RelationId table, const AlterTableCmd& command, bool recurse);
  void set_row_security(RelationId table, const AlterTableCmd& command);
  void attach_partition(RelationId parent, const PartitionCmd& command);
  void detach_partition(RelationId parent, const RangeVar* partition);

  // Indexes (schema_fold_index.cpp).
  void create_index(const IndexStmt& statement);
  RelationId add_index(RelationId table, std::shared_ptr<IndexState> index, std::string_view label,
                       bool recurse = true);
  RelationId add_index(RelationId table, IndexState&& index, std::string_view label, bool recurse = true) {
    return add_index(table, std::make_shared<IndexState>(std::move(index)), label, recurse);
  }
  void remove_index(RelationId id);
  void attach_index(const IndexState& index, RelationId partition_index);
  IndexState* edit_index(RelationId id);
  void check_validity(RelationId index);

  // RENAME, SET SCHEMA (schema_fold_rename.cpp), DROP (schema_fold_drop.cpp).
  void rename(const RenameStmt& statement);
  void rename_relation(const QualifiedName& written, const std::string& new_name);
  void rename_column(RelationId table, const std::string& from, const std::string& to);
  void rename_constraint(RelationId table, const std::string& from, const std::string& to);
  void rename_type(const QualifiedName& from, const QualifiedName& to);
  void rename_functions(const List* written, const std::string& schema, const std::string& name);
  void rename_schema(const std::string& from, const std::string& to);
  void set_schema(const AlterObjectSchemaStmt& statement);
  void move_relation(RelationId id, const std::string& schema);
  void drop(const DropStmt& statement);
  void drop_relations(const DropStmt& statement);
  bool relation_is_needed(RelationId id, const std::vector<RelationId>& going) const;
  bool drop_relation(RelationId id, bool cascade);
  void drop_one(RelationId id);
  void drop_type(const QualifiedName& name, bool cascade);
  void drop_function(const Node* object, bool cascade);
  void drop_schema(const std::string& name, bool cascade);
  void drop_from_table(const DropStmt& statement, const List* names);

  // Everything else (schema_fold_other.cpp, _type.cpp, _function.cpp, _trigger.cpp).
  void create_schema(const CreateSchemaStmt& statement);
  void create_sequence(const CreateSeqStmt& statement);
  void alter_sequence(const AlterSeqStmt& statement);
  void own_sequence(RelationId sequence, const List* names);
  void create_domain(const CreateDomainStmt& statement);
  void alter_domain(const AlterDomainStmt& statement);
  void create_composite(const CompositeTypeStmt& statement);
  void create_enum(const CreateEnumStmt& statement);
  void alter_enum(const AlterEnumStmt& statement);
  void create_function(const CreateFunctionStmt& statement);
  void alter_function(const AlterFunctionStmt& statement);
  void create_trigger(const CreateTrigStmt& statement);
  void create_policy(const CreatePolicyStmt& statement);
  void alter_policy(const AlterPolicyStmt& statement);
  ConstraintState domain_check(const Constraint& constraint, const TypeState& type) const;
  void put_type(TypeState type);

  // Privileges and owners (schema_fold_privilege.cpp), roles, publications, comments (schema_fold_role.cpp).
  void grant(const GrantStmt& statement);
  void alter_default_privileges(const AlterDefaultPrivilegesStmt& statement);
  void apply_default_privileges(std::vector<GrantState>& grants, ObjectType object, std::string_view schema) const;
  void alter_owner(const AlterOwnerStmt& statement);
  void reassign_owned(const ReassignOwnedStmt& statement);
  void drop_owned(const DropOwnedStmt& statement);
  void set_owner_of_schema(std::string_view schema, std::string_view owner);
  /// Each overload of that name, or the one with these argument types.
  template <class Change>
  void edit_functions(const ObjectWithArgs& object, Change change);
  void edit_schema(std::string_view schema, auto change);
  void create_role(const CreateRoleStmt& statement);
  void alter_role(const AlterRoleStmt& statement);
  void drop_role(const DropRoleStmt& statement);
  void grant_role(const GrantRoleStmt& statement);
  void edit_role(std::string_view name, auto change);
  void create_publication(const CreatePublicationStmt& statement);
  void alter_publication(const AlterPublicationStmt& statement);
  void comment(const CommentStmt& statement);

  // The session (schema_fold_session.cpp).
  void transaction(const TransactionStmt& statement);
  void set_variable(const VariableSetStmt& statement);
  void select(const SelectStmt& statement);
  void put_setting(const std::string& name, std::optional<std::string> value, bool local);

  SchemaState& state_;
  SchemaState::Data& d_;
  const Statement& statement_;
  bool conditional_;
  std::vector<Later> later_;               ///< constraints of the columns that the ALTER TABLE at hand adds
  std::forward_list<Constraint> adapted_;  ///< that the statement's nodes do not hold as they mean
  std::vector<RelationId> dropped_with_;   ///< still to be dropped with the relation at hand
};

/// PRIMARY KEY, UNIQUE, EXCLUDE: made after the checks.
inline bool is_key(const Constraint& constraint) {
  return constraint.contype == CONSTR_PRIMARY || constraint.contype == CONSTR_UNIQUE ||
         constraint.contype == CONSTR_EXCLUSION;
}
/// The role of a statement: its name, "public", or "current_user" and its kin; empty for none.
std::string role_of(const RoleSpec* role);
/// FigureColname(): what PostgreSQL calls the value of an expression; empty where it has no name for it ("?column?",
/// and "expr" in indexes).
std::string_view figure_name(const Node* expression);
template <class Change>
void Folder::edit_functions(const ObjectWithArgs& object, Change change) {
  QualifiedName name = state_.resolve_function(qualified_name(object.objname));
  auto* known = d_.functions.find(name);
  if (!known || !*known) return;
  std::vector<FunctionState> overloads = **known;
  std::string signature;
  for (const TypeName& type : each<TypeName>(object.objargs)) {
    signature += (signature.empty() ? "" : ", ") + state_.resolve_type(type).text;
  }
  for (FunctionState& function : overloads) {
    if (object.args_unspecified || overloads.size() == 1 || function.signature == signature) change(function);
  }
  d_.functions.set(name, std::make_shared<const std::vector<FunctionState>>(std::move(overloads)), d_.logging());
}

/// "a", "b" of a list of strings, or the columns of ColumnDef and IndexElem lists.
std::vector<std::string> names_of(const List* list);
/// What options like (owned_by = ...) hold; nullptr when absent.
const DefElem* option(const List* options, std::string_view name);

}  // namespace pgrehearse
