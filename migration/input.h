// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "core/source_file.h"

namespace pgrehearse {

using SharedFile = std::shared_ptr<const SourceFile>;

/// The folders and files of one discovery. Names come from a pull request: whatever stands there, reading ends, opens
/// no device, and follows no link out of the repository.
class Input {
 public:
  static constexpr uintmax_t max_file_size = uintmax_t{256} << 20;

  /// `current`: the folder that relative paths start from and that shown paths are relative to.
  explicit Input(const std::filesystem::path& current);
  ~Input();

  const std::filesystem::path& current() const { return current_; }
  /// The nearest folder at or above the current one that holds `.git`, else the current one.
  const std::filesystem::path& repository() const { return repository_; }

  /// Absolute, links followed as far as the path exists, no trailing slash.
  static std::filesystem::path resolved(const std::filesystem::path& path);

  /// A file that somebody has asked for: one for all names that lead to it, as long as the Input lives.
  struct Entry {
    SharedFile file = nullptr;               ///< once it has been read
    std::unique_ptr<Error> error = nullptr;  ///< why it could not be
  };

  /// Reads a file once; the second time the same value comes back. Errors: missing, not a regular file, over the cap.
  Result<SharedFile> read(const std::filesystem::path& path);

  /// The path as reports show it: valid UTF-8, relative to the current folder when below it.
  std::string shown(const std::filesystem::path& path) const;
  /// The same for a path that resolved() would leave as it is.
  std::string shown_resolved(std::string_view path) const;

  /// Texts that stand for what files hold, by the path that reports show.
  std::map<std::string, std::string> texts;
  /// Folders that could not be listed, links that were not followed.
  std::vector<Error> errors;

 private:
  friend class FolderView;
  struct OpenFolder;
  using Entries = std::unordered_map<std::string, Entry>;  // by resolved path

  Entries::value_type& entry(std::string path) { return *entries_.try_emplace(std::move(path)).first; }
  /// Reads what was not read before. `known_regular`: by the listing of the folder that it stands in.
  void read(Entries::value_type& entry, bool known_regular);
  /// That of the path, when files are read from it one after the other; else none.
  const OpenFolder* open_folder(std::string_view path);

  std::filesystem::path current_;
  std::filesystem::path repository_;
  Entries entries_;
  std::unique_ptr<OpenFolder> folder_;  // that the last file stood in
};

/// One folder and, lazily, those below it, each listed once and in byte order. Names that begin with a dot are left
/// out, links to folders too (what they lead to is found by its own name). Copies are cheap and share the listing.
class FolderView {
 public:
  static constexpr int max_depth = 16;

  /// `path` exists and is a folder. `input` outlives every view.
  FolderView(Input& input, std::filesystem::path path);

  const std::filesystem::path& path() const;
  std::string_view name() const;  ///< the last part of the path
  std::string shown() const;      ///< the path as reports show it
  const std::vector<std::string>& files() const;
  const std::vector<FolderView>& folders() const;

  bool has_file(std::string_view name) const;
  /// Absolute path of a file of this folder, links followed.
  std::string resolved(std::string_view file) const;
  /// The path of a file of this folder as reports show it.
  std::string shown(std::string_view file) const;
  const FolderView* folder(std::string_view name) const;
  Result<SharedFile> read(std::string_view file) const;
  /// The same, with an error as the entry holds it.
  const Input::Entry& read_entry(std::string_view file) const;
  /// The entry of a file that need not have been read.
  const Input::Entry& entry(std::string_view file) const;
  /// The text of a file, or an empty one when it cannot be read: for a look that decides nothing but the layout.
  std::string_view peek(std::string_view file) const;

  /// Whether a file or folder of that name stands in this folder or above it, within the repository.
  bool stands_above(std::string_view name) const;
  FolderView parent() const;

 private:
  struct Listing;
  FolderView(Input& input, std::filesystem::path path, int depth);
  const Listing& listing() const;
  /// The listing says that it is a file like most: no link, no device, nothing that it could not tell.
  bool is_plain(std::string_view file) const;
  std::string resolved(std::string_view file, bool plain) const;
  std::shared_ptr<Listing> listing_;
};

}  // namespace pgrehearse
