// SPDX-License-Identifier: Apache-2.0
#include "rules/support/concurrent.h"

namespace pgrehearse {

std::string_view concurrent_form(const Statement& statement) {
  if (auto* index = statement.as<IndexStmt>()) {
    return index->concurrent ? "CREATE INDEX CONCURRENTLY" : "";
  }
  if (auto* drop = statement.as<DropStmt>()) {
    return drop->removeType == OBJECT_INDEX && drop->concurrent ? "DROP INDEX CONCURRENTLY" : "";
  }
  if (auto* reindex = statement.as<ReindexStmt>()) {
    bool on = false;  // the last one counts
    for (const DefElem& option : each<DefElem>(reindex->params)) {
      if (view(option.defname) == "concurrently") on = option_is_on(option);
    }
    return on ? "REINDEX CONCURRENTLY" : "";
  }
  if (auto* alter = statement.as<AlterTableStmt>()) {
    for (const AlterTableCmd& command : each<AlterTableCmd>(alter->cmds)) {
      auto* partition = as<PartitionCmd>(command.def);
      if (command.subtype == AT_DetachPartition && partition && partition->concurrent) {
        return "DETACH PARTITION CONCURRENTLY";
      }
    }
  }
  return {};
}

}  // namespace pgrehearse
