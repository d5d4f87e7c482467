// SPDX-License-Identifier: Apache-2.0
#include "report/line_hash.h"

#include <array>
#include <unordered_map>

#include "report/visible.h"

namespace pgrehearse {
namespace {

constexpr size_t window_size = 100;
constexpr uint64_t base = 37;
constexpr uint32_t no_line = UINT32_MAX;

constexpr uint64_t leaving_weight = [] {
  uint64_t power = 1;
  for (size_t i = 0; i < window_size; ++i) power *= base;
  return power;
}();

class Hasher {
 public:
  Hasher() { line_at_.fill(no_line); }

  void add(char32_t unit, uint32_t offset) {
    if (unit == ' ' || unit == '\t' || (after_return_ && unit == '\n')) {
      after_return_ = false;
      return;
    }
    after_return_ = unit == '\r';
    if (after_return_) unit = '\n';
    leave(offset);
    if (at_line_start_) {
      line_at_[index_] = static_cast<uint32_t>(hashes_.size());
      hashes_.emplace_back();
    }
    at_line_start_ = unit == '\n';
    roll(unit);
  }

  std::vector<LineHash> finish(uint32_t size) {
    add(0xFFFF, size);
    for (size_t i = 0; i < window_size; ++i) {
      leave(size);
      roll(0);
    }
    return std::move(hashes_);
  }

 private:
  // The line that began a window ago has its hash now.
  void leave(uint32_t offset) {
    uint32_t line = line_at_[index_];
    if (line == no_line) return;
    hashes_[line] = {hash_, ++seen_[hash_], offset};
    line_at_[index_] = no_line;
  }

  void roll(char32_t unit) {
    hash_ = hash_ * base + unit - leaving_weight * window_[index_];
    window_[index_] = unit;
    index_ = (index_ + 1) % window_size;
  }

  std::array<uint64_t, window_size> window_{};
  std::array<uint32_t, window_size> line_at_;
  size_t index_ = 0;
  uint64_t hash_ = 0;
  bool at_line_start_ = true;
  bool after_return_ = false;
  std::unordered_map<uint64_t, uint32_t> seen_;
  std::vector<LineHash> hashes_;
};

}  // namespace

std::string LineHash::str() const {
  std::string text;
  static constexpr std::string_view digits = "0123456789abcdef";
  for (uint64_t rest = value; text.empty() || rest != 0; rest >>= 4) text.insert(text.begin(), digits[rest & 0xF]);
  return text + ':' + std::to_string(occurrence);
}

std::vector<LineHash> line_hashes(std::string_view text) {
  Hasher hasher;
  for (uint32_t at = 0; at < text.size();) {
    Character character = first_character(text.substr(at));
    char32_t code = character.valid ? character.code : 0xFFFD;
    if (code > 0xFFFF) {
      hasher.add(0xD800 + ((code - 0x10000) >> 10), at);
      code = 0xDC00 + ((code - 0x10000) & 0x3FF);
    }
    hasher.add(code, at);
    at += static_cast<uint32_t>(character.length);
  }
  return hasher.finish(static_cast<uint32_t>(text.size()));
}

}  // namespace pgrehearse
