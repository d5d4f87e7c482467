// SPDX-License-Identifier: Apache-2.0
#include "rules/support/secret_fingerprint.h"

#include "core/sha256.h"

namespace pgrehearse {

std::string secret_fingerprint(std::string_view file_path, std::string_view secret) {
  // Costs a quarter of a millisecond: nothing for a finding, something for who tries a dictionary.
  constexpr int rounds = 256;
  size_t slash = file_path.rfind('/');
  std::string salt = "pgrehearse secret ";
  salt += slash == file_path.npos ? file_path : file_path.substr(slash + 1);
  return hex_of(pbkdf2_sha256(secret, salt, rounds), 6);
}

}  // namespace pgrehearse
