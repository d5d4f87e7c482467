// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace pgrehearse {

/// Shannon entropy in bits per byte.
double entropy(std::string_view text);

/// A template's slot that something fills in before the server sees it: ${X}, {{ x }}, #{x}, %(x)s, @x@, <password>,
/// :'x', or nothing but stars, dots or the letter x.
bool is_template_slot(std::string_view value);
/// What documentation and vendors write where a secret belongs: EXAMPLE, your_..., xxxxxxxx, 00000000, "...", and
/// slots.
bool is_sample(std::string_view value);
/// What people type until somebody changes it: changeme, secret, password1, or too short to resist guessing.
bool is_guessable_password(std::string_view password, std::string_view role);

/// "SCRAM-SHA-256$4096:salt$stored:server": PostgreSQL stores it as it is.
bool is_scram_verifier(std::string_view value);
/// "md5" and 32 hexadecimal digits: PostgreSQL stores it as it is, and it is as good as the password.
bool is_md5_verifier(std::string_view value);

}  // namespace pgrehearse
