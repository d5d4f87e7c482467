// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <string>

#include "core/report.h"

namespace pgrehearse {

/// Texts that stand for what files hold, by the path that reports show.
using Texts = std::map<std::string, std::string>;

/// What rounds of linting and mending have made of the files, in memory.
struct Mended {
  Texts before, after;
  size_t findings = 0;
  std::vector<Error> errors;  ///< files that a fix would have broken
};

/// Lints and makes the fixes, again and again, until none is left: what one fix writes, another may build on. `lint`
/// gives a finished report of the files as `texts` has them.
Mended mend(const std::function<Report(const Texts& texts)>& lint, bool unsafe_too);

/// One patch for all files, as `git apply` takes it, secrets blanked (a patch that would touch one no longer applies).
std::string patch(const Mended& mended, const Report& report);

/// Writes the files. Each is replaced as a whole or stays as it was; links and permissions stay.
void write_mended(const Mended& mended, std::vector<Error>& errors);

}  // namespace pgrehearse
