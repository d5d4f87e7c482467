// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "core/ascii.h"
#include "linter/rule.h"

namespace pgrehearse::rules::syntax_newer_than_target {
namespace {

struct Feature {
  std::string_view name;
  int since = 0;
  int location = -1;  ///< of its node
};

std::optional<Feature> in_constraint(const Constraint& constraint) {
  int at = constraint.location;
  if (constraint.nulls_not_distinct) return Feature{"NULLS NOT DISTINCT", 15, at};
  if (constraint.fk_del_set_cols) return Feature{"ON DELETE SET NULL with a list of columns", 15, at};
#if PG_VERSION_NUM >= 180000
  if (constraint.contype == CONSTR_ATTR_NOT_ENFORCED || constraint.contype == CONSTR_ATTR_ENFORCED ||
      !is_enforced(constraint)) {
    return Feature{"NOT ENFORCED", 18, at};
  }
  if (constraint.contype == CONSTR_GENERATED && constraint.generated_kind == 'v') {
    return Feature{"a VIRTUAL generated column", 18, at};
  }
  if (constraint.without_overlaps) return Feature{"WITHOUT OVERLAPS", 18, at};
  if (constraint.fk_with_period) return Feature{"PERIOD in a foreign key", 18, at};
#endif
  return std::nullopt;
}

std::optional<Feature> in_column(const ColumnDef& column) {
  for (const Constraint& constraint : each<Constraint>(column.constraints)) {
    if (auto found = in_constraint(constraint)) return found;
  }
  if (column.compression) return Feature{"COMPRESSION", 14, column.location};
  if (column.storage_name) return Feature{"STORAGE in a column definition", 16, column.location};
  return std::nullopt;
}

std::optional<Feature> in_command(const AlterTableCmd& command) {
  switch (command.subtype) {
    case AT_SetAccessMethod: return Feature{"SET ACCESS METHOD", 15};
    case AT_SetCompression: return Feature{"SET COMPRESSION", 14};
    case AT_DropExpression: return Feature{"DROP EXPRESSION", 13};
    case AT_SetExpression: return Feature{"SET EXPRESSION", 17};
    case AT_DetachPartitionFinalize: return Feature{"DETACH PARTITION ... FINALIZE", 14};
    case AT_DetachPartition: {
      auto* partition = as<PartitionCmd>(command.def);
      if (partition && partition->concurrent) return Feature{"DETACH PARTITION ... CONCURRENTLY", 14};
      return std::nullopt;
    }
    case AT_AddColumn: {
      auto* column = as<ColumnDef>(command.def);
      return column ? in_column(*column) : std::nullopt;
    }
    case AT_AddConstraint: {
      auto* constraint = as<Constraint>(command.def);
      if (!constraint) return std::nullopt;
      if (constraint->contype == CONSTR_NOTNULL)
        return Feature{"ADD CONSTRAINT ... NOT NULL", 18, constraint->location};
      return in_constraint(*constraint);
    }
    default: return std::nullopt;
  }
}

std::optional<Feature> in_merge(const MergeStmt& merge) {
  for (const MergeWhenClause& clause : each<MergeWhenClause>(merge.mergeWhenClauses)) {
    if (clause.matchKind == MERGE_WHEN_NOT_MATCHED_BY_SOURCE)
      return Feature{"MERGE ... WHEN NOT MATCHED BY SOURCE", 17};
  }
#if PG_VERSION_NUM >= 180000
  if (merge.returningClause) return Feature{"MERGE ... RETURNING", 17};
#endif
  return Feature{"MERGE", 15};
}

bool has_option(const List* options, std::string_view name) {
  for (const DefElem& option : each<DefElem>(options)) {
    if (view(option.defname) == name) return true;
  }
  return false;
}

std::optional<Feature> newest(std::optional<Feature> a, std::optional<Feature> b) {
  return !a || (b && b->since > a->since) ? b : a;
}

/// The newest thing that the statement's own nodes tell.
std::optional<Feature> newest_feature(const Statement& statement) {
  std::optional<Feature> found;
  switch (statement.node->type) {
    case T_AlterTableStmt:
      for (const AlterTableCmd& command : each<AlterTableCmd>(statement.as<AlterTableStmt>()->cmds)) {
        found = newest(found, in_command(command));
      }
      return found;
    case T_CreateStmt:
      for (const Node& element : each<Node>(statement.as<CreateStmt>()->tableElts)) {
        if (auto* column = as<ColumnDef>(&element)) found = newest(found, in_column(*column));
        if (auto* constraint = as<Constraint>(&element)) {
          bool not_null = constraint->contype == CONSTR_NOTNULL;
          found = newest(found, not_null ? Feature{"a table constraint NOT NULL", 18, constraint->location}
                                         : in_constraint(*constraint));
        }
      }
      return found;
    case T_IndexStmt:
      if (statement.as<IndexStmt>()->nulls_not_distinct) return Feature{"NULLS NOT DISTINCT", 15};
      return found;
    case T_ViewStmt:
      if (has_option(statement.as<ViewStmt>()->options, "security_invoker")) return Feature{"security_invoker", 15};
      return found;
    case T_CreateTrigStmt:
      if (statement.as<CreateTrigStmt>()->replace) return Feature{"CREATE OR REPLACE TRIGGER", 14};
      return found;
    case T_CreateFunctionStmt:
      if (statement.as<CreateFunctionStmt>()->sql_body) return Feature{"a function body without quotes", 14};
      return found;
    case T_MergeStmt: return in_merge(*statement.as<MergeStmt>());
    case T_GrantStmt:
      if (statement.as<GrantStmt>()->objtype == OBJECT_PARAMETER_ACL) return Feature{"GRANT ... ON PARAMETER", 15};
      for (const AccessPriv& privilege : each<AccessPriv>(statement.as<GrantStmt>()->privileges)) {
        if (view(privilege.priv_name) == "maintain") return Feature{"the privilege MAINTAIN", 17};
      }
      return found;
    case T_CreatePublicationStmt:
      for (const PublicationObjSpec& object :
           each<PublicationObjSpec>(statement.as<CreatePublicationStmt>()->pubobjects)) {
        if (object.pubobjtype == PUBLICATIONOBJ_TABLES_IN_SCHEMA ||
            object.pubobjtype == PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA) {
          return Feature{"FOR TABLES IN SCHEMA", 15};
        }
        if (object.pubtable && object.pubtable->whereClause) return Feature{"a publication's WHERE", 15};
      }
      return found;
    default: return found;
  }
}

/// Functions of pg_catalog that came with a version.
std::optional<Feature> newest_function(const Statement& statement, const Context& context) {
  struct Function {
    std::string_view name;
    int since;
  };
  static constexpr Function functions[] = {{"uuidv7", 18}, {"uuidv4", 18}, {"any_value", 16}, {"gen_random_uuid", 13}};
  if (context.state().any_extension()) return std::nullopt;  // which may bring one of that name
  for (const Function& function : functions) {
    if (function.since <= context.settings().pg_version || !contains_ignoring_case(statement.text, function.name))
      continue;
    for (const Node* node : all_nodes(statement.node)) {
      auto* call = as<FuncCall>(node);
      if (!call || last_name(call->funcname) != function.name) continue;
      if (!context.state().functions(qualified_name(call->funcname)).empty()) continue;
      return Feature{function.name == "uuidv7"      ? "uuidv7()"
                     : function.name == "uuidv4"    ? "uuidv4()"
                     : function.name == "any_value" ? "any_value()"
                                                    : "gen_random_uuid() without the extension pgcrypto",
                     function.since, call->location};
    }
  }
  return std::nullopt;
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  int version = context.settings().pg_version;
  auto feature = newest(newest_feature(statement), newest_function(statement, context));
  if (!feature || feature->since <= version) return;
  Span span = feature->location < 0 ? statement.span : statement.token_at(feature->location);
  context
      .report(span, std::string(feature->name) + " came with PostgreSQL " + std::to_string(feature->since) +
                        "; production runs " + std::to_string(version) + ", which refuses it")
      .help = "Write it so that PostgreSQL " + std::to_string(version) +
              " understands it, or raise --pg-version once production is upgraded.";
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info = {.id = "syntax-newer-than-target",
               .title = "SQL that is newer than production's PostgreSQL",
               .category = Category::files,
               .severity = Severity::error,
               .why = R"(
pgrehearse reads files with the grammar of PostgreSQL 18, so it understands what an older server refuses (mostly SQLSTATE 42601;
22023 for the option security_invoker, 42883 for functions). `--pg-version` says what production runs. Known are:

* 18: `NOT ENFORCED`, VIRTUAL generated columns, NOT NULL as a constraint with a name, `WITHOUT OVERLAPS`, `PERIOD`, `uuidv7()`
* 17: `SET EXPRESSION`, the privilege MAINTAIN, MERGE with RETURNING or NOT MATCHED BY SOURCE
* 16: STORAGE in a column definition, `any_value()`
* 15: MERGE, `NULLS NOT DISTINCT`, `security_invoker`, `SET ACCESS METHOD`, `ON DELETE SET NULL (columns)`, `GRANT ON PARAMETER`,
  publications of schemas and with WHERE
* 14: `DETACH PARTITION ... CONCURRENTLY`, `CREATE OR REPLACE TRIGGER`, COMPRESSION, function bodies without quotes
* 13: `DROP EXPRESSION`, `gen_random_uuid()` without an extension)",
               .instead = R"(
The older form, or `--pg-version` as production really is.)",
               .since = "0.1.0",
               .applies_to_down = true,
               .setup = "CREATE TABLE orders (id bigint, code text);\nCREATE TABLE news (id bigint, code text);",
               .bad = {{.sql = "CREATE UNIQUE INDEX orders_code ON orders (code) NULLS NOT DISTINCT;",
                        .min_server = 15,
                        .pg_version = 14},
                       {.sql = "MERGE INTO orders USING news ON orders.id = news.id WHEN MATCHED THEN DELETE;",
                        .min_server = 15,
                        .pg_version = 14},
                       {.sql = "ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0) NOT ENFORCED;",
                        .min_server = 18,
                        .pg_version = 17},
                       {.sql = "CREATE TABLE carts (id uuid DEFAULT uuidv7());", .min_server = 18, .pg_version = 17},
                       {.sql = "CREATE VIEW codes WITH (security_invoker = true) AS SELECT code FROM orders;",
                        .min_server = 15,
                        .pg_version = 14},
                       {.sql = "GRANT MAINTAIN ON orders TO PUBLIC;", .min_server = 17, .pg_version = 16}},
               .good = {{.sql = "CREATE UNIQUE INDEX orders_code ON orders (code) NULLS NOT DISTINCT;",
                         .min_server = 15,
                         .pg_version = 15},
                        {.sql = "ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0) NOT ENFORCED;",
                         .min_server = 18},
                        {.sql = "ALTER TABLE orders ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) STORED;",
                         .pg_version = 12},
                        {.sql = "CREATE VIEW codes WITH (security_barrier = true) AS SELECT code FROM orders;",
                         .pg_version = 12},
                        {.sql = "CREATE FUNCTION uuidv7() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';\n"
                                "CREATE TABLE carts (id uuid DEFAULT uuidv7());",
                         .pg_version = 14}}},
      .concerns = [](const MigrationSet&, const Settings& settings) { return settings.pg_version < newest_server; },
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::syntax_newer_than_target
