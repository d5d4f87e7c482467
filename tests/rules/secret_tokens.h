// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "rules/support/secret_shapes.h"

namespace pgrehearse {

/// Makes random tokens from the shapes' own patterns, so that none has to be written down anywhere.
class TokenGenerator {
 public:
  explicit TokenGenerator(uint32_t seed) : random_(seed) {}

  /// What the shape's pattern matches, with a right checksum where its kind has one. For patterns with a group that
  /// holds less than the whole, `secret` is set to that part.
  std::string token(const SecretShape& shape, std::string& secret);
  uint32_t below(uint32_t limit) { return random_() % limit; }

 private:
  std::string alternatives(std::string_view pattern, size_t& at);
  std::string piece(std::string_view pattern, size_t& at);
  std::string char_class(std::string_view pattern, size_t& at);
  std::string jwt();

  std::mt19937 random_;
  std::string group_;
};

}  // namespace pgrehearse
