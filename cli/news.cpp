// SPDX-License-Identifier: Apache-2.0
#include "cli/news.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>

#include "migration/history.h"
#include "migration/input.h"
#include "runner/git.h"

namespace pgrehearse {
namespace fs = std::filesystem;
namespace {

/// `path` relative to `folder`, or empty when it is not below it.
std::string below(const fs::path& path, const fs::path& folder) {
  auto [end, unused] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end() ? path.lexically_relative(folder).generic_string() : std::string();
}

/// What git says, asked once for each repository and base.
class Repositories {
 public:
  Repositories() {
    std::error_code ignored;
    current_ = Input::resolved(fs::current_path(ignored));
  }

  Result<const Changes*> changes(const std::string& root, const std::string& base) {
    std::error_code ignored;
    fs::path folder = current_ / root;
    if (!fs::is_directory(folder, ignored)) folder = folder.parent_path();
    auto git = Git::open(folder);
    if (!git) return std::unexpected(git.error());
    auto& known = changes_[{git->top(), base}];
    if (!known) {
      auto found = git->changes_since(base);
      if (!found) return std::unexpected(found.error());
      known = std::make_unique<Changes>(std::move(*found));
      fs::path top = git->top(), current = current_;
      known->in_repository = [top, current](const std::string& shown) {
        return below((current / shown).lexically_normal(), top);
      };
      known->shown = [top, current](const std::string& path) {
        fs::path whole = top / path;
        std::string relative = below(whole, current);
        return relative.empty() ? whole.generic_string() : relative;
      };
    }
    return known.get();
  }

 private:
  fs::path current_;
  std::map<std::pair<fs::path, std::string>, std::unique_ptr<Changes>> changes_;
};

std::string count_of(const MigrationSet& set, size_t all) {
  auto fresh = std::ranges::count_if(set.migrations, [](const Migration& each) { return !each.context_only; });
  return set.root + ": " + std::to_string(fresh) + " of " + std::to_string(all) +
         " migrations are new or changed since " + set.base;
}

}  // namespace

Result<void> keep_news(std::vector<ConfiguredSet>& sets, std::vector<std::string>& notes) {
  Repositories repositories;
  bool wanted_version = false, found_version = false;
  std::string version;
  for (ConfiguredSet& each : sets) {
    const Config& config = *each.config;
    size_t all = each.set.migrations.size();
    if (!config.diff_base.empty()) {
      auto changes = repositories.changes(each.set.root, config.diff_base);
      if (!changes) return std::unexpected(changes.error());
      if (auto done = mark_changes(each.set, **changes); !done) return done;
      notes.push_back(count_of(each.set, all));
    }
    if (!config.since.empty()) {
      wanted_version = true;
      version = config.since;
      if (mark_since(each.set, config.since)) {
        found_version = true;
        notes.push_back(count_of(each.set, all));
      }
    }
  }
  if (wanted_version && !found_version) {
    return usage_error("no migration has the version \"" + version + "\"",
                       "`pgrehearse layouts` shows the first and the last.");
  }
  std::erase_if(sets, [](const ConfiguredSet& each) { return !each.set.base.empty() && !has_news(each.set); });
  return {};
}

}  // namespace pgrehearse
