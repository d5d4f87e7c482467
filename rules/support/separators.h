// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace pgrehearse {

/// How many bytes separators() looks at.
constexpr size_t separators_window = 64;

/// A bit for each of 64 bytes, the lowest for the first: whether it is a blank, control character, quote, parenthesis
/// or comma. Most words of SQL end at one.
inline uint64_t separators(const char* at) {
  uint64_t result = 0;
#ifdef __SSE2__
  constexpr size_t step = sizeof(__m128i);
  for (size_t i = 0; i < separators_window; i += step) {
    __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + i));
    auto at_most = [](__m128i values, char most) {
      return _mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(most)), values);
    };
    __m128i blank = at_most(bytes, ' ');
    __m128i quote_or_parenthesis = at_most(_mm_sub_epi8(bytes, _mm_set1_epi8('\'')), ')' - '\'');
    __m128i comma = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(','));
    __m128i any = _mm_or_si128(_mm_or_si128(blank, quote_or_parenthesis), comma);
    result |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(any))) << i;
  }
#else
  constexpr uint64_t each = 0x0101010101010101, high = 0x80 * each;
  for (size_t i = 0; i < separators_window; i += sizeof(uint64_t)) {
    uint64_t bytes = 0;
    for (size_t k = sizeof bytes; k-- > 0;) bytes = bytes << 8 | static_cast<unsigned char>(at[i + k]);
    auto below = [](uint64_t values, uint64_t limit) {  // the high bit of each byte that is smaller
      return ~(((values & ~high) + (0x80 - limit) * each) | values) & high;
    };
    auto is = [&](char c) { return below(bytes ^ (static_cast<unsigned char>(c) * each), 1); };
    uint64_t any = below(bytes, ' ' + 1) | is('\'') | is('(') | is(')') | is(',');
    result |= (any >> 7) * 0x0102040810204080 >> 56 << i;
  }
#endif
  return result;
}

/// The places among those 64 at which a stretch of twenty bytes begins that holds no separator.
inline uint64_t stretches_of_twenty(uint64_t separators) {
  uint64_t from = ~separators;
  from &= from >> 1;
  from &= from >> 2;
  from &= from >> 4;
  from &= from >> 8;
  return from & from >> 4;
}

}  // namespace pgrehearse
