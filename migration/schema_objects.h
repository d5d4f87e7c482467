// SPDX-License-Identifier: Apache-2.0
// The things that SchemaState knows: plain values, owned by it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migration/schema_list.h"
#include "sql/nodes.h"

namespace pgrehearse {

enum class Known : uint8_t { no, yes, unknown };

/// Identity of a relation or index that renames do not change. 0: none.
using RelationId = uint32_t;

/// A qualified name that owns nothing, for look-ups.
struct NameView {
  std::string_view schema, name;
  NameView(std::string_view in_schema, std::string_view its_name) : schema(in_schema), name(its_name) {}
  NameView(const QualifiedName& owned) : schema(owned.schema), name(owned.name) {}
  NameView(const RangeVar& written) : schema(view(written.schemaname)), name(view(written.relname)) {}
  explicit NameView(const List* names) : name(last_name(names)) {
    int count = length(names);
    if (count > 1) schema = string_value(static_cast<const Node*>(names->elements[count - 2].ptr_value));
  }
  QualifiedName owned() const { return {std::string(schema), std::string(name)}; }
  friend bool operator==(const NameView&, const NameView&) = default;
};

/// What an expression's nodes tell. The nodes themselves are gone.
struct ExpressionFacts {
  std::string constant;  ///< the value when the expression is one constant, casts aside
  bool is_constant = false;
  bool is_null = false;    ///< the constant NULL
  bool understood = true;  ///< false: it holds something these facts do not describe (a sub-select)
  std::vector<QualifiedName>
      functions;  ///< called, SQL-standard forms by their function's name (current_timestamp: now)
  std::vector<QualifiedName> sequences;  ///< of nextval('name')
  std::vector<std::string> columns;      ///< read, without duplicates
  std::vector<std::string>
      proves_not_null;  ///< columns that `c IS NOT NULL` at the top or as an AND arm keeps non-null
  /// The top-level AND arms of the form column operator constant; complete when `only_comparisons`.
  struct Comparison {
    std::string column;
    std::string op;  ///< = <> < <= > >=, or "in" with several values, "is not null" with none
    std::vector<std::string> values;
    friend bool operator==(const Comparison&, const Comparison&) = default;
  };
  std::vector<Comparison> comparisons;
  bool only_comparisons = false;
};

/// A column's type. Names are format_type()'s: "character varying", "timestamp with time zone", "integer".
struct ColumnType {
  enum class Kind : uint8_t { builtin, domain, enumeration, composite, range, unknown };
  std::string text;                ///< as psql shows it, with modifiers and []: "character varying(40)", "app.mood[]"
  QualifiedName name;              ///< as resolved, without modifiers: {"", "character varying"}, {"app", "mood"}
  std::string base;                ///< of the type under all domains: "integer"; equals name.name for other types
  std::vector<int32_t> modifiers;  ///< (12, 4); interval's fields are not told apart
  Kind kind = Kind::unknown;
  bool array = false;
  friend bool operator==(const ColumnType&, const ColumnType&) = default;
};

enum class Generated : uint8_t { no, stored, virtual_ };
enum class Identity : uint8_t { no, always, by_default };

/// What a GRANT or REVOKE of these files said last about one privilege of one role.
struct GrantState {
  std::string grantee;                 ///< "public" for PUBLIC
  std::string privilege;               ///< lower case: "select", "execute"; ALL is taken apart
  std::vector<std::string> columns{};  ///< empty: the whole object
  bool grantable = false;              ///< WITH GRANT OPTION
  bool in_force = true;                ///< false: revoked
};

struct ColumnState {
  std::string name;
  Common<ColumnType> type;
  std::string collation;  ///< as written, empty: the type's
  bool not_null = false;  ///< pg_attribute.attnotnull, so also when its constraint is NOT VALID
  Shared<ExpressionFacts> default_value;
  Shared<ExpressionFacts> generation;  ///< the expression, when generated
  Generated generated = Generated::no;
  Identity identity = Identity::no;
  RelationId sequence = 0;          ///< of serial and identity columns, and OWNED BY them
  RelationId default_sequence = 0;  ///< that the default draws from
  std::string comment;
  uint16_t inherited = 0;   ///< pg_attribute.attinhcount: parents that it comes from
  bool local = true;        ///< pg_attribute.attislocal: stays when no parent has it any more
  uint32_t created_in = 0;  ///< migration
};

enum class ConstraintKind : uint8_t { primary_key, unique, check, foreign_key, exclusion, not_null };

struct ConstraintState {
  std::string name;  ///< PostgreSQL's own choice when the statement gave none
  bool generated_name = false;
  ConstraintKind kind = ConstraintKind::check;
  std::vector<std::string> columns;  ///< for checks: all that the expression reads
  bool validated = true;
  bool enforced = true;
  bool deferrable = false;
  bool initially_deferred = false;
  bool no_inherit = false;
  uint16_t inherited = 0;                       ///< parents that it comes from
  bool local = true;                            ///< stays when no parent has it any more
  RelationId referenced = 0;                    ///< foreign keys; known even when that table was not created here
  std::vector<std::string> referenced_columns;  ///< as resolved; empty when the target's key is not known
  std::string_view on_delete;     ///< "cascade", "set null", "set default", "restrict", or empty for NO ACTION
  RelationId index = 0;           ///< that backs it (for foreign keys 0)
  Shared<ExpressionFacts> check;  ///< of checks, always there for them
  uint32_t created_in = 0;
};

struct IndexState {
  RelationId id = 0;
  std::string name;
  bool generated_name = false;
  std::string method = "btree";
  bool unique = false;
  bool primary = false;
  bool partial = false;
  bool has_expressions = false;
  bool valid = true;        ///< false: ON ONLY without all partitions attached
  bool constraint = false;  ///< backs a constraint: cannot be dropped by itself
  bool replica_identity = false;
  bool clustered = false;
  bool nulls_not_distinct = false;
  std::vector<std::string> columns;  ///< keys in order; empty text for an expression
  std::vector<std::string> includes;
  /// The index's own attribute names, keys and included columns, when they differ from those: of expressions ("lower"),
  /// and what renamed columns were called when it was built. Names of copies are made from them.
  std::vector<std::string> attributes;
  std::vector<std::string> collations;  ///< parallel to columns, as long as needed; empty: the column's
  std::vector<std::string> reads;       ///< columns that expressions and the predicate read
  RelationId parent = 0;                ///< of an index on a partition: the partitioned index
  uint32_t created_in = 0;
};

struct TriggerState {
  std::string name;
  QualifiedName function;
  std::vector<std::string> columns;  ///< UPDATE OF, and those of the WHEN condition
  bool row = false;
  bool before = false;
  bool on_insert = false, on_update = false, on_delete = false, on_truncate = false;
  bool constraint = false;
  bool cloned = false;  ///< on a partition: of the partitioned table's trigger
  char enabled = 'O';   ///< pg_trigger.tgenabled: O origin, D disabled, R replica, A always
};

struct PolicyState {
  std::string name;
  std::string command;  ///< all, select, insert, update, delete
  bool permissive = true;
  bool has_using = false, has_check = false;
  bool using_true = false, check_true = false;  ///< the expression is the constant true
  std::vector<std::string> roles;               ///< "public" when it says none
  std::vector<std::string> columns;
  std::vector<QualifiedName> functions;
  std::vector<RelationId> reads;  ///< relations of its sub-selects
};

enum class RelationKind : uint8_t {
  unknown,  ///< not created here and only mentioned
  table,
  partitioned_table,
  view,
  materialized_view,
  sequence,
  foreign_table,
  composite_type,
};
enum class Persistence : uint8_t { permanent, unlogged, temporary };

struct PartitionBound {
  bool is_default = false;
  std::string_view strategy;                      ///< list, range, hash
  std::vector<std::string> values, lower, upper;  ///< constants as text; "minvalue" and "maxvalue" unquoted
  bool understood = true;                         ///< all values are constants
};

struct RelationState {
  RelationId id = 0;
  QualifiedName name;
  RelationKind kind = RelationKind::unknown;
  Persistence persistence = Persistence::permanent;
  std::string access_method;  ///< where a statement or a setting names it; empty: the default one
  /// Created here, so columns, constraints, indexes, triggers and policies are all known. Otherwise they hold what the
  /// statements of the set added and nothing is known of the rest.
  bool complete = false;
  bool uncertain = false;              ///< a statement that may not have run created, changed or dropped it
  std::optional<uint32_t> created_in;  ///< migration; nullopt: not created here
  std::string owner;                   ///< when set here: OWNER TO, REASSIGN, or made under SET ROLE
  std::string comment;
  Common<QualifiedName> of_type;  ///< CREATE TABLE OF
  std::vector<GrantState> grants;

