// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace pgrehearse {

/// Twelve hexadecimal digits that name one secret of one file in reports and allow-lists. PBKDF2 with HMAC-SHA-256,
/// salted with the file's name: no table made for one file helps with another. The same value in a moved folder has the
/// same fingerprint, a changed value another one.
std::string secret_fingerprint(std::string_view file_path, std::string_view secret);

}  // namespace pgrehearse
