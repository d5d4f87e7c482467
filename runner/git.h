// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "migration/history.h"

namespace pgrehearse {

/// A repository, asked through the `git` of the machine. Nothing is written, no hook, pager, diff driver or network is
/// used.
class Git {
 public:
  /// The repository that a folder is in.
  static Result<Git> open(const std::filesystem::path& folder);

  const std::filesystem::path& top() const { return top_; }  ///< absolute, links resolved

  /// What is new since this branch left `base` (a branch, tag or commit): committed, staged, in the working tree or not
  /// yet known to git. A base that is not there, or no common history, is an error whose help tells how to get it.
  Result<Changes> changes_since(const std::string& base) const;

  /// Runs `git ARGUMENTS` in the repository; its standard output. Public for tests.
  Result<std::string> ask(const std::vector<std::string>& arguments) const;

 private:
  std::filesystem::path top_;
};

}  // namespace pgrehearse