  NamedList<ColumnState> columns;
  std::vector<std::string> dropped_columns;  ///< of an incomplete relation: known to be gone
  NamedList<ConstraintState> constraints;
  NamedList<IndexState> indexes;  ///< in the order of their ids
  std::vector<TriggerState> triggers;
  std::vector<PolicyState> policies;
  std::vector<std::string> rules;
  std::vector<std::string> statistics;  ///< names of extended statistics
  bool row_security = false;
  bool force_row_security = false;

  std::vector<RelationId> parents;                                ///< inheritance, or the one partitioned table
  std::vector<std::string> partition_keys;                        ///< empty text for an expression
  Shared<PartitionBound> bound;                                   ///< set for partitions
  std::vector<RelationId> reads;                                  ///< views: relations of the query
  std::vector<std::pair<RelationId, std::string>> reads_columns;  ///< views: columns, where the query tells
  bool reads_understood = true;                                   ///< views: `reads_columns` is complete
  uint64_t query_hash = 0;     ///< views: of the query's text, white space aside; 0: none
  bool populated = true;       ///< materialized views: not WITH NO DATA
  bool may_have_rows = true;   ///< false: created empty in this migration and not written since
  RelationId owner_table = 0;  ///< sequences: OWNED BY
  std::string owner_column;
  std::vector<std::string> options;  ///< reloptions, lower-case "name=value"

