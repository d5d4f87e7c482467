// SPDX-License-Identifier: Apache-2.0
#include "rules/support/concurrent.h"

namespace pgrehearse {

std::string_view concurrent_form(const Statement& statement) {
  switch (statement.node->type) {
    case T_IndexStmt: return statement.as<IndexStmt>()->concurrent ? "CREATE INDEX CONCURRENTLY" : "";
    case T_DropStmt: {
      auto* drop = statement.as<DropStmt>();
      return drop->removeType == OBJECT_INDEX && drop->concurrent ? "DROP INDEX CONCURRENTLY" : "";
    }
    case T_ReindexStmt: {
      bool on = false;  // the last one counts
      for (const DefElem& option : each<DefElem>(statement.as<ReindexStmt>()->params)) {
        if (view(option.defname) == "concurrently") on = option_is_on(option);
      }
      return on ? "REINDEX CONCURRENTLY" : "";
    }
    case T_AlterTableStmt:
      for (const AlterTableCmd& command : each<AlterTableCmd>(statement.as<AlterTableStmt>()->cmds)) {
        auto* partition = as<PartitionCmd>(command.def);
        if (command.subtype == AT_DetachPartition && partition && partition->concurrent) {
          return "DETACH PARTITION CONCURRENTLY";
        }
      }
      return {};
    default: return {};
  }
}

}  // namespace pgrehearse
