// SPDX-License-Identifier: Apache-2.0
#include "migration/input.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "core/utf8.h"

namespace pgrehearse {
namespace fs = std::filesystem;
namespace {

/// A file descriptor that is closed with its scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

bool is_below(const fs::path& path, const fs::path& folder) {
  auto [end, unused] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

Result<std::string> read_bytes(const std::string& path, const std::string& shown) {
  auto failure = [&](std::string_view what, int code) {
    return environment_error("could not " + std::string(what) + " file \"" + shown +
                             "\": " + std::generic_category().message(code));
  };
  // O_NONBLOCK: a FIFO without a writer must not hold us before fstat tells what it is.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (file.get() < 0) return failure("open", errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failure("read", errno);
  if (!S_ISREG(status.st_mode)) return environment_error("could not read \"" + shown + "\": not a regular file");
  auto too_large = [&] {
    return environment_error("file \"" + shown + "\" is larger than 256 MiB", "Split it, or leave it out.");
  };
  if (static_cast<uintmax_t>(status.st_size) > Input::max_file_size) return too_large();
  std::string text;
  auto grow = [&](size_t wanted) {  // not filled with zeros first
    text.resize_and_overwrite(wanted, [&](char*, size_t length) { return length; });
  };
  grow(static_cast<size_t>(status.st_size) + 1);
  size_t size = 0;
  while (true) {
    ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure("read", errno);
    size += static_cast<size_t>(got);
    if (size > Input::max_file_size) return too_large();
    if (size < text.size()) break;  // a short read of a regular file is its end
    grow(size * 2);                 // it grew while we read
  }
  text.resize(size);
  return text;
}

}  // namespace

fs::path Input::resolved(const fs::path& path) {
  std::error_code error;
  fs::path result = fs::weakly_canonical(path, error);
  if (error) result = path.lexically_normal();
  return result.has_filename() ? result : result.parent_path();
}

Input::Input(const fs::path& current) : current_(resolved(current)), repository_(current_) {
  std::error_code ignored;
  for (fs::path folder = current_;; folder = folder.parent_path()) {
    if (fs::exists(folder / ".git", ignored)) {
      repository_ = folder;
      break;
    }
    if (!folder.has_relative_path()) break;
  }
}

Result<SharedFile> Input::read(const fs::path& path) { return read_resolved(resolved(path).native()); }

Result<SharedFile> Input::read_resolved(std::string path) {
  if (auto known = files_.find(path); known != files_.end()) return known->second;
  std::string name = shown_resolved(path);
  auto known = texts.find(name);
  auto text = known == texts.end() ? read_bytes(path, name) : known->second;
  Result<SharedFile> file = std::unexpected(Error{});
  if (text) {
    file = std::make_shared<const SourceFile>(std::move(name), std::move(*text));
  } else {
    file = std::unexpected(text.error());
  }
  return files_.emplace(std::move(path), std::move(file)).first->second;
}

std::string Input::shown(const fs::path& path) const { return shown_resolved(resolved(path).native()); }

std::string Input::shown_resolved(std::string_view path) const {
  std::string_view top = current_.native();
  if (path == top) return ".";
  if (top.ends_with('/')) top.remove_suffix(1);  // the root folder
  if (path.starts_with(top) && path.size() > top.size() && path[top.size()] == '/') path.remove_prefix(top.size() + 1);
  return to_valid_utf8(path);
}

struct FolderView::Listing {
  Input& input;
  fs::path path;
  int depth;
  bool read = false;
  std::vector<std::string> files;
  std::vector<std::string> links;  // those of the files that are symbolic links, sorted too
  std::vector<FolderView> folders;
};

FolderView::FolderView(Input& input, fs::path path) : FolderView(input, Input::resolved(path), 0) {}

FolderView::FolderView(Input& input, fs::path path, int depth)
    : listing_(std::make_shared<Listing>(input, std::move(path), depth)) {}

const FolderView::Listing& FolderView::listing() const {
  Listing& it = *listing_;
  if (it.read) return it;
  it.read = true;
  std::vector<fs::path> folders;
  std::unique_ptr<DIR, CloseFolder> opened(::opendir(it.path.c_str()));
  while (opened) {
    errno = 0;
    const dirent* entry = ::readdir(opened.get());
    if (!entry) break;
    std::string name = entry->d_name;
    if (name.starts_with('.')) continue;
    auto full = [&] { return it.path / name; };
    std::error_code unreadable;
    bool unknown = entry->d_type == DT_UNKNOWN;
    bool is_link = unknown ? fs::is_symlink(full(), unreadable) : entry->d_type == DT_LNK;
    if (unknown || is_link ? fs::is_directory(full(), unreadable) : entry->d_type == DT_DIR) {
      if (!is_link) folders.push_back(full());
      continue;
    }
    if (is_link && !is_below(Input::resolved(full()), it.input.repository()) &&
        !is_below(Input::resolved(full()), it.path)) {
      if (name.ends_with(".sql")) {
        it.input.errors.push_back({Error::Kind::environment,
                                   "symbolic link \"" + it.input.shown(it.path / "") + "/" + to_valid_utf8(name) +
                                       "\" leads out of the repository and is not followed",
                                   {}});
      }
      continue;
    }
    if (is_link) it.links.push_back(name);
    it.files.push_back(std::move(name));
  }
  if (int code = errno; code != 0) {
    it.input.errors.push_back(
        {Error::Kind::environment,
         "could not read folder \"" + it.input.shown(it.path) + "\": " + std::generic_category().message(code),
         {}});
  }
  std::ranges::sort(it.files);
  std::ranges::sort(it.links);
  std::ranges::sort(folders);
  if (it.depth == max_depth) return it;
  for (fs::path& folder : folders) it.folders.push_back(FolderView(it.input, std::move(folder), it.depth + 1));
  return it;
}

const fs::path& FolderView::path() const { return listing_->path; }
std::string_view FolderView::name() const {
  std::string_view path = listing_->path.native();
  return path.substr(path.rfind('/') + 1);
}
std::string FolderView::shown() const { return listing_->input.shown(listing_->path); }
const std::vector<std::string>& FolderView::files() const { return listing().files; }
const std::vector<FolderView>& FolderView::folders() const { return listing().folders; }

bool FolderView::has_file(std::string_view name) const { return std::ranges::binary_search(files(), name); }

const FolderView* FolderView::folder(std::string_view name) const {
  for (const FolderView& folder : folders()) {
    if (folder.path().filename() == name) return &folder;
  }
  return nullptr;
}

std::string FolderView::resolved(std::string_view file) const {
  // Asking the file system about each of thousands of files costs more than reading them: only links lead elsewhere,
  // and the listing knows them, but for names with a dot in front.
  bool plain = !file.starts_with('.') && file.find('/') == std::string_view::npos;
  if (!plain || std::ranges::binary_search(listing().links, file)) return Input::resolved(path() / file).native();
  const std::string& folder = path().native();
  std::string result;
  result.reserve(folder.size() + 1 + file.size());
  result = folder;
  if (!result.ends_with('/')) result += '/';
  return result += file;
}

std::string FolderView::shown(std::string_view file) const { return listing_->input.shown_resolved(resolved(file)); }

Result<SharedFile> FolderView::read(std::string_view file) const { return read_resolved(resolved(file)); }

Result<SharedFile> FolderView::read_resolved(std::string path) const {
  return listing_->input.read_resolved(std::move(path));
}

std::string_view FolderView::peek(std::string_view file) const {
  auto text = read(file);
  return text ? (*text)->text() : std::string_view();
}

bool FolderView::stands_above(std::string_view name) const {
  const fs::path& top = listing_->input.repository();
  std::error_code ignored;
  for (fs::path folder = path();; folder = folder.parent_path()) {
    if (fs::exists(folder / name, ignored)) return true;
    if (folder == top || !is_below(folder, top)) return false;
  }
}

FolderView FolderView::parent() const { return FolderView(listing_->input, path().parent_path()); }

}  // namespace pgrehearse
