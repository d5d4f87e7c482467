// SPDX-License-Identifier: Apache-2.0
#include "runner/foundation.h"

#include "core/sha256.h"
#include "migration/expansion.h"
#include "runner/chain.h"

namespace pgrehearse {
namespace {

/// Part of the key: change it whenever the same statements come to be applied in another way.
constexpr const char* foundation_version = "1";

/// What is applied sooner than this is not worth the copy, which takes about as long.
constexpr auto worth_keeping = std::chrono::milliseconds(150);

std::string_view text_as_it_runs(const Part& part) {
  return part.expansion ? part.expansion->file->text() : part.section.in(part.file->text());
}

}  // namespace

size_t foundation_size(const MigrationSet& set, const RehearsalOptions& options) {
  size_t size = 0;
  while (size < set.migrations.size() && set.migrations[size].context_only && !is_on_the_way(set, options, size))
    ++size;
  return size;
}

std::string foundation_key(const MigrationSet& set, size_t size, const RehearsalOptions& options) {
  if (size == 0 || options.server.superuser || !options.server.database_url.empty()) return {};
  std::string all;
  auto add = [&](std::string_view text) { all.append(std::to_string(text.size())).append(":").append(text); };
  add(foundation_version);
  add(options.prelude);
  add(set.bookkeeping_sql);
  for (size_t i = 0; i < size; ++i) {
    const Part& up = set.migrations[i].up;
    add(run_mode_name(up.mode));
    add(text_as_it_runs(up));
    add(set.migrations[i].display_name());  // it may stand in a report: what did not apply
  }
  return hex_of(sha256(all));
}

Result<void> lay_foundation(Stage& stage, const MigrationSet& set, size_t size, const ApplyLimits& limits,
                            std::string& not_applied) {
  if (stage.has_foundation()) {
    not_applied = stage.server().recall("not_applied");
    return {};
  }
  auto begin = Clock::now();
  bool dependable = true;
  for (size_t i = 0; i < size && Clock::now() < limits.end; ++i) {
    size_t mark = stage.mark();
    auto applied = stage.apply(set.migrations[i].up, limits, false);
    if (!applied) return std::unexpected(applied.error());
    if (applied->succeeded) continue;
    stage.forget_after(mark);
    if (not_applied.empty()) not_applied = set.migrations[i].display_name();
    // Another time, on an idle machine, it may go well.
    dependable = dependable && !applied->timed_out && !applied->error.connection_lost;
  }
  if (!dependable || Clock::now() >= limits.end || Clock::now() - begin < worth_keeping) return {};
  return stage.keep_foundation({{"not_applied", not_applied}});
}

}  // namespace pgrehearse
