// SPDX-License-Identifier: Apache-2.0
#include "migration/input.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
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

/// How a file is opened: by a name in a folder that is open, or by its path.
struct Place {
  int folder;
  const char* name;
};

Result<std::string> read_bytes(Place place, const std::string& shown, bool known_regular) {
  auto failure = [&](std::string_view what, int code) {
    return environment_error("could not " + std::string(what) + " file \"" + shown +
                             "\": " + std::generic_category().message(code));
  };
  auto too_large = [&] {
    return environment_error("file \"" + shown + "\" is larger than 256 MiB", "Split it, or leave it out.");
  };
  // O_NONBLOCK: a FIFO without a writer must not hold us before fstat tells what it is.
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  Descriptor file(::openat(place.folder, place.name, flags | (known_regular ? O_NOFOLLOW : 0)));
  if (file.get() < 0) return failure("open", errno);
  auto expected_size = [&]() -> Result<uintmax_t> {
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return failure("read", errno);
    if (!S_ISREG(status.st_mode)) return environment_error("could not read \"" + shown + "\": not a regular file");
    return static_cast<uintmax_t>(status.st_size);
  };
  if (!known_regular) {
    if (auto regular = expected_size(); !regular) return std::unexpected(regular.error());
  }
  auto read_some = [&](char* at, size_t size) {
    ssize_t got = 0;
    do got = ::read(file.get(), at, size);
    while (got < 0 && errno == EINTR);
    return got;
  };
  // A short read of a regular file is its end: most files are small, and one read tells their size.
  std::array<char, 32 << 10> head;
  ssize_t begun = read_some(head.data(), head.size());
  if (begun < 0) return failure("read", errno);
  auto size = static_cast<size_t>(begun);
  if (size < head.size()) return std::string(head.data(), size);
  auto expected = expected_size();
  if (!expected) return std::unexpected(expected.error());
  if (*expected > Input::max_file_size) return too_large();
  std::string text;
  auto grow = [&](size_t wanted) {  // not filled with zeros first
    text.resize_and_overwrite(wanted, [&](char*, size_t length) { return length; });
  };
  grow(std::max<size_t>(*expected, size) + 1);
  std::ranges::copy(head, text.begin());
  while (true) {
    ssize_t got = read_some(text.data() + size, text.size() - size);
    if (got < 0) return failure("read", errno);
    size += static_cast<size_t>(got);
    if (size > Input::max_file_size) return too_large();
    if (size < text.size()) break;
    grow(size * 2);  // it grew while we read
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

/// The folder that files are read from, so that the kernel need not walk to it for each of them.
struct Input::OpenFolder {
  explicit OpenFolder(std::string_view of) : path(of) {}
  ~OpenFolder() {
    if (descriptor >= 0) ::close(descriptor);
  }
  OpenFolder(const OpenFolder&) = delete;
  OpenFolder& operator=(const OpenFolder&) = delete;

  std::string path;
  int descriptor = -1;
};

Input::~Input() = default;

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

namespace {

Result<SharedFile> result(const Input::Entry& entry) {
  if (entry.error) return std::unexpected(*entry.error);
  return entry.file;
}

}  // namespace

Result<SharedFile> Input::read(const fs::path& path) {
  auto& known = entry(resolved(path).native());
  read(known, false);
  return result(known.second);
}

void Input::read(Entries::value_type& known, bool known_regular) {
  auto& [path, entry] = known;
  if (entry.file || entry.error) return;
  std::string name = shown_resolved(path);
  auto given = texts.find(name);
  size_t slash = path.rfind('/');
  const OpenFolder* folder = known_regular ? open_folder(std::string_view(path).substr(0, slash)) : nullptr;
  Place place = folder ? Place{folder->descriptor, path.c_str() + slash + 1} : Place{AT_FDCWD, path.c_str()};
  auto text = given == texts.end() ? read_bytes(place, name, known_regular) : given->second;
  if (text) {
    entry.file = std::make_shared<const SourceFile>(std::move(name), std::move(*text));
  } else {
    entry.error = std::make_unique<Error>(std::move(text.error()));
  }
}

const Input::OpenFolder* Input::open_folder(std::string_view path) {
  if (!folder_ || folder_->path != path) {  // it may hold this file only, as a folder for each migration does
    folder_ = std::make_unique<OpenFolder>(path);
    return nullptr;
  }
  int& descriptor = folder_->descriptor;
  if (descriptor < 0) descriptor = ::open(folder_->path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  return descriptor < 0 ? nullptr : folder_.get();
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
  std::vector<std::string> others;  // those of the files that are links, devices or not told apart, sorted too
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
    if (entry->d_type != DT_REG) it.others.push_back(name);
    it.files.push_back(std::move(name));
  }
  if (int code = errno; code != 0) {
    it.input.errors.push_back(
        {Error::Kind::environment,
         "could not read folder \"" + it.input.shown(it.path) + "\": " + std::generic_category().message(code),
         {}});
  }
  std::ranges::sort(it.files);
  std::ranges::sort(it.others);
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

bool FolderView::is_plain(std::string_view file) const {
  // The listing has no names with a dot in front.
  return !file.starts_with('.') && file.find('/') == std::string_view::npos &&
         !std::ranges::binary_search(listing().others, file);
}

std::string FolderView::resolved(std::string_view file) const { return resolved(file, is_plain(file)); }

std::string FolderView::resolved(std::string_view file, bool plain) const {
  // Asking the file system about each of thousands of files costs more than reading them: only links lead elsewhere.
  if (!plain) return Input::resolved(path() / file).native();
  const std::string& folder = path().native();
  std::string result;
  result.reserve(folder.size() + 1 + file.size());
  result = folder;
  if (!result.ends_with('/')) result += '/';
  return result += file;
}

std::string FolderView::shown(std::string_view file) const { return listing_->input.shown_resolved(resolved(file)); }

const Input::Entry& FolderView::entry(std::string_view file) const {
  return listing_->input.entry(resolved(file)).second;
}

const Input::Entry& FolderView::read_entry(std::string_view file) const {
  bool plain = is_plain(file);
  auto& entry = listing_->input.entry(resolved(file, plain));
  listing_->input.read(entry, plain);
  return entry.second;
}

Result<SharedFile> FolderView::read(std::string_view file) const { return result(read_entry(file)); }

std::string_view FolderView::peek(std::string_view file) const {
  const SharedFile& text = read_entry(file).file;
  return text ? text->text() : std::string_view();
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
