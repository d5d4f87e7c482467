// SPDX-License-Identifier: Apache-2.0
// What a text is searched for before anything else is looked at.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pgrehearse::secret_anchors {

/// Each name that is_secret_name() takes has one of these in it.
constexpr std::array<std::string_view, 9> anchors{"pass",   "pwd",        "secret",     "token", "key",
                                                  "bearer", "credential", "identified", "curl"};
constexpr std::array<std::string_view, 6> short_anchors{"pwd", "key", "_pw", "pw:", "pw=", "pw "};
constexpr std::string_view authorization = "authorization";
/// Of Stripe: people shorten it in documents, and what is left of it is still a live key's form.
constexpr std::string_view live_key = "k_live_";

/// Four letters of each are searched for by looking at every third byte or so (Wu and Manber): by the last two letters
/// of a window, how far it may move, and where it need not move, whether its first two are right too. Letters of either
/// case fall together, and so do a few others, which costs a look only.
constexpr size_t window = 4;
constexpr size_t slot(char a, char b) {
  // In the order of memory on most machines: one load and one mask.
  return (static_cast<unsigned char>(a) | static_cast<size_t>(static_cast<unsigned char>(b)) << 8) & 0x1F1F;
}
struct Windows {
  static constexpr size_t slots = 0x2000;
  std::array<uint8_t, slots> shift{};
  std::array<bool, slots> begins{};

  constexpr Windows() {
    shift.fill(window - 1);
    for (std::string_view anchor : anchors) {
      if (anchor.size() >= window) add(anchor.data());
    }
    add(authorization.data());
    add(live_key.data());
    // Words of three letters: with any byte in front.
    for (int before = 0; before < 32; ++before) {
      for (std::string_view word : short_anchors) {
        const char piece[window] = {static_cast<char>(before), word[0], word[1], word[2]};
        add(piece);
      }
    }
  }
  constexpr void add(const char* piece) {
    begins[slot(piece[0], piece[1])] = true;
    for (size_t end = 2; end <= window; ++end) {
      uint8_t& entry = shift[slot(piece[end - 2], piece[end - 1])];
      entry = std::min(entry, static_cast<uint8_t>(window - end));
    }
  }
};
constexpr Windows windows;

}  // namespace pgrehearse::secret_anchors
