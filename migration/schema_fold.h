// SPDX-License-Identifier: Apache-2.0
// How one statement changes a SchemaState. Private to migration/schema_*.cpp.
#pragma once
#include "migration/schema_data.h"

namespace pgrehearse {

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
  bool taken(const QualifiedName& name) const;
  std::string free_name(const std::string& schema, std::string_view first, std::string_view second,
                        std::string_view label) const;
  std::string free_constraint_name(const RelationState& table, std::string_view second, std::string_view label) const;
  RelationState* create(const QualifiedName& written, RelationKind kind, char persistence, bool if_not_exists);
  RelationId mention(const QualifiedName& written, RelationKind kind = RelationKind::unknown);
  RelationId mention(const RangeVar* relation, RelationKind kind = RelationKind::unknown);
  void set_name(const QualifiedName& name, NameEntry entry) { d_.names.set(name, entry, d_.logging()); }
  void note_rows(const RangeVar* relation);

  // CREATE TABLE and what follows its form (schema_fold_table.cpp), from queries (schema_fold_query.cpp).
  void create_table(const CreateStmt& statement, RelationKind kind);
  void create_as(const CreateTableAsStmt& statement);
  void create_select_into(const SelectStmt& statement);
  void create_view(const ViewStmt& statement);
  void read_query(RelationState& view, const Node* query);
  void name_columns(RelationState& relation, const Node* query, const List* names);
  void copy_like(RelationId target, const TableLikeClause& like);
  bool may_inherit(RelationId child, RelationId parent) const;
  void inherit_from(RelationState& child, const RelationState& parent, bool partition);
  void clone_to_partition(RelationId partition, RelationId parent);

  // Columns and constraints (schema_fold_column.cpp, _constraint.cpp, _remove.cpp).
  void add_column(RelationId table, const ColumnDef& definition, std::vector<Constraint>& later);
  void add_constraint(RelationId table, const Constraint& constraint, std::string_view column);
  void add_constraints(RelationId table, const std::vector<std::pair<Constraint, std::string>>& constraints);
  void set_column_default(ColumnState& column, const Node* expression);
  RelationId create_owned_sequence(RelationId table, const std::string& column, std::string_view type);
  void remove_constraint(RelationId table, const std::string& name);
  void remove_column(RelationId table, const std::string& name, bool cascade);

  // ALTER TABLE (schema_fold_alter.cpp).
  void alter_table(const AlterTableStmt& statement);
  void alter_command(RelationId table, const AlterTableCmd& command, bool recurse);
  void alter_type(RelationId table, const AlterTableCmd& command);
  void set_row_security(RelationId table, const AlterTableCmd& command);
  void attach_partition(RelationId parent, const PartitionCmd& command);
  void detach_partition(RelationId parent, const RangeVar* partition);

  // Indexes (schema_fold_index.cpp).
  void create_index(const IndexStmt& statement);
  RelationId add_index(RelationId table, IndexState index, std::string_view label);
  void remove_index(RelationId id);
  void attach_index(const IndexState& index, RelationId partition_index);

  // RENAME, SET SCHEMA (schema_fold_rename.cpp), DROP (schema_fold_drop.cpp).
  void rename(const RenameStmt& statement);
  void rename_relation(const QualifiedName& written, const std::string& new_name);
  void rename_column(RelationId table, const std::string& from, const std::string& to);
  void set_schema(const AlterObjectSchemaStmt& statement);
  void move_relation(RelationId id, const std::string& schema);
  void drop(const DropStmt& statement);
  void drop_relation_named(const QualifiedName& name, const DropStmt& statement);
  bool drop_relation(RelationId id, bool cascade);
  bool drop_one(RelationId id, bool cascade);
  void drop_type(const QualifiedName& name, bool cascade);
  void drop_function(const Node* object, bool cascade);
  void drop_schema(const std::string& name, bool cascade);
  void drop_from_table(const DropStmt& statement, const List* names);

  // Everything else (schema_fold_other.cpp, _trigger.cpp).
  void create_schema(const CreateSchemaStmt& statement);
  void create_sequence(const CreateSeqStmt& statement);
  void alter_sequence(const AlterSeqStmt& statement);
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
  void put_type(TypeState type);

  // The session (schema_fold_session.cpp).
  void transaction(const TransactionStmt& statement);
  void set_variable(const VariableSetStmt& statement);
  void select(const SelectStmt& statement);
  void put_setting(const std::string& name, std::optional<std::string> value, bool local);

  SchemaState& state_;
  SchemaState::Data& d_;
  const Statement& statement_;
  bool conditional_;
  std::vector<RelationId> dropped_with_;  ///< still to be dropped with the relation at hand
};

/// "a", "b" of a list of strings, or the columns of ColumnDef and IndexElem lists.
std::vector<std::string> names_of(const List* list);
/// What options like (owned_by = ...) hold; nullptr when absent.
const DefElem* option(const List* options, std::string_view name);

}  // namespace pgrehearse
