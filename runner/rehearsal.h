// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/report.h"
#include "core/result.h"
#include "migration/migration.h"
#include "runner/fixtures.h"
#include "runner/queries.h"
#include "runner/server.h"

namespace pgrehearse {

/// What it means when a step does not do what it should.
enum class Policy : uint8_t {
  required,  ///< the migration fails
  warn,      ///< it is said
  off,       ///< the step is not tried
};
std::optional<Policy> parse_policy(std::string_view name);

/// The migrations of a set, where several rehearsals of it go on at the same time.
class SharedMigrations {
 public:
  virtual ~SharedMigrations() = default;
  /// True for the one who asks first; for the others it is then context.
  virtual bool take(size_t place) = 0;
  virtual bool any_left() const = 0;
  virtual void failed(size_t place) = 0;
};

struct RehearsalOptions {
  ServerOptions server;
  /// Not set: required where the tool may run a file again (MigrationSet::may_run_again), else warn.
  std::optional<Policy> reapply;
  /// Not set: required. Where there is no down part the steps are skipped, whatever the policy.
  std::optional<Policy> rollback;
  std::chrono::milliseconds statement_timeout{60'000};
  std::chrono::milliseconds total_timeout{30 * 60'000};
  /// SQL that is run first as the superuser: roles, schemas and extensions that the set takes as given. Trusted.
  std::string prelude;
  long rows = 200;                ///< that the tables a migration names are tried with; 0: they are not
  std::vector<Fixture> fixtures;  ///< rows to try them with instead
  bool probe = false;             ///< read and write older tables meanwhile
  std::optional<std::chrono::milliseconds> max_downtime;  ///< that these reads and writes may wait
  std::vector<Query> queries;                             ///< of the release before
  double query_tolerance = 0.2;                           ///< by which part of its time one may become slower
  bool trace = true;                                      ///< observe locks, rewrites and scans
  bool fail_fast = false;
  bool keep = false;  ///< the server, when the rehearsal is over
  /// Which of the set's migrations, by their place, go down together and up again at the end. Not set: those that are
  /// not only context.
  std::optional<std::vector<bool>> way;
  /// Each snapshot is read as a whole besides, and the rehearsal ends with an error when that differs. For tests.
  bool check_snapshots = false;
  SharedMigrations* shared = nullptr;  ///< not null: only those are rehearsed that can be taken there
  /// Called before each step, also of all migrations together, for progress; may be empty. From several threads with
  /// jobs.
  std::function<void(const std::string& name, Step)> progress;
};

/// Index of a file in Report::files.
using FileIndex = std::function<uint32_t(const std::shared_ptr<const SourceFile>&)>;

struct Rehearsed {
  std::string server_version;
  /// In the set's order, with an outcome for each step; those that are only context are applied bare. After them, where
  /// two or more at the end have down parts, one for all of these, whose only steps are `roll back` and `apply again`.
  std::vector<MigrationReport> migrations;
  std::vector<size_t> places;  ///< of each of these in the set; of all of them together: the size of the set
  std::vector<std::string> notes;
  std::vector<size_t> note_places;  ///< the migration that each note came with
  std::optional<Error> stopped;     ///< why not all of them could be rehearsed; a failure and fail_fast is no reason
  std::vector<std::string> kept;    ///< of a server that runs on: how to connect and how to stop it
};

/// Takes each migration of the set, on the state that those before it built, through apply, re-apply, roll back, roll
/// back again and apply again, on a server of its own. An Error means that the rehearsal itself was not possible; what
/// is wrong with a migration is in its report.
Result<Rehearsed> rehearse(const MigrationSet& set, const RehearsalOptions& options, const FileIndex& file_index);

/// The report of a migration whose steps are all skipped.
MigrationReport skipped_report(const Migration& migration, const FileIndex& file_index, const std::string& reason);
inline constexpr const char* failed_before = "an earlier migration failed";  ///< with fail_fast

}  // namespace pgrehearse
