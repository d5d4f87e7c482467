// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "core/impact.h"

namespace pgrehearse::test {

/// What a statement did, by relation; only what an observer can see.
struct Observed {
  std::string sqlstate;
  std::vector<RelationImpact> relations;  ///< sorted by name

  /// "big=AccessExclusive rewrite scan; parent=ShareRowExclusive", "error 42P01", "nothing"
  std::string text() const;
  friend bool operator==(const Observed&, const Observed&) = default;
};

/// One case of cases.txt:
///   given SQL        an earlier migration
///   before SQL       earlier in the same transaction
///   hold SQL         another session's open transaction; the statement then runs alone and is looked at while it waits
///   run SQL          the statement
///   MAJORS: TEXT     what the servers of these majors ("14", "14-17") did; several lines
struct Case {
  int line = 0;
  std::vector<std::string> given, before;
  std::string hold;
  std::string run;
  std::map<int, std::string> expected;
};

/// Of cases.txt, or of the file that PGREHEARSE_CASES names.
std::vector<Case> read_cases();
std::string fixture();
/// The model's answer for a case, as an observer would see it.
Observed predict(const Case& item, int major);

inline constexpr int majors[] = {14, 15, 16, 17, 18};

}  // namespace pgrehearse::test
