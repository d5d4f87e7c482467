// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::autovacuum_disabled {
namespace {

bool is_autovacuum(const DefElem& option) { return view(option.defname) == "autovacuum_enabled"; }

const List* options_of(const Statement& statement) {
  if (auto* create = statement.as<CreateStmt>()) return create->options;
  auto* alter = statement.as<AlterTableStmt>();
  for (const AlterTableCmd& command : each<AlterTableCmd>(alter ? alter->cmds : nullptr)) {
    if (command.subtype == AT_SetRelOptions) return as<List>(command.def);
  }
  return nullptr;
}

/// Puts it back, or drops the table.
bool takes_back(const Statement& later, std::string_view table) {
  if (auto* drop = later.as<DropStmt>()) {
    for (const List& name : each<List>(drop->objects)) {
      if (last_name(&name) == table) return true;
    }
  }
  auto* alter = later.as<AlterTableStmt>();
  if (!alter || view(alter->relation->relname) != table) return false;
  for (const AlterTableCmd& command : each<AlterTableCmd>(alter->cmds)) {
    bool reset = command.subtype == AT_ResetRelOptions;
    if (!reset && command.subtype != AT_SetRelOptions) continue;
    for (const DefElem& option : each<DefElem>(as<List>(command.def))) {
      if (is_autovacuum(option) && (reset || option_is_on(option))) return true;
    }
  }
  return false;
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  const List* options = options_of(statement);
  if (!options) return;
  auto* create = statement.as<CreateStmt>();
  const RangeVar& table = create ? *create->relation : *statement.as<AlterTableStmt>()->relation;
  if (table.relpersistence == RELPERSISTENCE_TEMP) return;
  for (const DefElem& option : each<DefElem>(options)) {
    if (!is_autovacuum(option) || option_is_on(option)) continue;
    std::string_view name = view(table.relname);
    if (any_later(statement, context, [&](const Statement& later) { return takes_back(later, name); })) return;
    std::string shown = display_name(table);
    context
        .report(statement.token_at(option.location), "nothing removes dead rows from " +
                                                         (option.defnamespace ? "the TOAST table of " + shown : shown) +
                                                         " or keeps its statistics fresh any more")
        .help =
        "Leave autovacuum on, and give it other numbers where it is too slow or too busy: "
        "autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay. Where it is off for a load, put it back "
        "in the same file: ALTER TABLE " +
        shown + " RESET (autovacuum_enabled).";
    return;
  }
}

Rule rule() {
  return {
      .info = {.id = "autovacuum-disabled",
               .title = "A table without autovacuum",
               .category = Category::locks,
               .severity = Severity::warning,
               .why = R"(
With `autovacuum_enabled = false` dead rows stay in the table for good, so it and its indexes grow with every UPDATE, and the planner
works with the statistics of the day on which it was set. PostgreSQL vacuums such a table only when its transaction numbers are about
to run out (at `autovacuum_freeze_max_age`); that one comes at a time that nobody chose, and it does not give way to others. It is the
same on PostgreSQL 12 to 18.

What the same file puts back is no finding.)",
               .instead = R"(
Tune it: `ALTER TABLE t SET (autovacuum_vacuum_scale_factor = 0.01)`. For a load: switch it off, load, `RESET (autovacuum_enabled)`,
`VACUUM ANALYZE`.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint);",
               .bad = {{.sql = "ALTER TABLE orders SET (autovacuum_enabled = false);",
                        .locks = {{{.name = "orders", .lock = LockMode::share_update_exclusive}}}},
                       {.sql = "CREATE TABLE queue (id bigint) WITH (fillfactor = 70, autovacuum_enabled = off);",
                        .locks = {std::vector<RelationImpact>()}},
                       {.sql = "ALTER TABLE orders SET (toast.autovacuum_enabled = 'false');",
                        .locks = {{{.name = "orders", .lock = LockMode::share_update_exclusive}}}}},
               .good = {{.sql = "ALTER TABLE orders SET (autovacuum_enabled, autovacuum_vacuum_scale_factor = 0.01);"},
                        {.sql = "ALTER TABLE orders SET (autovacuum_enabled = off);\nINSERT INTO orders SELECT 1;\n"
                                "ALTER TABLE orders RESET (autovacuum_enabled);"},
                        {.sql = "CREATE TEMP TABLE load (id bigint) WITH (autovacuum_enabled = false);"},
                        {.sql = "CREATE TABLE load (id bigint) WITH (autovacuum_enabled = false);\nDROP TABLE load;"}}},
      .nodes = {T_AlterTableStmt, T_CreateStmt},
      .commands = {AT_SetRelOptions},
      .words = {"autovacuum_enabled"},
      .check = check};
}

}  // namespace pgrehearse::rules::autovacuum_disabled
