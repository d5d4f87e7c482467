// SPDX-License-Identifier: Apache-2.0
// The engine's side of Context. Rules do not include this.
#pragma once
#include <bitset>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/report.h"
#include "linter/context.h"
#include "linter/held_locks.h"
#include "linter/settling_words.h"
#include "linter/suppressions.h"
#include "migration/round_trip.h"

namespace pgrehearse {

struct Context::Frame {
  /// A finding on its way to the report.
  struct Pending {
    Finding finding;
    bool whole_file = false;  ///< about the migration or file: a suppression anywhere in the file covers it
    const Expansion* expansion = nullptr;  ///< whose text the spans are in; null: the file's
    int weight = 0;                        ///< levels of severity more or less, for hot and small tables
    bool silenced = false;                 ///< by a comment
    bool capped = false;  ///< of a down part, and about the load of production: Settings::down_severity holds
  };

  const MigrationSet* set = nullptr;
  const Settings* settings = nullptr;
  Report* report = nullptr;
  SchemaState state;

  const Migration* migration = nullptr;
  const Part* part = nullptr;
  std::shared_ptr<const SourceFile> file;
  const Expansion* expansion = nullptr;  ///< whose text is being read; null: the file's
  std::span<const ParsedStatement> neighbours;
  bool down = false;
  size_t statements_in_part = 0;
  size_t index_in_part = 0;             ///< of the top-level statement at hand
  bool file_ended_transaction = false;  ///< a COMMIT or ROLLBACK of the file's own, which ends the tool's transaction
  bool whole_file = false;

  std::bitset<1024> met_kinds;  ///< NodeTags of the statements of the part so far
  std::bitset<128> met_commands;

  const Statement* statement = nullptr;
  std::optional<Impact> impact;
  /// What was asked last about a relation that the statement names.
  struct Named {
    const RangeVar* relation = nullptr;
    std::optional<bool> existed_before = {}, used = {};
    std::optional<const RelationState*> found = {};
  };
  Named named;
  Named& about(const RangeVar& relation);
  std::optional<SettlingWords> settling_words;  ///< read on first use
  HeldLocks held;
  Departures departures;
  PartEffects* effects = nullptr;  ///< of the part at hand; null: nobody asks
  bool conditional = false;
  bool caught = false;
  int loop_depth = 0;

  std::unordered_map<const void*, std::shared_ptr<void>> kept;  ///< of Context::kept

  using Findings = std::vector<std::unique_ptr<Pending>>;  // report() gives out references
  Findings findings;                                       ///< of the migration at hand
  std::vector<const RuleInfo*> reported;                   ///< the rules that have one among them
};

}  // namespace pgrehearse
