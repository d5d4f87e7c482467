// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace pgrehearse {

/// Another number in each run: as the seed of a table that is only looked up in, it keeps whoever writes the SQL from
/// choosing names that meet in one place.
uint64_t random_seed();

/// Of names and other short texts: all bytes count, eight at a time. With the hash of another text as its seed, of
/// both.
inline uint64_t text_hash(std::string_view text, uint64_t seed = 0) {
  constexpr uint64_t factor = 0x9E3779B97F4A7C15;
  auto mixed = [](uint64_t value) {
    value *= factor;
    return value ^ value >> 32;
  };
  const char* at = text.data();
  size_t left = text.size();
  uint64_t hash = mixed(seed + left);
  uint64_t word = 0;
  for (; left >= sizeof word; at += sizeof word, left -= sizeof word) {
    std::memcpy(&word, at, sizeof word);
    hash = mixed(hash ^ word);
  }
  word = 0;
  if (left >= 4) {  // two halves that may overlap
    uint32_t low = 0, high = 0;
    std::memcpy(&low, at, 4);
    std::memcpy(&high, at + left - 4, 4);
    word = low | static_cast<uint64_t>(high) << 32;
  } else if (left > 0) {  // the first, the middle and the last of three at most
    auto byte = [&](size_t i) { return uint64_t{static_cast<unsigned char>(at[i])}; };
    word = byte(0) | byte(left / 2) << 8 | byte(left - 1) << 16;
  }
  return mixed(hash ^ word);
}

/// a == b, for texts that are short and mostly equal.
inline bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const char *left = a.data(), *right = b.data();
  auto differs = [&](size_t at) {
    uint64_t x = 0, y = 0;
    std::memcpy(&x, left + at, sizeof x);
    std::memcpy(&y, right + at, sizeof y);
    return x != y;
  };
  size_t size = a.size();
  if (size >= sizeof(uint64_t)) {
    for (size_t at = 0; at + sizeof(uint64_t) < size; at += sizeof(uint64_t)) {
      if (differs(at)) return false;
    }
    return !differs(size - sizeof(uint64_t));
  }
  for (size_t at = 0; at < size; ++at) {
    if (left[at] != right[at]) return false;
  }
  return true;
}

}  // namespace pgrehearse
