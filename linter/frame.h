// SPDX-License-Identifier: Apache-2.0
// The engine's side of Context. Rules do not include this.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "core/report.h"
#include "linter/context.h"
#include "linter/suppressions.h"

namespace pgrehearse {

struct Context::Frame {
  struct Pending {
    Finding finding;
    bool whole_file = false;  ///< about the migration or file: a suppression anywhere in the file covers it
  };

  const MigrationSet* set = nullptr;
  const Settings* settings = nullptr;
  Report* report = nullptr;
  SchemaState state;

  const Migration* migration = nullptr;
  const Part* part = nullptr;
  std::shared_ptr<const SourceFile> file;
  bool down = false;
  size_t statements_in_part = 0;
  bool file_ended_transaction = false;  ///< a COMMIT or ROLLBACK of the file's own, which ends the tool's transaction
  bool whole_file = false;

  const Statement* statement = nullptr;
  std::optional<Impact> impact;
  const RangeVar* used_relation = nullptr;  ///< the one of this statement that Context::is_used was asked about last
  bool used = false;
  Departures departures;
  bool conditional = false;
  bool caught = false;
  int loop_depth = 0;

  std::deque<Pending> findings;  ///< of the migration at hand; a deque, since report() gives out references
};

}  // namespace pgrehearse
