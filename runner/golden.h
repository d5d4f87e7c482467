// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "core/result.h"
#include "runner/installation.h"
#include "runner/keeper.h"

namespace pgrehearse {

/// The bootstrap superuser, whose name no dump uses; the migration's role is called as dumps expect the owner to be.
inline constexpr const char* admin_role = "pgrehearse_admin";
inline constexpr const char* migration_role = "postgres";
/// The database that is there from the start.
inline constexpr const char* rehearsal_database = "rehearsal";

/// Puts an initialised data directory, with the roles and the database, at `data` in the keeper's folder: a copy of the
/// one in the cache, which the first call for a server makes there (initdb, then one session in single-user mode). What
/// the databases hold may still be missing: a server that was shut down well starts without it. fill_data_directory()
/// must have ended before the first session begins.
Result<void> prepare_data_directory(Keeper& keeper, const Installation& installation);
Result<void> fill_data_directory(Keeper& keeper, const Installation& installation);

/// Which data directory comes from the cache for a server: changes with its program and with what we do to it.
std::string golden_key(const Installation& installation);
/// A folder in the cache that others can write, or that is not ours, may hold superuser SQL of somebody else.
Result<void> check_ours(const std::string& folder);
/// Takes out the segments of the write-ahead log that a server which was shut down well starts without.
void remove_old_log(const std::string& data);

/// What was once found out about a data directory fresh from the cache, under a name; empty when nothing is known.
std::string read_golden_note(const Installation& installation, std::string_view name);
void write_golden_note(const Installation& installation, std::string_view name, std::string_view text);

/// The last lines of the log in the keeper's folder, on one line.
std::string last_of_log(const Keeper& keeper);

}  // namespace pgrehearse
