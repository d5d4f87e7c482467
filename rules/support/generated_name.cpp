// SPDX-License-Identifier: Apache-2.0
#include "rules/support/generated_name.h"

namespace pgrehearse {

// The state names things as PostgreSQL does, so the statement is applied to a copy and the newcomer looked up. Copies
// cost more the more there is, hence the cap: thousands of such statements in one file are no hand-written migration.
static constexpr size_t max_statements = 500;

GeneratedName generated_index_name(const Statement& statement, const Context& context, const IndexStmt& index) {
  if (context.statements_in_part() > max_statements) return {};
  SchemaState after = context.state();
  after.apply(statement);
  auto* table = after.find(*index.relation);
  if (!table || table->indexes.empty() || !table->indexes.back().generated_name) return {};
  return {table->indexes.back().name, table->complete && !table->uncertain};
}

GeneratedName generated_constraint_name(const Statement& statement, const Context& context, const Command& command) {
  if (length(command.table->cmds) != 1 || context.statements_in_part() > max_statements) return {};
  SchemaState after = context.state();
  after.apply(statement);
  auto* table = after.find(*command.table->relation);
  if (!table || table->constraints.empty() || !table->constraints.back().generated_name) return {};
  return {table->constraints.back().name, table->complete && !table->uncertain};
}

}  // namespace pgrehearse
