// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/finding.h"
#include "core/impact.h"
#include "core/result.h"
#include "core/rule_info.h"
#include "core/source_file.h"

namespace pgrehearse {

/// The steps of a rehearsal, in the order in which a migration goes through them.
enum class Step : uint8_t { apply, reapply, rollback, rollback_again, apply_again };
inline constexpr int step_count = 5;
std::string_view step_name(Step step);  ///< "apply", "re-apply", "roll back", "roll back again", "apply again"
std::string_view step_key(Step step);   ///< "apply", "reapply", "rollback", "rollback_again", "apply_again"

enum class Verdict : uint8_t {
  passed,
  warned,   ///< did not do what it should, but the policy for this step is `warn`
  failed,   ///< the migration is not safe to ship
  skipped,  ///< not tried; Outcome::reason says why
};
std::string_view verdict_name(Verdict verdict);

/// Why a step did not pass.
enum class Cause : uint8_t {
  none,
  error,           ///< a statement failed
  schema_changed,  ///< the catalogs differ from what they should be
  data_changed,    ///< rows of older tables were lost or changed
  fails_on_data,   ///< a statement fails on rows that the tables allow, and not on empty tables
  left_invalid,    ///< an invalid index or a constraint that is NOT VALID stays behind
  not_verified,    ///< what the team's own SQL checks does not hold
  breaks_queries,  ///< a query of the release before it no longer runs
  slows_queries,   ///< such a query has become slower
  blocks_others,   ///< others had to wait for it longer than they may
  session_left,    ///< an open transaction, SET values, a role or locks stay behind
  timed_out,
};
std::string_view cause_key(Cause cause);

/// One statement as a real server ran it.
struct ObservedStatement {
  Span span;  ///< in the migration's file
  double seconds = 0;
  Impact impact;                          ///< locks and rewrites that were seen
  std::optional<int64_t> wal_bytes = {};  ///< written to the write-ahead log while it ran
  std::optional<int64_t> rows = {};       ///< that it says it wrote or read
};

/// One step of one migration.
struct Outcome {
  Step step = Step::apply;
  Verdict verdict = Verdict::skipped;
  Cause cause = Cause::none;
  std::string reason;            ///< one line for people: what failed or differs, or why it was skipped
  std::string sqlstate;          ///< when a statement failed
  std::string detail;            ///< the server's DETAIL, HINT and CONTEXT, lines
  std::optional<uint32_t> file;  ///< index into Report::files, when the problem has a place
  Span span;
  std::string difference;  ///< unified diff of definitions, when catalogs or data differ
  double seconds = 0;
  std::vector<ObservedStatement> statements;
};

/// How many objects of a class of the catalogs applying a migration made, changed and took away.
struct ObjectChanges {
  std::string object_class;  ///< "relation", "column", "index", ...
  uint32_t created = 0, changed = 0, dropped = 0;
};

/// How long sessions that read or wrote a table of before the migration had to wait for it.
struct Wait {
  std::string table;
  bool write = false;
  double seconds = 0;
  Step step = Step::apply;       ///< or rollback
  std::optional<uint32_t> file;  ///< index into Report::files, of the statement that they waited for
  Span span;
};

/// What applying a migration once amounts to, besides what its steps tell.
struct Measures {
  std::vector<ObjectChanges> objects;  ///< by class, those that changed at all
  /// How long at most one table that was there before could not be read (AccessExclusive), or not be written (Share and
  /// stronger), counted in the seconds of the statements until its transaction ended. Not set where nobody could look.
  std::optional<double> reads_blocked, writes_blocked;
  /// What other sessions really waited, on tables with rows: the longest of each table, operation and step, worst
  /// first. Not set when nobody tried.
  std::optional<std::vector<Wait>> waits = {};
};

/// What the rehearsal found out about one migration.
struct MigrationReport {
  std::string version;
  std::string name;               ///< as shown in tables: "V001 create_customers"
  uint32_t file = 0;              ///< its up part
  std::vector<Outcome> outcomes;  ///< in step order; steps not tried are present as skipped
  Measures measures = {};
};

/// The same migrations on a server of another major version.
struct ServerReport {
  std::string version;
  std::vector<MigrationReport> migrations;
};

/// All that reporters see. Findings are sorted by file, position and rule, and free of duplicates.
struct Report {
  std::string tool_version;
  std::string server_version;  ///< empty when nothing was rehearsed
  std::vector<std::shared_ptr<const SourceFile>> files;
  std::vector<const RuleInfo*> rules;  ///< the rules that were in force; they outlive the report
  std::vector<Finding> findings;
  /// Secrets whose finding a comment silences: still blanked wherever their line is quoted.
  std::vector<std::pair<uint32_t, Span>> silenced_secrets;
  std::vector<MigrationReport> migrations;
  /// The older ones of several majors, newest first; server_version and migrations are of the newest.
  std::vector<ServerReport> other_servers;
  std::vector<Error> errors;       ///< inputs or servers that could not be used; the exit code follows from them
  std::vector<std::string> notes;  ///< things worth a line: layout found, files left aside and why
  uint32_t statements = 0;         ///< statements read
  uint32_t suppressed = 0;         ///< findings silenced by a comment with a reason

  const RuleInfo* rule(std::string_view id) const;
  /// The index of the file, which is added when it is new.
  uint32_t add_file(const std::shared_ptr<const SourceFile>& file);
  /// Sorts findings, takes out doubles and those that yield to another; call once before reporters run.
  void finish();

 private:
  void drop_yielding();
  std::unordered_map<const SourceFile*, uint32_t> file_index_;
};

}  // namespace pgrehearse
