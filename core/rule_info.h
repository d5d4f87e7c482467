// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "core/finding.h"
#include "core/impact.h"
#include "core/literal.h"

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

/// What an example claims of one relation: as RelationImpact, without a thing on the heap.
struct RelationClaim {
  Literal name;
  LockMode lock = LockMode::none;
  bool rewrite = false, index_rebuild = false, scan = false, existing = true;
};

/// An exact claim about the relations that existed before a statement.
struct LockClaims {
  std::initializer_list<RelationClaim> relations;
  bool made = true;  ///< false: no claim is made about locks
};

/// A piece of SQL that shows a rule at work, and what it claims a real server does with its last statement.
/// Several files are written as one text with `-- file: NAME` lines. See DESIGN of the examples in CONTRIBUTING.md.
struct Example {
  Literal sql;
  LockClaims locks = {.relations = {}, .made = false};
  /// The last statement (or, for a claim about re-applying, the second run) fails with this code.
  Literal sqlstate = {};
  int min_server = 12;         ///< older servers do not know the syntax
  bool in_transaction = true;  ///< how the example's file is run; false: statement by statement
  int pg_version = 0;          ///< the major version that production runs; 0: the newest
};

/// All that is known about a rule but its code: from this come its tests, its page, `rules ID` and its SARIF metadata.
/// All of it is literals of the program, or lives as long: a start must not put together the prose and the examples of
/// all rules. So a rule is a static object, whose lists live as long as itself.
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
  std::initializer_list<Example> bad = {};
  std::initializer_list<Example> good = {};
};

/// The example's claims as the runner would observe them; none when there is no claim.
std::vector<RelationImpact> claimed_impact(const Example& example);

/// What the program says itself, without a rule file: no examples, part of it since the first release.
RuleInfo own_rule(std::string_view id, Category category, Severity severity, std::string_view title,
                  std::string_view why, std::string_view instead);

}  // namespace pgrehearse
