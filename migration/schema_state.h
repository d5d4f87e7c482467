// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migration/schema_objects.h"
#include "migration/table_stats.h"
#include "sql/nodes.h"
#include "sql/parser.h"

namespace pgrehearse {

/// What the statements of a set, folded in order, have built so far: the schema as far as the files tell. Most sets
/// start in the middle of a history, so whatever nobody created here is unknown, never absent; what was dropped here is
/// absent. Follows BEGIN, COMMIT, ROLLBACK and savepoints, and the search_path. Statements that would fail change
/// nothing. Owns copies of all strings. Copies share their objects until one of them changes; pointers that look-ups
/// return live until the next apply().
class SchemaState {
 public:
  SchemaState();
  SchemaState(const SchemaState&);
  SchemaState(SchemaState&&) noexcept;
  SchemaState& operator=(const SchemaState&);
  SchemaState& operator=(SchemaState&&) noexcept;
  ~SchemaState();

  /// From here on statements belong to migration `index` (its place in the set): a new session, so SETs are forgotten
  /// and a transaction that the last file left open is taken as committed.
  void begin_migration(uint32_t index);
  uint32_t migration() const;
  /// Folds one statement. A conditional one (under an IF of a DO block) may not run: what it touches becomes unknown.
  void apply(const Statement& statement, bool conditional = false);

  /// Everything applied until the matching rewind() can be taken back cheaply: down parts, what-if questions.
  void checkpoint();
  void rewind();
  /// Forgets the last checkpoint and keeps what was applied since.
  void keep();

  // --- Relations. An unqualified name is looked for along the search_path, like PostgreSQL does.

  /// Tables, views, materialized views, sequences, foreign tables and composite types; nullptr when not known here.
  /// Also found: tables that nobody created here but that statements have altered (RelationState::complete is false).
  const RelationState* find(NameView name) const;
  const RelationState* relation(RelationId id) const;
  /// yes: created here, or a statement that needs it was applied; no: dropped here (or temporary and gone); else
  /// unknown.
  Known exists(NameView name) const;
  /// Whether this set dropped it, and did not make it again.
  bool dropped(NameView name) const;
  /// A relation (an index too) that the current migration created itself, or a temporary one: nobody else can be using
  /// it.
  bool created_in_this_migration(NameView name) const;
  /// The opposite; what nobody created here counts as existing.
  bool existed_before(NameView name) const { return !created_in_this_migration(name); }
  bool existed_before(const RelationState& relation) const;
  /// Whether others may be using it: it existed before, and nothing here dropped it.
  bool may_be_used(NameView name) const;
  /// The name where the search_path finds it, with its schema filled in; for unknown names the first schema of the
  /// path.
  QualifiedName resolve(NameView name) const;
  /// As PostgreSQL prints it: qualified unless the search_path finds it, quoted where needed.
  std::string display_name(NameView resolved) const;
  std::string display_name_of(NameView written) const;  ///< the same for what resolve() makes of it
  std::string display_name(const RelationState& relation) const;

  /// Whether the relation has that column: unknown when the relation was not created here and nobody mentioned it.
  Known has_column(NameView table, std::string_view column) const;
  const ColumnState* column(NameView table, std::string_view column) const;
  const ConstraintState* constraint(NameView table, std::string_view name) const;
  /// yes when every NULL is known to be kept out: NOT NULL, a key, or a validated CHECK that proves it.
  Known is_not_null(NameView table, std::string_view column) const;

  /// An index and the table (or materialized view) that it belongs to.
  struct FoundIndex {
    const RelationState* table = nullptr;
    const IndexState* index = nullptr;
    explicit operator bool() const { return index != nullptr; }
  };
  FoundIndex index(NameView name) const;
  FoundIndex index(RelationId id) const;

  /// Foreign keys that point to this table, of every table known here.
  struct ForeignKey {
    const RelationState* table = nullptr;
    const ConstraintState* constraint = nullptr;
  };
  std::vector<ForeignKey> references_to(RelationId table) const;
  /// Direct children: partitions (the DEFAULT one included) and inheriting tables.
  std::vector<const RelationState*> children(RelationId table) const;
  /// This relation and all below it.
  std::vector<const RelationState*> descendants(RelationId table) const;
  /// Views and materialized views whose query reads the relation directly.
  std::vector<const RelationState*> readers(RelationId relation) const;
  /// Policies of other relations whose expressions read this one: they keep it from being dropped.
  struct PolicyUse {
    const RelationState* table = nullptr;
    const PolicyState* policy = nullptr;
  };
  std::vector<PolicyUse> policies_reading(RelationId relation) const;
  /// Relations whose triggers, policies, defaults, generated columns or checks may call a function of that name.
  std::vector<const RelationState*> callers(std::string_view function) const;
  std::vector<const RelationState*> relations_in_schema(std::string_view schema) const;
  std::vector<const RelationState*> all_relations() const;

