// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace pgrehearse {

/// The table-level lock modes of PostgreSQL, weakest first (manual, 13.3.1; the same eight in 12 to 18).
enum class LockMode : uint8_t {
  none,
  access_share,
  row_share,
  row_exclusive,
  share_update_exclusive,
  share,
  share_row_exclusive,
  exclusive,
  access_exclusive,
};

/// "ACCESS EXCLUSIVE", as the manual writes it.
std::string_view lock_name(LockMode mode);
/// "AccessExclusive": pg_locks.mode without its suffix, the spelling of our JSON.
std::string_view lock_json_name(LockMode mode);
/// From pg_locks.mode ("AccessExclusiveLock") or the JSON spelling.
std::optional<LockMode> parse_lock_mode(std::string_view name);
/// Table 13.2 of the manual: whether one session must wait for the other.
bool conflicts(LockMode a, LockMode b);

inline bool blocks_reads(LockMode mode) { return conflicts(mode, LockMode::access_share); }
inline bool blocks_writes(LockMode mode) { return conflicts(mode, LockMode::row_exclusive); }

}  // namespace pgrehearse
