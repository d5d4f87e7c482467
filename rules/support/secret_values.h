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

/// A value that nobody would give to a thing that is no secret: mixed, long, no words, no name, no date, no address, no
/// identifier and no hash. For places that only a name marks as secret.
bool is_secret_like(std::string_view value);
/// What a database keeps instead of a password: bcrypt, argon2, scrypt, PBKDF2, crypt(3), SCRAM, LDAP's {SSHA}.
bool is_password_hash(std::string_view value);
/// Only hexadecimal digits, as many as a hash or checksum has (32, 40, 56, 64, 96, 128).
bool is_hex_digest(std::string_view value);
/// Whether the name can be any of those that the functions below look for: a first look, as most names are not.
bool may_be_secret_name(std::string_view name);
/// Of a column, a setting, a variable, a key: api_key, dbPassword, app.jwt_secret; not password_hash, token_expires_at.
bool is_secret_name(std::string_view name);
/// The same, and what it names is a password: chosen by people, and kept as a hash where it is kept well.
bool is_password_name(std::string_view name);

/// Of a column that keeps the hash of a password: password_hash, pw_digest, hashed_password.
bool is_password_hash_name(std::string_view name);

/// "SCRAM-SHA-256$4096:salt$stored:server": PostgreSQL stores it as it is.
bool is_scram_verifier(std::string_view value);
/// "md5" and 32 hexadecimal digits: PostgreSQL stores it as it is, and it is as good as the password.
bool is_md5_verifier(std::string_view value);

}  // namespace pgrehearse
