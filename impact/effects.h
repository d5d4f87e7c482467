// SPDX-License-Identifier: Apache-2.0
// Gathers what one statement does. Private to impact/.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "impact/impact.h"

namespace pgrehearse {

/// One relation that a statement names: known to the state, or only by its name.
struct Target {
  const RelationState* state = nullptr;
  QualifiedName name;    ///< resolved
  bool missing = false;  ///< known not to exist
  explicit operator bool() const { return !missing; }
};
inline bool is_partitioned(const Target& table) {
  return table.state && table.state->kind == RelationKind::partitioned_table;
}

inline bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

class Effects {
 public:
  Effects(const SchemaState& schema_state, int pg_version) : state(schema_state), version(pg_version) {}

  const SchemaState& state;
  const int version;

  Target target(NameView name) const;

  // Of the ALTER TABLE at hand, whose other parts a command must know: drops come first in it.
  std::vector<std::string> dropped_constraints, added_constraints;
  std::vector<std::string> dropped_columns, added_columns;
  std::vector<std::string> added_null_columns;  ///< new columns that hold NULL in every row

  std::vector<std::string_view> ctes;  ///< names of the query at hand, which the CTEs that change rows may use

  /// As the state has it, with what the ALTER TABLE at hand adds.
  Known has_column(const Target& table, std::string_view column) const;

  void lock(const Target& target, LockMode mode);
  void lock(const RelationState& relation, LockMode mode);
  void lock(RelationId id, LockMode mode);  ///< a relation or an index
  void lock_indexes(const RelationState& relation, LockMode mode);
  /// The relation, its indexes and, for partitioned tables, all partitions, as the planner opens them.
  void lock_planned(const RelationState& relation, LockMode mode);
  /// With all below it, when `recurse`.
  void lock_tree(const Target& target, LockMode mode, bool recurse);

  void scan(const Target& target);
  void scan(const RelationState& relation);
  void rewrite(const Target& target);
  void rewrite(const RelationState& relation);  ///< heap and indexes
  void rewrite_file(RelationId id);             ///< of an index or sequence alone
  void rebuild_index(const RelationState& table, const IndexState& index);

  /// The statement cannot run inside a transaction block; true when it is in one that the file began.
  bool refuses_transaction();
  void unknown(std::string reason);
  /// The statement fails: nothing else counts.
  void fail(std::string_view sqlstate);
  bool failed() const { return !sqlstate_.empty(); }

  Impact finish();  ///< once, at the end

 private:
  RelationImpact& entry(const Target& target);
  RelationImpact* entry(RelationId id);
  RelationImpact& entry(const RelationState& relation);
  RelationImpact& entry(const RelationState& table, const IndexState& index);
  RelationImpact* known(RelationId id);
  RelationImpact& add(RelationId id, std::string name, bool existing);

