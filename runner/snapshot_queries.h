// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace pgrehearse {

/// One class of things that a migration can change. The query gives (identity, definition) rows with names instead of
/// oids, definitions by the server's own functions, and nothing that differs between two runs of the same SQL.
struct SnapshotQuery {
  std::string_view object_class;  ///< as a person says it: "column", "index"
  std::string sql;
};

/// For a server version such as 150020; 12 to 18 are known.
std::vector<SnapshotQuery> snapshot_queries(int server_version);

}  // namespace pgrehearse
