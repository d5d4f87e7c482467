// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace pgrehearse {

/// FIPS 180-4.
std::array<uint8_t, 32> sha256(std::string_view bytes);
/// RFC 8018 with HMAC-SHA-256, the first block.
std::array<uint8_t, 32> pbkdf2_sha256(std::string_view password, std::string_view salt, int rounds);

/// The first `bytes` bytes of a digest as hexadecimal digits.
std::string hex_of(const std::array<uint8_t, 32>& digest, size_t bytes = 32);

}  // namespace pgrehearse
