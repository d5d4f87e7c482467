// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <expected>
#include <string>

namespace pgrehearse {

/// Our own task could not be done. What is wrong with the user's SQL is a Finding instead; a broken invariant asserts.
struct Error {
  enum class Kind {
    usage,        ///< options or configuration: exit code 2
    environment,  ///< no server, unreadable input, full disk: exit code 3
  };
  Kind kind = Kind::environment;
  std::string message;  ///< lower case, no full stop, names the thing: could not open file "x.sql": ...
  std::string help;     ///< what to do, a sentence; may be empty
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> usage_error(std::string message, std::string help = {}) {
  return std::unexpected(Error{Error::Kind::usage, std::move(message), std::move(help)});
}
inline std::unexpected<Error> environment_error(std::string message, std::string help = {}) {
  return std::unexpected(Error{Error::Kind::environment, std::move(message), std::move(help)});
}

}  // namespace pgrehearse