  std::vector<RelationImpact> relations_;
  std::vector<RelationId> ids_;   ///< of those
  std::vector<uint32_t> places_;  ///< in relations_, from 1, by a hash of the id; filled once there are many
  size_t placed_ = 0;
  std::vector<std::pair<QualifiedName, RelationImpact>> by_name_;
  std::string unknown_reason_;
  std::string sqlstate_;
};

// One function a statement family; each adds to `effects`.
void alter_table_impact(const AlterTableStmt& statement, Effects& effects);
void add_column_impact(const Target& table, const ColumnDef& column, bool recurse, bool missing_ok, Effects& effects);
void add_constraint_impact(const Target& table, const Constraint& constraint, bool recurse, Effects& effects);
void drop_constraint_impact(const Target& table, std::string_view name, bool cascade, bool missing_ok,
                            Effects& effects);
void alter_constraint_impact(const Target& table, const AlterTableCmd& command, Effects& effects);
void validate_constraint_impact(const Target& table, std::string_view name, Effects& effects);
void alter_type_impact(const Target& table, const AlterTableCmd& command, Effects& effects);
void drop_column_impact(const Target& table, const AlterTableCmd& command, Effects& effects);
void set_not_null_impact(const Target& table, std::string_view column, Effects& effects);
void attach_partition_impact(const Target& parent, const PartitionCmd& command, Effects& effects);
void detach_partition_impact(const Target& parent, const PartitionCmd& command, bool concurrently, Effects& effects);
void attach_index_impact(const Target& parent, const PartitionCmd& command, Effects& effects);
void new_partition_impact(const RelationState& parent, const PartitionBoundSpec& bound, Effects& effects);
void create_index_impact(const IndexStmt& statement, Effects& effects);
void reindex_impact(const ReindexStmt& statement, Effects& effects);
void cluster_impact(const ClusterStmt& statement, Effects& effects);
void vacuum_impact(const VacuumStmt& statement, Effects& effects);
void drop_impact(const DropStmt& statement, Effects& effects);
/// `named`: relations that the same DROP names, which may stand on each other.
void drop_relation_impact(const RelationState& relation, bool cascade, Effects& effects,
                          const std::vector<const RelationState*>& named = {});
void truncate_impact(const TruncateStmt& statement, Effects& effects);
void create_table_impact(const CreateStmt& statement, Effects& effects);
void create_as_impact(const CreateTableAsStmt& statement, Effects& effects);
void create_view_impact(const ViewStmt& statement, Effects& effects);
void refresh_impact(const RefreshMatViewStmt& statement, Effects& effects);
void rename_impact(const RenameStmt& statement, Effects& effects);
void set_schema_impact(const AlterObjectSchemaStmt& statement, Effects& effects);
void owner_impact(const RelationState& relation, Effects& effects);
void domain_impact(const AlterDomainStmt& statement, Effects& effects);
void sequence_impact(const AlterSeqStmt& statement, Effects& effects);
void alter_type_attributes_impact(const AlterTableStmt& statement, Effects& effects);
void comment_impact(const CommentStmt& statement, Effects& effects);
void grant_impact(const GrantStmt& statement, Effects& effects);
void publication_impact(const Node* statement, Effects& effects);
void trigger_impact(const CreateTrigStmt& statement, Effects& effects);
/// SELECT, INSERT, UPDATE, DELETE, MERGE and COPY, and the queries inside other statements.
void query_impact(const Node* query, Effects& effects);
/// The same without running it.
void plan_impact(const Node* query, Effects& effects);
void copy_impact(const CopyStmt& statement, Effects& effects);
/// Relations that a query names, as parse analysis alone locks them (views are not looked into).
void analyze_impact(const Node* query, Effects& effects);
void mention_impact(const Node* query, Effects& effects);
/// The same with views taken apart by their rules, not planned.
void rewrite_query_impact(const Node* query, Effects& effects);
void create_function_impact(const Statement& statement, Effects& effects);

/// Whether a row with that key (a constant as text) belongs to the partition.
bool holds_key(const PartitionBound& bound, const std::string& key);
/// Whether the condition keeps every row of the partition out.
bool is_pruned(const RelationState& partition, const RelationState& parent, const ExpressionFacts& condition,
               const Effects& effects);
/// A foreign key that is checked by a query over both tables; without `any_key` there is nothing to look up.
void validate_foreign_key(const Target& table, const Target& referenced, Effects& effects, bool any_key = true);
/// Whether the table's validated checks keep every NULL out of the column.
bool proves_not_null(const RelationState& table, std::string_view column);

/// A function of a newer pg_catalog, which this server does not have unless an extension brings it.
bool only_in_newer_servers(const QualifiedName& function, int pg_version);

enum class TypeChange { none, index_rebuild, rewrite, unknown };
/// How the heap fares when a column goes from one type to the other without USING.
TypeChange type_change(const ColumnType& from, const ColumnType& to, const SchemaState& state);

}  // namespace pgrehearse
