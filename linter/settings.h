// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "core/finding.h"

namespace pgrehearse {

inline constexpr int oldest_server = 12;
inline constexpr int newest_server = 18;

/// What the user chose for linting. Command line first, then the environment, the configuration file, these defaults.
struct Settings {
  int pg_version = newest_server;           ///< the major version that production runs
  std::vector<std::string> select;          ///< rule ids to run; empty: those on by default
  std::vector<std::string> extend_select;   ///< rule ids to run besides
  std::vector<std::string> ignore;          ///< rule ids not to run
};

}  // namespace pgrehearse
