// SPDX-License-Identifier: Apache-2.0
#include "rules/support/key_constraint.h"

#include "rules/support/advice.h"

namespace pgrehearse {

std::string index_first_advice(const Statement& statement, const Context& context, const Command& command) {
  const Constraint& constraint = *command.constraint();
  const RangeVar& relation = *command.table->relation;
  bool primary = constraint.contype == CONSTR_PRIMARY;
  std::string kind = primary ? "PRIMARY KEY" : "UNIQUE";
  std::string table = shown_name(context, relation);
  std::string columns = name_list(constraint.keys);

  auto* known = context.state().find(relation);
  if (known && known->kind == RelationKind::partitioned_table) {
    return "Add it to the parent alone with ALTER TABLE ONLY " + table +
           ", build a unique index on each partition with "
           "CREATE UNIQUE INDEX CONCURRENTLY, and join them with ALTER INDEX ... ATTACH PARTITION.";
  }
  std::string name = constraint.conname ? quote_identifier(view(constraint.conname))
                     : primary          ? suggested_name(relation, nullptr, "pkey")
                                        : suggested_name(relation, constraint.keys, "key");
  return "Build the index first with CREATE UNIQUE INDEX CONCURRENTLY " + name + " ON " + table + " (" + columns +
         "), then ALTER TABLE " + table + " ADD CONSTRAINT " + name + " " + kind + " USING INDEX " + name +
         ", which is brief" + (primary ? " when the columns are NOT NULL already" : "") +
         (is_in_transaction(statement, context) ? ". The build needs a migration outside a transaction." : ".");
}

}  // namespace pgrehearse
