// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace pgrehearse {

/// Where a report's text goes: writers append to `text`, and now and then, at the end of a line or a finding, let it be
/// handed on, so that a long report takes no more memory than a short one.
class Sink {
 public:
  /// Keeps all of it in `text`.
  Sink() = default;
  explicit Sink(std::function<void(std::string_view piece)> take) : take_(std::move(take)) { text.reserve(2 * enough); }

  /// Hands the text on when a good deal has come together.
  void pass() {
    if (text.size() >= enough && take_) finish();
  }
  /// Hands on the rest.
  void finish() {
    if (!take_) return;
    take_(text);
    text.clear();
  }

  std::string text;

 private:
  static constexpr size_t enough = 64 << 10;
  std::function<void(std::string_view piece)> take_;
};

}  // namespace pgrehearse
