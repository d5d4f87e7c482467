// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "core/report.h"

namespace pgrehearse {

/// The edits of one file that can be made together.
struct FileFixes {
  uint32_t file = 0;  ///< index into Report::files
  std::vector<Edit> edits;
  size_t findings = 0;  ///< how many findings they mend
};

/// What the fixes of a finished report's findings do to its files. A fix for a statement that has one already, or that
/// touches the place of one before it, is left out: made in another round, it sees what the first one wrote. Unsafe
/// fixes only when asked for.
std::vector<FileFixes> collect_fixes(const Report& report, bool unsafe_too);

/// The text with the edits made, new lines as the text ends its own. Nothing when the result has more syntax errors
/// than the text had: then a fix is wrong, and the file is better left alone.
std::optional<std::string> fixed_text(std::string_view text, const FileFixes& fixes);

}  // namespace pgrehearse
