// SPDX-License-Identifier: Apache-2.0
#include "runner/libpq.h"

#include <dlfcn.h>

#include <array>
#include <mutex>

#include "runner/connection.h"

namespace pgrehearse {

Libpq libpq;

namespace {

bool loaded = false;
std::mutex loading;

}  // namespace

Result<void> Connection::load_library(const std::string& library_dir) {
  std::lock_guard lock(loading);
  if (loaded) return {};
  void* library = nullptr;
#ifdef __APPLE__
  constexpr std::array<const char*, 1> names{"libpq.5.dylib"};
#else
  constexpr std::array<const char*, 1> names{"libpq.so.5"};
#endif
  for (const char* name : names) {
    library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!library && !library_dir.empty()) library = dlopen((library_dir + "/" + name).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library) break;
  }
  if (!library) {
    return environment_error(
        "could not load libpq, PostgreSQL's client library",
        "Install the package libpq5 (Debian, Ubuntu), libpq (Fedora, Homebrew) or postgresql-libs.");
  }
#define X(name)                                                                                 \
  libpq.name = reinterpret_cast<decltype(libpq.name)>(dlsym(library, #name));                   \
  if (!libpq.name) {                                                                            \
    return environment_error("the installed libpq is older than 14: it has no function " #name, \
                             "Install libpq 14 or newer.");                                     \
  }
  PGREHEARSE_LIBPQ(X)
#undef X
  loaded = true;
  return {};
}

}  // namespace pgrehearse
