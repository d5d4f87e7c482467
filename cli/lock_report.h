// SPDX-License-Identifier: Apache-2.0
// The two forms of what `locks` prints: a table for people, JSON (docs/locks.schema.json) for programs.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/impact.h"

namespace pgrehearse {

struct LockStatement {
  uint32_t line = 0;
  std::string sql;  ///< as written, secrets blanked
  bool down = false;
  Impact impact;
  bool may_do_less = false;     ///< rows or conditions decide
  bool in_transaction = false;  ///< its locks stay when it ends
  bool beyond_file = false;     ///< the transaction goes on in the next file
  uint32_t held_until = 0;      ///< line of the statement with which its locks go
  std::vector<uint32_t> under;  ///< lines of the later statements that run while they are held
};

struct LockFile {
  std::string path;
  std::string transaction;  ///< how the tool sends the file, a few words
  std::vector<LockStatement> statements;
};

/// Which of "reads" and "writes" wait while the statement holds its locks on what others may be using.
std::vector<std::string> blocked_by(const Impact& impact);

void write_locks_text(const std::vector<LockFile>& files, bool color, std::string& out);
/// `single`: one file was asked for, and its object is the whole answer; else {"files": [...]}.
void write_locks_json(const std::vector<LockFile>& files, bool single, std::string& out);

}  // namespace pgrehearse
