// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/source_file.h"
#include "core/span.h"

namespace pgrehearse {

/// How a migration tool sends a file to the server. It decides what CONCURRENTLY, COMMIT and ALTER TYPE ADD VALUE do.
enum class RunMode : uint8_t {
  transaction,   ///< BEGIN, the statements, COMMIT
  query_string,  ///< one simple query: several statements are one implicit transaction, a lone one is none
  statements,    ///< each on its own, autocommit
  pipeline,      ///< one extended-protocol pipeline: implicit transaction from the second statement on
  all_pending,   ///< one transaction around all pending migrations
};
std::string_view run_mode_name(RunMode mode);
/// Whether the statement at `index` of such a part, from 0, runs inside a transaction block that the tool opened (BEGIN
/// in the file aside). The first of a pipeline does not: CREATE INDEX CONCURRENTLY works there, 14 to 18 agree.
bool runs_in_transaction(RunMode mode, size_t statements_in_part, size_t index);

/// A part's text as it runs, where that is not as it stands: files that psql's \i reads, values of variables and of
/// template marks put in, branches of \if left out.
struct Expansion {
  struct Piece {
    uint32_t begin = 0;  ///< in the expanded text
    std::shared_ptr<const SourceFile> file;
    Span origin;            ///< where it comes from
    bool verbatim = false;  ///< byte by byte the same as there
  };
  std::shared_ptr<const SourceFile> file;  ///< the expanded text, under the part's path
  std::vector<Piece> pieces;

  struct Place {
    std::shared_ptr<const SourceFile> file;
    Span span;
    bool verbatim = false;  ///< the span lies in text that stands there as it runs
  };
  Place place_of(Span expanded) const;
};

/// One direction of a migration: a file, or the section of a file that the tool's markers enclose.
struct Part {
  std::shared_ptr<const SourceFile> file;
  Span section;
  RunMode mode = RunMode::transaction;
  bool irreversible = false;                             ///< for a down part: marked `-- irreversible: reason`
  std::shared_ptr<const Expansion> expansion = nullptr;  ///< null: it runs as it stands
};

/// What happened to a migration since the base that the user compares with: a commit, or a version.
enum class History : uint8_t {
  unknown,  ///< nobody asked
  old,      ///< there already, unchanged: taken as applied
  added,
  edited,    ///< there already, and its statements were changed
  reworded,  ///< there already; only comments or white space were changed
  moved,     ///< there already under another name
};

struct Migration {
  std::string version;      ///< as written: "001", "20240101120000", "1.2"
  std::string description;  ///< from the file name, underscores as blanks
  Part up;
  std::optional<Part> down;
  std::optional<Part> verify;
  bool repeatable = false;  ///< runs again whenever it changes (Flyway R__)
  /// Not among the paths that the user named, but applied before one that is: its state is folded and a rehearsal
  /// applies it, yet nothing about it is reported.
  bool context_only = false;

  History history = History::unknown;
  std::string former_path = {};   ///< when moved: the name before
  bool changed_on_base = false;   ///< the base's branch has changed the same file since this one left it
  std::string sorts_before = {};  ///< of an added one: a migration of the base that the tool would run after it
  /// Another file of the same version: earlier in the set, or added on the base's branch. Empty: none.
  std::string version_taken_by = {};

  std::string display_name() const;  ///< "001 create customers"
};

/// Migrations of one folder, in the order in which their tool applies them.
struct MigrationSet {
  std::string layout;             ///< "flyway", "golang-migrate", ... as `--layout` names it
  std::string root;               ///< folder, as reports show it
  std::string reason;             ///< why this layout: "V001__x.sql beside V001__rollback_x.sql"
  bool expects_down = false;      ///< this tool has down parts, so a missing one is a finding
  bool may_run_again = false;     ///< the tool (or the team, in the seed style) may run a file a second time
  std::string leave_transaction;  ///< how a file of this layout leaves the tool's transaction; empty: it cannot
  std::string bookkeeping_sql;    ///< creates the tool's own table, which migrations may refer to
  std::vector<Migration> migrations;
  std::string base;  ///< what the history is relative to, as the user named it
  /// Files that the base's branch has added beside these since this branch left it; with text.
  std::vector<std::shared_ptr<const SourceFile>> added_on_base;
  /// Files of migrations that the base has and this tree has not; without text.
  std::vector<std::shared_ptr<const SourceFile>> removed_files;
  std::vector<std::shared_ptr<const SourceFile>> other_files;  ///< SQL files that the tool would not run
  std::vector<std::string> notes;                              ///< what was left aside and why
  std::vector<Error> errors;                                   ///< files that could not be read, malformed markers
};

}  // namespace pgrehearse
