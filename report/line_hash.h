// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pgrehearse {

/// The fingerprint by which GitHub knows an alert again when the lines around it move: a hash of the first 100 UTF-16
/// units from the start of the line, blanks left out, and how many lines before had the same.
struct LineHash {
  uint64_t value = 0;
  uint32_t occurrence = 1;
  uint32_t end = 0;         ///< the hash was made of the bytes from the start of the line up to here
  std::string str() const;  ///< "a7f2ff13bc495cf2:1"
};

/// One hash a line, as github/codeql-action computes them when a SARIF file has none (src/fingerprints.ts).
std::vector<LineHash> line_hashes(std::string_view text);

}  // namespace pgrehearse
