// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::alter_column_type_rewrite {

/// Another table in use that a foreign key ties to the column: it is locked and read too.
static const RelationImpact* tied_table(const Impact& impact, std::string_view table) {
  for (const RelationImpact& relation : impact.relations) {
    if (relation.existing && relation.name != table && relation.lock == LockMode::access_exclusive && relation.scan) {
      return &relation;
    }
  }
  return nullptr;
}

/// The index that is built anew, where the table itself is not written.
static std::string rebuilt_index(const Impact& impact, const SchemaState& state) {
  for (const RelationImpact& relation : impact.relations) {
    if (relation.rewrite && state.index(state.resolve(parts_of_display_name(relation.name)))) return relation.name;
  }
  return "its indexes";
}

/// Whether the type alone would change the catalog only, and USING is what costs.
static bool only_for_using(const Statement& statement, Context& context, const Command& command,
                           std::string_view table) {
  auto* column = command.column();
  if (!column || !column->raw_default) return false;
  ColumnDef plain = *column;
  plain.raw_default = nullptr;
  AlterTableCmd node = *command.node;
  node.def = reinterpret_cast<Node*>(&plain);
  Impact without = impact_of_command(statement, context, *command.table, node);
  auto* effect = without.find(table);
  return without.known && effect && !effect->rewrite;
}

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AlterColumnType)) {
    std::string table = shown_name(context, *command.table->relation);
    Impact alone = impact_of(statement, context, command);
    auto* effect = alone.find(table);
    if (!effect || !(effect->rewrite || effect->index_rebuild)) continue;
    std::string_view column = view(command.node->name);
    auto* known = context.state().column(qualified_name(*command.table->relation), column);
    auto* definition = command.column();
    std::string to = definition && definition->typeName ? context.state().resolve_type(*definition->typeName).text : "";
    std::string from = known && known->type.text != to ? known->type.text : "";
    std::string name = quote_identifier(column);
    auto& finding =
        context.report(command_span(statement, command),
                       "changing " + name + (from.empty() ? "" : " from " + from) + (to.empty() ? "" : " to " + to) +
                           (effect->rewrite ? " writes the table anew"
                                            : " builds " + rebuilt_index(alone, context.state()) + " anew") +
                           " and " + lock_clause(context, table));
    if (auto* tied = tied_table(alone, table))
      finding.message += "; so does " + tied->name + ", tied to it by a foreign key";
    if (!effect->rewrite) {
      finding.help =
          "The rows stay as they are. Drop the index first, with DROP INDEX CONCURRENTLY, and build it again "
          "afterwards with "
          "CREATE INDEX CONCURRENTLY; where the application needs it all the time, add a new column and move over.";
      continue;
    }
    finding.help =
        only_for_using(statement, context, command, table)
            ? "Without USING this changes the catalog only. Change the values in batches, before or after."
            : "Add a new column of that type, keep it in step with a trigger, fill it in batches, and move readers "
              "over before " +
                  name + " goes.";
  }
}

Rule rule() {
  RelationImpact rewritten{.name = "orders", .lock = LockMode::access_exclusive, .rewrite = true, .scan = true};
  RelationImpact brief{.name = "orders", .lock = LockMode::access_exclusive};
  return {
      .info =
          {.id = "alter-column-type-rewrite",
           .title = "ALTER COLUMN ... TYPE that rewrites the table or its indexes",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
Most type changes make PostgreSQL write the whole table and all its indexes anew; nobody can read or write it until that
is done, and it needs the disk space twice. That includes `integer` to `bigint`.

Catalog changes only, on 12 to 18, are those that keep every stored value as it is: a longer or unlimited `varchar`,
`varchar` to `text` and back without a length, a larger `numeric` precision with the same scale, a larger precision of
`timestamp` or `interval`, a longer `varbit`, `cidr` to `inet`, and `timestamp` to `timestamptz` or back when the session's
time zone is UTC. Even then an index over the column is built anew, under the same lock, when the new type brings another operator class or
collation, or when the index has an expression or a condition with the column.)",
           .instead = R"(
Expand and contract: add a column of the new type; keep it in step with a trigger; fill old rows in batches; build its
indexes concurrently; switch the application over; drop the old column in a later release.)",
           .since = "0.1.0",
           .setup =
               "CREATE TABLE orders (id integer, code varchar(20), note text, total numeric(10,2), data json);\n"
               "CREATE TABLE customers (name varchar(20));\nCREATE INDEX customers_name ON customers (lower(name));",
           .bad = {{.sql = "ALTER TABLE orders ALTER COLUMN id TYPE bigint;", .locks = {{rewritten}}},
                   {.sql = "ALTER TABLE orders ALTER COLUMN code TYPE varchar(10);", .locks = {{rewritten}}},
                   {.sql = "ALTER TABLE orders ALTER COLUMN data TYPE jsonb;", .locks = {{rewritten}}},
                   {.sql = "ALTER TABLE orders ALTER COLUMN note TYPE text USING trim(note);", .locks = {{rewritten}}},
                   {.sql = "ALTER TABLE customers ALTER name TYPE text;",
                    .locks = {{{.name = "customers",
                                .lock = LockMode::access_exclusive,
                                .index_rebuild = true,
                                .scan = true},
                               {.name = "customers_name", .lock = LockMode::access_exclusive, .rewrite = true}}}},
                   {.sql = "ALTER TABLE orders ALTER code TYPE text, ALTER total TYPE numeric(12,4);",
                    .locks = {{rewritten}}}},
           .good = {{.sql = "ALTER TABLE orders ALTER COLUMN code TYPE varchar(40);", .locks = {{brief}}},
                    {.sql = "ALTER TABLE orders ALTER COLUMN code TYPE text USING code::text;", .locks = {{brief}}},
                    {.sql = "ALTER TABLE orders ALTER COLUMN total TYPE numeric(12,2);", .locks = {{brief}}},
                    {.sql = "CREATE TABLE carts (id integer);\nALTER TABLE carts ALTER COLUMN id TYPE bigint;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AlterColumnType},
      .check = check};
}

}  // namespace pgrehearse::rules::alter_column_type_rewrite
