// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace pgrehearse {

/// Twelve hexadecimal digits that name one secret of one file in reports and allow-lists. PBKDF2 with HMAC-SHA-256,
/// salted with the file's name: no table made for one file helps with another. The same value in a moved folder has the
/// same fingerprint, a changed value another one.
std::string secret_fingerprint(std::string_view file_path, std::string_view secret);

/// FIPS 180-4.
std::array<uint8_t, 32> sha256(std::string_view bytes);
/// RFC 8018 with HMAC-SHA-256, the first block.
std::array<uint8_t, 32> pbkdf2_sha256(std::string_view password, std::string_view salt, int rounds);

}  // namespace pgrehearse
