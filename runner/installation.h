// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "core/result.h"

namespace pgrehearse {

/// A PostgreSQL server on this machine.
struct Installation {
  std::string bin_dir;  ///< holds postgres and initdb
  int major = 0;        ///< 0: not asked yet
};

/// All that are found, best first: the places that packages use (newest first), then PATH, then what
/// tools/fetch-postgres has put into the cache.
std::vector<Installation> find_installations();

/// The one to use. `pg_bin` (or, when empty, $PGREHEARSE_PG_BIN) names its folder of programs; `major` 0 takes any.
Result<Installation> choose_installation(const std::string& pg_bin, int major);

/// One of that major: `preferred`, a folder of programs that may be empty, where it is of it, else the first that is
/// found.
Result<Installation> installation_of(int major, const std::string& preferred);

/// $PGREHEARSE_CACHE; else /var/cache/pgrehearse for root, whose home is closed to the servers' user; else
/// $XDG_CACHE_HOME/pgrehearse, else ~/.cache/pgrehearse. Empty when there is no home.
std::string cache_folder();

}  // namespace pgrehearse
