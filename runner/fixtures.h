// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/source_file.h"
#include "runner/connection.h"

namespace pgrehearse {

/// A file with rows of the user's own: SQL, or CSV with a line of column names, called like its table.
struct Fixture {
  std::shared_ptr<const SourceFile> file;
  bool csv = false;
  std::string table;  ///< of CSV, as SQL would write it
};

/// The .sql and .csv files of a folder, in the order of their names. An Error when one cannot be read or there is none.
Result<std::vector<Fixture>> read_fixtures(const std::string& folder);

/// Loads what can be loaded now, in the open transaction and with the session's rights: what needs a table or a column
/// that is not there yet is left out; other failures are notes.
SqlResult<void> load_fixtures(Connection& session, const std::vector<Fixture>& fixtures,
                              std::vector<std::string>& notes);

}  // namespace pgrehearse
