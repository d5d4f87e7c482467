// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/source_file.h"

namespace pgrehearse {

/// A source line as a terminal may show it: nothing in it acts, tabs are spaces, secrets are blanked, what does not fit
/// is cut to the neighbourhood of the mark.
struct QuotedLine {
  uint32_t number = 0;  ///< 0: one or more lines are left out here
  std::string text;
  size_t mark_begin = 0;  ///< columns of `text` to underline, at least one
  size_t mark_end = 0;
};

/// The lines of a span: all up to three, else the first and the last.
std::vector<QuotedLine> quote(const SourceFile& file, Span span, std::span<const Span> secrets, size_t width);

}  // namespace pgrehearse
