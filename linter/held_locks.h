// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/impact.h"
#include "linter/context.h"

namespace pgrehearse {

/// The locks that hold other sessions' writes up and that the transaction at hand has taken.
class HeldLocks {
 public:
  /// False for statements about rows, which lock nobody's writes out.
  static bool may_block_writes(const Statement& statement);

  /// `state` is that before the statement.
  void note(const Statement& statement, const Impact& impact, const SchemaState& state);
  void clear();
  std::span<const HeldLock> all() const { return locks_; }

 private:
  void follow_rename(const RenameStmt& rename, const SchemaState& state);

  std::vector<HeldLock> locks_;
  std::unordered_map<std::string, size_t> places_;  ///< by HeldLock::shown
};

}  // namespace pgrehearse
