// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace pgrehearse {

bool is_ascii(std::string_view text);

/// Bytes of the well-formed UTF-8 character at the front (no overlong forms, no surrogates), or 0 when there is none.
size_t utf8_length(std::string_view text);

/// Offset of the first byte that is not well-formed UTF-8, or npos.
size_t find_invalid_utf8(std::string_view text);

/// The text with each malformed byte replaced by U+FFFD, so that every report is valid UTF-8 whatever the input was.
std::string to_valid_utf8(std::string_view text);

}  // namespace pgrehearse
