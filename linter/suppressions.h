// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "core/finding.h"
#include "sql/script.h"

namespace pgrehearse {

/// A comment `-- pgrehearse: allow ID[, ID...] because REASON`. It covers the statement that it stands in, behind (on
/// the same line) or right above, and the line below it.
struct Suppression {
  std::vector<std::string> ids;
  std::string reason;  ///< empty: none was given, and nothing is silenced
  Span comment;
  Span scope;          ///< what it covers, the comment included
  std::vector<bool> used;  ///< one for each id
  bool malformed = false;  ///< begins like one but cannot be read
};

std::vector<Suppression> read_suppressions(const Script& script);

/// Whether one of them silences the finding; marks it as used.
bool suppresses(std::vector<Suppression>& suppressions, const Finding& finding, bool whole_file);

}  // namespace pgrehearse
