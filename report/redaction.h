// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/report.h"

namespace pgrehearse {

/// What stands in a report where a secret stood. It does not tell how long the secret was.
inline constexpr std::string_view blank = "****";

/// The secrets that the findings of one report mark: where they stand in the files, and their bytes, since a comment, a
/// server message, a diff or another finding may repeat them.
class Redaction {
 public:
  explicit Redaction(const Report& report);

  /// The secret parts of a file, sorted and disjoint: those marked, and other places with the same bytes. (A secret
  /// that could be a name counts where it is marked alone.)
  std::span<const Span> in_file(uint32_t file) const;
  bool touches(uint32_t file, Span span) const;

  /// Free text with each known secret blanked. A secret shorter than 8 bytes counts only as a whole word, one shorter
  /// than 3 not at all: blanking each "a" would hide the report and not the secret.
  std::string clean(std::string_view text) const;
  /// The same without a copy where nothing is blanked; otherwise a view of `place`.
  std::string_view clean(std::string_view text, std::string& place) const;

  /// Whether a fix may be shown. One that would write a secret may not, and without the secret it would be wrong.
  bool permits(const Fix& fix) const;

 private:
  void add_secret(std::string_view secret);
  void index_secrets();
  size_t longest_at(std::string_view text, size_t at) const;
  std::vector<Span> find_in(std::string_view text) const;

  std::unordered_map<uint32_t, std::vector<Span>> spans_;
  std::vector<std::string> secrets_;  // sorted
  std::vector<size_t> shorter_;       // the longest other secret that begins this one, or its own index
  std::array<bool, 256> begins_{};    // first bytes
};

}  // namespace pgrehearse
