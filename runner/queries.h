// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/source_file.h"

namespace pgrehearse {

/// A statement that the release before the migrations runs.
struct Query {
  std::shared_ptr<const SourceFile> file;
  Span span;         ///< of it in the file; in CSV with its quotes
  std::string text;  ///< without a semicolon

  std::string place() const;  ///< "queries/find.sql:3"
};

/// Those of a folder, in the order of its names: the statements of .sql files, and the column `query` of .csv files
/// with a line of column names, as pg_stat_statements is exported. What cannot be prepared (SET, VACUUM) is left out,
/// and so is what came before. An Error when the folder or a file cannot be read, or when nothing is left.
Result<std::vector<Query>> read_queries(const std::string& folder);

}  // namespace pgrehearse
