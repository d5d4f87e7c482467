// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/finding.h"

namespace pgrehearse {

/// What a token says about itself.
struct TokenVerdict {
  bool is_public = false;       ///< made to be shown: a Supabase anon key, the sample of a manual
  bool checksum_fails = false;  ///< its kind has a checksum and this is not it
  std::optional<Severity> severity;
  std::string description;  ///< better than the shape's name; empty: no better one
};
/// Looks into the tokens that hold a checksum (GitHub, npm, Grafana) or claims (JWT).
TokenVerdict examine(std::string_view shape_id, std::string_view token);

/// The CRC-32 of zlib and PNG.
uint32_t crc32(std::string_view bytes);
/// The last six digits of a GitHub or npm token: the CRC-32 of its other random part in base 62.
std::string base62_checksum(std::string_view random_part);
/// The last eight digits of a Grafana token: the CRC-32 of all before them, low byte first.
std::string hex_checksum(std::string_view token_before);
/// The bytes of base64 or base64url text; nothing when a byte is neither. Missing padding is fine.
std::optional<std::string> decode_base64(std::string_view text);

/// Of scheme://user:password@host: what manuals write there, and what a template fills in.
bool is_made_up_url_password(std::string_view password, std::string_view user, std::string_view host);

}  // namespace pgrehearse