  // --- Other objects.

  Known schema_exists(std::string_view name) const;
  const TypeState* type(NameView name) const;
  Known type_exists(NameView name) const;
  /// Columns of stored tables whose type is this type, directly or through domains.
  struct TypeUse {
    const RelationState* table = nullptr;
    const ColumnState* column = nullptr;
  };
  std::vector<TypeUse> uses_of(const QualifiedName& type) const;
  /// A type name of a statement, with domains and aliases resolved as far as known.
  ColumnType resolve_type(const TypeName& name) const;

  /// All overloads known here.
  std::vector<const FunctionState*> functions(NameView name) const;
  /// The only overload, or the one with that many arguments when several are known; nullptr when not known.
  const FunctionState* function(NameView name, int arguments = -1) const;
  /// With the schema in which the search_path finds it; the first of the path when it is not known here.
  QualifiedName resolve_function(NameView name) const;
  /// Relations with a trigger that runs it, or a policy that asks it.
  std::vector<const RelationState*> users_of_function(const QualifiedName& name) const;
  bool any_extension() const;  ///< whether the files create one
  Known extension_exists(std::string_view name) const;

  // --- Sizes, as `--stats` says.

  void use_stats(std::shared_ptr<const TableStats> stats);
  /// How large that table is in production, whatever it is called by now; nullopt when nobody said so, or when the
  /// current migration made it.
  std::optional<TableSize> size(NameView table) const;

  // --- Privileges, roles, publications. What a REVOKE took from PUBLIC may still come from a membership that nobody
  // wrote here, so "no" is about the object's own list.

  /// Whether the privilege ("select", ...) is granted to the role, to PUBLIC or to a role that it is known to be a
  /// member of; owners count. no: the object was made here and nothing here grants it, or a REVOKE here took it away.
  Known granted(const RelationState& relation, std::string_view role, std::string_view privilege,
                std::string_view column = {}) const;
  Known granted(const FunctionState& function, std::string_view role) const;  ///< EXECUTE
  Known granted_in_schema(std::string_view schema, std::string_view role, std::string_view privilege) const;
  /// Grants on the schema itself, as the files say.
  std::vector<GrantState> schema_grants(std::string_view schema) const;
  std::string schema_owner(std::string_view schema) const;  ///< empty: not said here
  /// nullptr when the files say nothing of it, or dropped it.
  const RoleState* role(std::string_view name) const;
  Known role_exists(std::string_view name) const;
  Known is_member(std::string_view role, std::string_view of) const;
  const PublicationState* publication(std::string_view name) const;
  /// Whether a publication of these files sends it; unknown when it may be in one made elsewhere.
  Known published(const RelationState& relation) const;
  /// Who the statements run as: SET ROLE or SET SESSION AUTHORIZATION; empty: not said here.
  std::string current_role() const;

  // --- The session.

  /// Inside a transaction that the file itself began.
  bool in_transaction() const;
  /// As the scripts set it for the statements that follow; nullopt: not set by them. 0 means no limit.
  std::optional<long> lock_timeout_ms() const;
  std::optional<long> statement_timeout_ms() const;
  /// The last value of any SET (lower-case name) that is in force; nullopt when the scripts did not set it.
  std::optional<std::string> setting(std::string_view name) const;
  /// Without the implicit pg_catalog; "$user" left out.
  const std::vector<std::string>& search_path() const;

 private:
  friend class Folder;
  friend class RoundTripReader;
  struct Data;
  std::unique_ptr<Data> data_;
};

/// What an expression's nodes tell, for defaults, checks and predicates.
ExpressionFacts expression_facts(const Node* expression);
/// The constraints of a column definition with DEFERRABLE, INITIALLY DEFERRED and [NOT] ENFORCED, which the grammar
/// gives as entries of their own, worked into the constraint before them.
std::vector<Constraint> column_constraints(const ColumnDef& column);
/// A relation's name as PostgreSQL prints it, taken apart.
QualifiedName parts_of_display_name(std::string_view shown);
/// Tables that a query names, its CTEs aside.
std::vector<const RangeVar*> relations_in(const Node* query);
PartitionBound partition_bound(const PartitionBoundSpec& spec);

}  // namespace pgrehearse
