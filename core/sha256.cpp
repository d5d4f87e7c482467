// SPDX-License-Identifier: Apache-2.0
#include "core/sha256.h"

#include <bit>
#include <cstring>

namespace pgrehearse {
namespace {

using Digest = std::array<uint8_t, 32>;
using State = std::array<uint32_t, 8>;
using Block = std::array<uint8_t, 64>;

constexpr State start{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
constexpr std::array<uint32_t, 64> constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

void compress(State& state, const uint8_t* block) {
  std::array<uint32_t, 64> w;
  for (size_t i = 0; i < 16; ++i) {
    const uint8_t* at = block + 4 * i;
    w[i] = static_cast<uint32_t>(at[0]) << 24 | static_cast<uint32_t>(at[1]) << 16 | static_cast<uint32_t>(at[2]) << 8 |
           at[3];
  }
  for (size_t i = 16; i < 64; ++i) {
    uint32_t a = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t b = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + a + w[i - 7] + b;
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (size_t i = 0; i < 64; ++i) {
    uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + constants[i] + w[i];
    uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  State added{a, b, c, d, e, f, g, h};
  for (size_t i = 0; i < 8; ++i) state[i] += added[i];
}

/// The digest of what `state` has taken (`before` bytes, whole blocks) and `rest`.
Digest finish(State state, uint64_t before, std::string_view rest) {
  uint64_t bits = (before + rest.size()) * 8;
  auto* at = reinterpret_cast<const uint8_t*>(rest.data());
  size_t left = rest.size();
  for (; left >= 64; left -= 64, at += 64) compress(state, at);
  Block block{};
  if (left) std::memcpy(block.data(), at, left);
  block[left] = 0x80;
  if (left >= 56) {
    compress(state, block.data());
    block.fill(0);
  }
  for (size_t i = 0; i < 8; ++i) block[63 - i] = static_cast<uint8_t>(bits >> (8 * i));
  compress(state, block.data());
  Digest digest;
  for (size_t i = 0; i < 32; ++i) digest[i] = static_cast<uint8_t>(state[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// HMAC with one key, whose two blocks are compressed once.
class Hmac {
 public:
  explicit Hmac(std::string_view key) {
    Digest hashed;
    if (key.size() > 64) {
      hashed = sha256(key);
      key = bytes_of(hashed);
    }
    Block inner, outer;
    for (size_t i = 0; i < 64; ++i) {
      uint8_t byte = i < key.size() ? static_cast<uint8_t>(key[i]) : uint8_t{0};
      inner[i] = byte ^ 0x36;
      outer[i] = byte ^ 0x5c;
    }
    compress(inner_, inner.data());
    compress(outer_, outer.data());
  }
  Digest operator()(std::string_view message) const {
    return finish(outer_, 64, bytes_of(finish(inner_, 64, message)));
  }

 private:
  State inner_ = start;
  State outer_ = start;
};

}  // namespace

std::array<uint8_t, 32> sha256(std::string_view bytes) { return finish(start, 0, bytes); }

std::array<uint8_t, 32> pbkdf2_sha256(std::string_view password, std::string_view salt, int rounds) {
  Hmac hmac(password);
  std::string first(salt);
  first.append({'\0', '\0', '\0', '\1'});
  Digest block = hmac(first);
  Digest result = block;
  for (int i = 1; i < rounds; ++i) {
    block = hmac(bytes_of(block));
    for (size_t j = 0; j < result.size(); ++j) result[j] ^= block[j];
  }
  return result;
}

std::string hex_of(const Digest& digest, size_t bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string shown;
  for (size_t i = 0; i < bytes; ++i) {
    shown += digits[digest[i] >> 4];
    shown += digits[digest[i] & 15];
  }
  return shown;
}

}  // namespace pgrehearse
