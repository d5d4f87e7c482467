// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/finding.h"
#include "sql/script.h"

namespace pgrehearse {

/// A comment that silences rules:
///   -- pgrehearse: allow ID[, ID...] [until YYYY-MM-DD] because REASON
/// It covers the statement that it stands in, behind (on the same line) or right above, and the line below it.
/// `allow-file` covers the file, `allow-begin` everything down to `-- pgrehearse: allow-end`.
/// The comments of squawk and eugene are read on request; these need no reason and nobody checks their use.
struct Suppression {
  enum class Reach : unsigned char { statement, range, file };
  Reach reach = Reach::statement;
  std::vector<std::string> ids;
  bool all_rules = false;  ///< `-- squawk-ignore` alone
  std::string reason;      ///< empty: none was given, and nothing is silenced
  std::string until;       ///< "2027-01-01": from that day on nothing is silenced; empty: no end
  Span comment;
  Span scope;              ///< what it covers, the comment included
  std::vector<bool> used;  ///< one for each id
  std::string problem;     ///< begins like one but cannot be read: why; nothing is silenced
  bool foreign = false;    ///< of squawk or eugene
  bool expired = false;    ///< nothing is silenced
};

/// `today` is "YYYY-MM-DD"; `compat` names the other linters whose comments count: "squawk", "eugene".
std::vector<Suppression> read_suppressions(const Script& script, std::string_view today,
                                           const std::vector<std::string>& compat);

/// Whether one of them silences the finding; marks it as used.
bool suppresses(std::vector<Suppression>& suppressions, const Finding& finding, bool whole_file);

/// "2026-01-31", by UTC.
std::string current_day();

}  // namespace pgrehearse
