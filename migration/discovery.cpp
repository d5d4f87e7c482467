// SPDX-License-Identifier: Apache-2.0
#include "migration/discovery.h"
#include "migration/checks.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>

#include "core/utf8.h"
#include "migration/input.h"
#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"
#include "migration/markdown.h"
#include "migration/pattern.h"
#include "migration/streams.h"

namespace pgrehearse {
namespace fs = std::filesystem;
namespace {

/// Folders of files for another engine, beside the ones for PostgreSQL.
constexpr std::array<std::string_view, 12> other_engines{"mysql",     "mariadb", "sqlite",     "sqlite3",
                                                         "h2",        "hsqldb",  "oracle",     "mssql",
                                                         "sqlserver", "db2",     "clickhouse", "cassandra"};

struct Choice {
  const Layout* layout = nullptr;
  Confidence confidence = Confidence::none;
  std::string reason;
};

/// The surest layout for a folder, and what else it resembles.
Choice choose(const FolderView& folder, const Layout* forced) {
  if (forced) return {forced, forced->detect(folder).confidence, "named by the user"};
  Choice choice;
  std::vector<std::string_view> similar;
  for (const Layout& layout : layouts()) {
    bool fallback = &layout == &layouts().back();  // plain would do for nearly all
    if (fallback && choice.layout) break;
    Match match = layout.detect(folder);
    if (match.confidence == Confidence::none) continue;
    if (match.confidence <= choice.confidence) {
      similar.push_back(layout.name);
      continue;
    }
    if (choice.layout) similar.push_back(choice.layout->name);
    choice = {&layout, match.confidence, std::move(match.reason)};
  }
  for (size_t i = 0; i < similar.size(); ++i) {
    choice.reason += i == 0 ? "; its files would also do for " : ", ";
    choice.reason += similar[i];
  }
  return choice;
}

/// Each file that the set knows; one that holds several parts more than once.
template <class Visit>
void for_each_file(const MigrationSet& set, Visit visit) {
  for (const Migration& migration : set.migrations) {
    visit(migration.up.file);
    if (migration.down) visit(migration.down->file);
    if (!migration.verify) continue;
    for (const auto& file : check_files(*migration.verify)) visit(file);
  }
  for (const auto& file : set.other_files) visit(file);
}

bool is_other_engine(std::string_view name) {
  return std::ranges::find(other_engines, lower_case(name)) != other_engines.end();
}

class Search {
 public:
  Search(Input& input, const Layout* forced, const DiscoverOptions& options)
      : input_(input), forced_(forced), markdown_(options.markdown), layout_of_(options.layout_of) {}

  Discovery found;

  void repository();
  void path(const std::string& given);
  void finish();

 private:
  struct Loaded {
    fs::path root;
    MigrationSet set;
    bool whole = false;            // asked for as a folder
    std::set<std::string> wanted;  // asked for one by one
    std::string shown = {};        // when it is a single file
  };
  /// A folder that was looked at on behalf of a file in it: many files of one folder are the normal case.
  struct Looked {
    FolderView folder;
    Choice choice;
  };

  /// The layout that the user gave this folder, if any.
  const Layout* forced(const fs::path& folder) const {
    return forced_ || !layout_of_ ? forced_ : find_layout(layout_of_(folder));
  }
  Loaded* load(const FolderView& folder, const Choice& choice);
  Loaded* holder(const std::string& shown);
  const Looked& look(const fs::path& folder);
  bool search(const FolderView& folder);
  void folder(const FolderView& folder);
  void file(const fs::path& path);
  void loose_files(const FolderView& folder);
  bool documents(const FolderView& folder);
  void single(const fs::path& path, const std::string& shown, MigrationSet set);

