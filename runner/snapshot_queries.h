// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pgrehearse {

/// What an object of a snapshot hangs on: when that is touched, the object is read again.
enum class Root : uint8_t {
  relation,  ///< a table, view, sequence, ...; columns, constraints, indexes and the like belong to theirs
  function,
  type,
  schema,
  role,
  comment,  ///< of any object: by the oid of what is commented
  whole,    ///< the class is small and read as a whole when one of `catalogs` has changed, or with everything
};
inline constexpr int root_count = 7;

/// One class of things that a migration can change. The query gives (oid of the root, identity, definition) rows with
/// names instead of oids, definitions by the server's own functions, and nothing that differs between two runs of the
/// same SQL.
struct SnapshotQuery {
  std::string_view object_class;  ///< as a person says it: "column", "index"
  Root root = Root::whole;
  std::string all;       ///< every object
  std::string of_roots;  ///< those of the roots in $1, an array of oids; empty for Root::whole
  /// For Root::whole; empty: what is here shows in definitions of other classes, so that all are read again.
  std::vector<std::string_view> catalogs;
  /// The catalog of which each object is a row; may be empty.
  std::string_view rows_of;
};

/// For a server version such as 150020; 12 to 18 are known.
std::vector<SnapshotQuery> snapshot_queries(int server_version);

}  // namespace pgrehearse
