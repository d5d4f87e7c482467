// SPDX-License-Identifier: Apache-2.0
#include "core/lock_mode.h"

#include <array>

namespace pgrehearse {
namespace {

struct Names {
  std::string_view manual;
  std::string_view json;
};

constexpr std::array<Names, 9> names{{{"NONE", "None"},
                                      {"ACCESS SHARE", "AccessShare"},
                                      {"ROW SHARE", "RowShare"},
                                      {"ROW EXCLUSIVE", "RowExclusive"},
                                      {"SHARE UPDATE EXCLUSIVE", "ShareUpdateExclusive"},
                                      {"SHARE", "Share"},
                                      {"SHARE ROW EXCLUSIVE", "ShareRowExclusive"},
                                      {"EXCLUSIVE", "Exclusive"},
                                      {"ACCESS EXCLUSIVE", "AccessExclusive"}}};

constexpr uint16_t bit(LockMode mode) { return static_cast<uint16_t>(1u << static_cast<unsigned>(mode)); }
constexpr uint16_t from(LockMode weakest) { return static_cast<uint16_t>(0x1FFu << static_cast<unsigned>(weakest)); }

constexpr std::array<uint16_t, 9> conflict_sets{
    0,
    bit(LockMode::access_exclusive),
    from(LockMode::exclusive),
    from(LockMode::share),
    from(LockMode::share_update_exclusive),
    static_cast<uint16_t>(bit(LockMode::row_exclusive) | bit(LockMode::share_update_exclusive) |
                          from(LockMode::share_row_exclusive)),
    from(LockMode::row_exclusive),
    from(LockMode::row_share),
    from(LockMode::access_share),
};

}  // namespace

std::string_view lock_name(LockMode mode) { return names[static_cast<size_t>(mode)].manual; }
std::string_view lock_json_name(LockMode mode) { return names[static_cast<size_t>(mode)].json; }

std::optional<LockMode> parse_lock_mode(std::string_view name) {
  if (name.ends_with("Lock")) name.remove_suffix(4);
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].json == name || names[i].manual == name) return static_cast<LockMode>(i);
  }
  return std::nullopt;
}

bool conflicts(LockMode a, LockMode b) { return conflict_sets[static_cast<size_t>(a)] & bit(b); }

}  // namespace pgrehearse