  Input& input_;
  const Layout* forced_;
  bool markdown_;
  const std::function<std::string(const fs::path&)>& layout_of_;
  std::vector<std::unique_ptr<Loaded>> sets_;
  std::unordered_map<std::string_view, Loaded*> holders_;  // of each file, by its shown path; see holder()
  size_t known_to_holders_ = 0;                            // the first sets
  std::map<fs::path, Looked> looked_;
};

Search::Loaded* Search::load(const FolderView& folder, const Choice& choice) {
  for (auto& known : sets_) {
    if (known->root == folder.path() && known->set.layout == choice.layout->name) return known.get();
  }
  MigrationSet set = choice.layout->load(folder);
  if (set.migrations.empty() && set.errors.empty()) return nullptr;
  set.reason = choice.reason;
  return sets_.emplace_back(std::make_unique<Loaded>(Loaded{folder.path(), std::move(set), false, {}})).get();
}

Search::Loaded* Search::holder(const std::string& shown) {
  for (; known_to_holders_ < sets_.size(); ++known_to_holders_) {  // most are never asked about
    Loaded* loaded = sets_[known_to_holders_].get();
    if (!loaded->shown.empty()) {
      holders_.emplace(loaded->shown, loaded);
    } else {
      for_each_file(loaded->set, [&](const auto& file) { holders_.emplace(file->path(), loaded); });
    }
  }
  auto known = holders_.find(shown);
  return known == holders_.end() ? nullptr : known->second;
}

const Search::Looked& Search::look(const fs::path& path) {
  auto known = looked_.find(path);
  if (known != looked_.end()) return known->second;
  FolderView folder(input_, path);
  Choice choice = choose(folder, forced(path));
  return looked_.emplace(path, Looked{std::move(folder), std::move(choice)}).first->second;
}

/// Whether something was found in the folder or below it. Names that mean little are not believed here.
bool Search::search(const FolderView& folder) {
  const Layout* named = forced(folder.path());
  Choice choice = choose(folder, named);
  bool any = false;
  if (choice.confidence > (named ? Confidence::none : Confidence::weak)) {
    if (Loaded* loaded = load(folder, choice)) {
      loaded->whole = true;
      if (choice.layout->owns_subfolders) return true;
      any = true;
    }
  }
  for (const FolderView& below : folder.folders()) {
    if (is_foreign_folder(below.name())) continue;
    if (is_other_engine(below.name())) {
      found.notes.push_back("left " + below.shown() + " aside: named for another database engine");
      continue;
    }
    bool taken = !sets_.empty() && std::ranges::any_of(below.files(), [&](const std::string& name) {
      return holder(below.shown(name)) != nullptr;
    });
    if (!taken) any |= search(below);
  }
  return any;
}

void Search::repository() {
  FolderView current(input_, input_.current());
  bool any = search(current);
  if (markdown_) any |= documents(current);
  if (any) return;
  found.errors.push_back({Error::Kind::environment, "could not find a folder of migrations",
                          "Name the folder or the files on the command line."});
}

/// SQL files of a named folder that belong to no set: nothing that was asked for is passed over.
void Search::loose_files(const FolderView& folder) {
  bool owned = std::ranges::any_of(sets_, [&](const auto& loaded) {
    return loaded->root == folder.path() && find_layout(loaded->set.layout)->owns_subfolders;
  });
  if (owned) return;  // what its tool would leave aside is named in the set
  bool read = std::ranges::any_of(sets_, [&](const auto& loaded) {
    return loaded->whole && loaded->root == folder.path() && loaded->set.layout == "plain";  // which takes them all
  });
  bool unknown = !read && std::ranges::any_of(folder.files(), [&](const std::string& name) {
    return is_sql(name) && !holder(folder.shown(name));
  });
  if (unknown) {
    const Layout* plain = find_layout("plain");
    Loaded* loaded = load(folder, {plain, Confidence::weak, plain->detect(folder).reason});
    if (loaded) loaded->whole = true;
  }
  for (const FolderView& below : folder.folders()) {
    if (!is_foreign_folder(below.name()) && !is_other_engine(below.name())) loose_files(below);
  }
}

void Search::folder(const FolderView& folder) {
  size_t sets_before = sets_.size();
  size_t errors_before = input_.errors.size();
  bool any = search(folder);
  const Layout* named = forced(folder.path());
  if (!named) loose_files(folder);
  if (markdown_) documents(folder);
  if (any || sets_.size() > sets_before || input_.errors.size() > errors_before) return;
  std::string what = named ? "no " + std::string(named->name) + " migrations" : "no migrations";
  found.errors.push_back({Error::Kind::environment, "folder \"" + folder.shown() + "\" holds " + what, {}});
}

void Search::file(const fs::path& path) {
  std::string shown = input_.shown(path);
  auto text = input_.read(path);
  if (!text) {
    found.errors.push_back(text.error());
    return;
  }
  if (Loaded* known = holder(shown)) {
    known->wanted.insert(shown);
    return;
  }
  if (is_markdown(shown)) return single(path, shown, markdown_set(*text));
  // Its own folder first, then those above: it may stand in VERSION_name/ or in deploy/.
  constexpr int levels = 4;
  fs::path folder = Input::resolved(path).parent_path();
  for (int level = 0; level < levels; ++level, folder = folder.parent_path()) {
    const Looked& looked = look(folder);
    if (looked.choice.confidence > (forced(folder) ? Confidence::none : Confidence::weak)) {
      Loaded* loaded = load(looked.folder, looked.choice);
      if (loaded && holder(shown) == loaded) {
        loaded->wanted.insert(shown);
        return;
      }
    }
    if (folder == input_.repository() || !folder.has_relative_path()) break;
  }
  if (!is_sql_script(shown)) return single(path, shown, text_set(*text));
  MigrationSet set = single_file_set(*text);
  if (set.migrations.size() == 1) set.reason = "no migration tool's names around it";
  single(path, shown, std::move(set));
}

void Search::single(const fs::path& path, const std::string& shown, MigrationSet set) {
  sets_.push_back(std::make_unique<Loaded>(Loaded{Input::resolved(path), std::move(set), true, {}, shown}));
}

/// The documents of the folder and below that hold SQL.
bool Search::documents(const FolderView& folder) {
  bool any = false;
  for (const std::string& name : folder.files()) {
    if (!is_markdown(name)) continue;
    auto text = folder.read(name);
    if (!text) {
      found.errors.push_back(text.error());
      continue;
    }
    std::string shown = folder.shown(name);
    MigrationSet set = markdown_set(*text);
    if (holder(shown) || set.migrations.empty()) continue;
    single(folder.path() / name, shown, std::move(set));
    any = true;
  }
  for (const FolderView& below : folder.folders()) {
    if (!is_foreign_folder(below.name())) any |= documents(below);
  }
  return any;
}

void Search::path(const std::string& given) {
  fs::path path = input_.current() / fs::path(given);
  if (given.empty()) {
    found.errors.push_back({Error::Kind::environment, "could not open file \"\": the name is empty", {}});
    return;
  }
  std::error_code error;
  fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return folder(FolderView(input_, path));
  if (fs::exists(status) || !is_pattern(given)) return file(path);
  std::vector<fs::path> matches = expand_pattern(input_, given);
  if (matches.empty()) {
    found.errors.push_back({Error::Kind::environment, "no file matches \"" + to_valid_utf8(given) + "\"", {}});
  }
  for (const fs::path& match : matches) {
    if (fs::is_directory(match, error)) {
      folder(FolderView(input_, match));
    } else {
      file(match);
    }
  }
}

/// Leaves what was asked for, and before it what it needs.
void keep_wanted(MigrationSet& set, const std::set<std::string>& wanted) {
  auto is_wanted_file = [&](const std::shared_ptr<const SourceFile>& file) { return wanted.contains(file->path()); };
  auto is_wanted = [&](const Part& part) { return is_wanted_file(part.file); };
  size_t end = 0;
  for (size_t i = 0; i < set.migrations.size(); ++i) {
    Migration& migration = set.migrations[i];
    migration.context_only = !is_wanted(migration.up) && !(migration.down && is_wanted(*migration.down)) &&
                             !(migration.verify && std::ranges::any_of(check_files(*migration.verify), is_wanted_file));
    if (!migration.context_only) end = i + 1;
  }
  set.migrations.resize(end);
  std::erase_if(set.other_files, [&](const auto& file) { return !wanted.contains(file->path()); });
}

void Search::finish() {
  for (auto& loaded : sets_) {
    if (!loaded->whole && loaded->wanted.empty()) continue;
    if (!loaded->whole) keep_wanted(loaded->set, loaded->wanted);
    found.sets.push_back(std::move(loaded->set));
  }
  for (Error& error : input_.errors) found.errors.push_back(std::move(error));
}

}  // namespace

MigrationSet single_file_set(std::shared_ptr<const SourceFile> file) {
  if (auto stream = stream_set(file)) return std::move(*stream);
  MigrationSet set;
  set.layout = "plain";
  set.root = file->path();
  set.reason = "a single file";
  Migration& migration = set.migrations.emplace_back();
  migration.description = file->path();
  migration.up = {
      .file = file, .section = {0, static_cast<uint32_t>(file->text().size())}, .mode = RunMode::statements};
  migration.up.irreversible = is_marked_irreversible(migration.up);
  return set;
}

Result<Discovery> discover(std::span<const std::string> paths, const DiscoverOptions& options) {
  const Layout* forced = nullptr;
  if (!options.layout.empty()) {
    forced = find_layout(options.layout);
    if (!forced) {
      std::string names;
      for (const Layout& layout : layouts()) names += (names.empty() ? "" : ", ") + std::string(layout.name);
      return usage_error("layout \"" + to_valid_utf8(options.layout) + "\" is not known",
                         "Known layouts: " + names + ".");
    }
  }
  std::error_code error;
  fs::path current = options.current.empty() ? fs::current_path(error) : options.current;
  if (error) return environment_error("could not find the current folder: " + error.message());
  Input input(current);
  input.texts = options.texts;
  Search search(input, forced, options);
  if (paths.empty()) search.repository();
  for (const std::string& path : paths) search.path(path);
  search.finish();
  return std::move(search.found);
}

}  // namespace pgrehearse
