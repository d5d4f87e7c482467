// SPDX-License-Identifier: Apache-2.0
#include "runner/snapshot_queries.h"

#include "runner/snapshot_sql.h"

namespace pgrehearse {

std::vector<SnapshotQuery> snapshot_queries(int version) {
  QueryList list;
  add_relation_queries(list, version);
  add_object_queries(list, version);
  add_privilege_queries(list, version);
  return list.take();
}

}  // namespace pgrehearse