  bool is_partition() const { return bound.has_value(); }
  /// Whether that reloption is on; an option that was never set is off.
  bool has_option(std::string_view name) const;
  const ColumnState* column(std::string_view column_name) const { return columns.find(column_name); }
  const ConstraintState* constraint(std::string_view constraint_name) const {
    return constraints.find(constraint_name);
  }
  const ConstraintState* primary_key() const;
  const IndexState* index(RelationId index_id) const;
};

struct TypeState {
  QualifiedName name;
  ColumnType::Kind kind = ColumnType::Kind::enumeration;
  std::vector<std::string> labels;      ///< enums, in order
  std::vector<ColumnState> attributes;  ///< composite types
  ColumnType base;                      ///< domains: what they stand on directly
  bool not_null = false;
  std::optional<ExpressionFacts> default_value;
  std::vector<ConstraintState> constraints;  ///< domains
  uint32_t created_in = 0;
};

enum class Volatility : uint8_t { immutable, stable, volatile_ };

struct FunctionState {
  QualifiedName name;
  int arguments = 0;  ///< input arguments
  int default_arguments = 0;
  std::string signature;  ///< canonical input types: "integer, text"
  ColumnType returns;     ///< Kind::unknown for sets, triggers and where it is not written
  std::string language;
  Volatility volatility = Volatility::volatile_;
  bool procedure = false;
  bool security_definer = false;
  bool sets_search_path = false;
  bool strict = false;
  bool leakproof = false;
  bool returns_trigger = false;
  std::string owner;  ///< when set here
  std::vector<GrantState> grants;
  std::string body;  ///< of LANGUAGE sql and plpgsql, when it is a string; empty otherwise
  uint32_t created_in = 0;

  /// Whether its body may read or write tables; false: plpgsql that only computes. Reads the body when first asked.
  bool runs_sql() const;

 private:
  mutable std::optional<bool> runs_sql_;
};

struct RoleState {
  std::string name;
  /// As the files say; unknown where they do not.
  Known superuser = Known::unknown, bypass_rls = Known::unknown, create_role = Known::unknown,
        create_db = Known::unknown, login = Known::unknown, replication = Known::unknown, inherit = Known::unknown;
  std::vector<std::string> member_of;
  bool created_here = false;
};

struct PublicationState {
  std::string name;
  bool all_tables = false;
  std::vector<RelationId> tables;
  std::vector<std::string> schemas;
};

}  // namespace pgrehearse
