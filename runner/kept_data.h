// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runner/copy_folder.h"
#include "runner/installation.h"

namespace pgrehearse {

/// A data directory that migrations were applied to, kept in the cache from one run to the next under a key that says
/// all that it depends on, with notes about it. Any number of runs may keep, use and remove them at the same time.
class KeptData {
 public:
  /// All of them together take no more than this.
  static constexpr uint64_t max_bytes = 1ULL << 30;
  using Notes = std::map<std::string, std::string, std::less<>>;

  /// Not removed by anyone as long as it is held here. Nothing when there is none, or when it is not ours alone.
  static std::optional<KeptData> find(const Installation& installation, const std::string& key);
  /// Copies a data directory whose server was shut down into the cache, where the ones that were not used for longest
  /// make room for it. False when it is not there now; the rehearsal goes on without.
  static bool keep(const Installation& installation, const std::string& key, const std::string& data,
                   const Notes& notes, uint64_t room = max_bytes);

  std::string data() const { return folder_ + "/data"; }
  std::string note(std::string_view name) const;  ///< empty when there is none

 private:
  KeptData(std::string folder, std::unique_ptr<Descriptor> lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}

  std::string folder_;
  std::unique_ptr<Descriptor> lock_;
};

}  // namespace pgrehearse
