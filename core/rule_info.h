// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/finding.h"
#include "core/impact.h"

namespace pgrehearse {

/// The hazard that a rule is about; also the folder of its file under rules/.
enum class Category : uint8_t {
  locks,
  transactions,
  idempotency,
  compatibility,
  data,
  rollback,
  privileges,
  secrets,
  design,
  files,
};
std::string_view category_name(Category category);

/// A piece of SQL that shows a rule at work, and what it claims a real server does with its last statement.
/// Several files are written as one text with `-- file: NAME` lines. See DESIGN of the examples in CONTRIBUTING.md.
struct Example {
  std::string_view sql;
  /// Exact claim about the relations that existed before the last statement; absent: no claim is made about locks.
  std::optional<std::vector<RelationImpact>> locks = std::nullopt;
  /// The last statement (or, for a claim about re-applying, the second run) fails with this code.
  std::string_view sqlstate = {};
  int min_server = 12;         ///< older servers do not know the syntax
  bool in_transaction = true;  ///< how the example's file is run; false: statement by statement
  int pg_version = 0;          ///< the major version that production runs; 0: the newest
};

/// All that is known about a rule but its code: from this come its tests, its page, `rules ID` and its SARIF metadata.
/// The texts are literals of the program, or live as long: a start must not copy fifty rules' worth of prose.
struct RuleInfo {
  std::string_view id;     ///< names the pattern, equals the file name: create-index-not-concurrent
  std::string_view title;  ///< one line: CREATE INDEX without CONCURRENTLY on an existing table
  Category category = Category::locks;
  Severity severity = Severity::warning;
  std::string_view why;      ///< what happens and on which versions; Markdown paragraphs
  std::string_view instead;  ///< the safe form; Markdown
  std::string_view since;    ///< first release with this rule
  bool on_by_default = true;
  bool applies_to_down = false;    ///< whether down parts are checked too
  bool fails_for_certain = false;  ///< the server refuses it: no matter of load, so it weighs the same in down parts
  bool applies_to_function_bodies = false;  ///< whether statements inside CREATE FUNCTION are checked
  double security_severity = 0;  ///< SARIF security-severity (0 = not a security rule; > 9 critical, 7 high, 4 medium)
  std::string_view setup = {};   ///< an earlier migration, run before each example
  std::vector<Example> bad;
  std::vector<Example> good;
};

/// What the program says itself, without a rule file: no examples, part of it since the first release.
RuleInfo own_rule(std::string_view id, Category category, Severity severity, std::string_view title,
                  std::string_view why, std::string_view instead);

}  // namespace pgrehearse
