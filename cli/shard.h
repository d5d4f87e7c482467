// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/report.h"
#include "core/result.h"
#include "migration/migration.h"

namespace pgrehearse {

/// --shard I/N: the I-th of N machines that rehearse together. 0/0: the only one.
struct Shard {
  int index = 0;
  int count = 0;
};
Result<Shard> parse_shard(const std::string& text);

/// What the steps of a migration say that another shard has.
inline constexpr std::string_view in_another_shard = "rehearsed in another shard";

/// Gives each migration that is to be rehearsed to a shard, in order, always to the one with the least to do so far by
/// the size of the files: a migration at the end changes nothing for those before it. What is not of this shard becomes
/// context of the copies.
std::vector<MigrationSet> share_of(const std::vector<const MigrationSet*>& sets, Shard shard);

/// The rehearsal's part of reports that shards have written as JSON, put together in the order of the migrations.
/// `files` are those that outcomes may point at: none is read because a report names it. Fails when a file is not such
/// a report, or when a migration was rehearsed by none of them.
Result<void> take_outcomes(const std::vector<std::string>& reports,
                           const std::vector<std::shared_ptr<const SourceFile>>& files, Report& report);

/// "check" or "run": what wrote such a report.
Result<std::string> scope_of_report(const std::string& file);

}  // namespace pgrehearse
