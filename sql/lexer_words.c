/* SPDX-License-Identifier: Apache-2.0 */
/* Two functions that PostgreSQL's lexer calls for each word, done faster: with its own they take a third of its time.
 * The linker puts ours in the place of theirs (--wrap, see CMakeLists.txt) where libpg_query is an archive; whatever is
 * not the usual case is left to the originals, __real_*.
 */
#include "postgres.h"

#include "common/keywords.h"
#include "parser/scansup.h"
#include "utils/palloc.h"

#include "sql/raw_parser.h"

extern int __real_ScanKeywordLookup(const char* word, const ScanKeywordList* list);
extern int __wrap_ScanKeywordLookup(const char* word, const ScanKeywordList* list);
extern char* __real_downcase_truncate_identifier(const char* word, int length, bool warn);
extern char* __wrap_downcase_truncate_identifier(const char* word, int length, bool warn);

/* The first and the last eight bytes of a word, all of it if it has no more than sixteen, letters as lower case. Of
 * ASCII in the lexer's words, capitals and '_' alone lack the bit that makes lower case: only words that differ in case
 * become one.
 */
typedef struct {
  uint64 head, tail;
} Ends;

enum { slot_bits = 11, slots = 1 << slot_bits, most_keywords = 1024, longest = 16 };
static struct {
  uint16 tag;  /* of the hash, which has no room as a whole: the table stays in the nearest cache */
  int16 after; /* one more than the keyword's number; 0: free */
} slot[slots];
static Ends ends_of_keyword[most_keywords];
static bool prepared;

/* Of words of two bytes and more. */
static inline Ends ends_of(const char* word, size_t length) {
  Ends ends = {0, 0};
  if (length >= 8) {
    memcpy(&ends.head, word, 8);
    memcpy(&ends.tail, word + length - 8, 8);
  } else if (length >= 4) {
    memcpy(&ends.head, word, 4);
    memcpy(&ends.tail, word + length - 4, 4);
  } else {
    memcpy(&ends.head, word, 2);
    memcpy(&ends.tail, word + length - 2, 2);
  }
  const uint64 lower = UINT64CONST(0x2020202020202020);
  ends.head |= lower;
  ends.tail = (ends.tail | lower) ^ length; /* the length is part of it: "abab" is not "ab" */
  return ends;
}

static inline uint64 hash_of(Ends ends) {
  return ends.head * UINT64CONST(0x9E3779B97F4A7C15) + ends.tail * UINT64CONST(0xC2B2AE3D27D4EB4F);
}

static inline uint16 tag_of(uint64 hash) { return (uint16)(hash >> 32); }

static inline size_t place_of(uint64 hash) {
  size_t place = hash >> (64 - slot_bits);
  while (slot[place].after != 0 && slot[place].tag != tag_of(hash)) place = (place + 1) % slots;
  return place;
}

void pgrehearse_prepare_keywords(void) {
  if (ScanKeywords.num_keywords > most_keywords) return; /* of a version with far more of them: its own function */
  for (int i = 0; i < ScanKeywords.num_keywords; i++) {
    const char* word = GetScanKeyword(i, &ScanKeywords);
    size_t length = strlen(word);
    if (length < 2) return;
    ends_of_keyword[i] = ends_of(word, length);
    size_t place = place_of(hash_of(ends_of_keyword[i]));
    if (slot[place].after != 0) return;
    slot[place].tag = tag_of(hash_of(ends_of_keyword[i]));
    slot[place].after = (int16)(i + 1);
  }
  prepared = true;
}

int __wrap_ScanKeywordLookup(const char* word, const ScanKeywordList* list) {
  if (list != &ScanKeywords || !prepared) return __real_ScanKeywordLookup(word, list);
  const size_t length = strlen(word);
  if (length < 2 || length > (size_t)ScanKeywords.max_kw_len) return -1;
  const Ends ends = ends_of(word, length);
  const int number = slot[place_of(hash_of(ends))].after - 1;
  if (number < 0 || ends.head != ends_of_keyword[number].head || ends.tail != ends_of_keyword[number].tail) return -1;
  return length <= longest ? number : __real_ScanKeywordLookup(word, list);
}

/* Copies `size` bytes, eight at most, capitals of ASCII as lower case. Returns them as they were. */
static inline uint64 copy_lower(char* to, const char* from, size_t size) {
  const uint64 each = UINT64CONST(0x0101010101010101);
  uint64 bytes = 0;
  memcpy(&bytes, from, size);
  const uint64 low = bytes & (each * 0x7F);
  const uint64 from_a = low + each * (0x80 - 'A'), after_z = low + each * (0x7F - 'Z');
  const uint64 lower = bytes | ((from_a ^ after_z) & ~bytes & (each * 0x80)) >> 2;
  memcpy(to, &lower, size);
  return bytes;
}

char* __wrap_downcase_truncate_identifier(const char* word, int length, bool warn) {
  if (length >= NAMEDATALEN) return __real_downcase_truncate_identifier(word, length, warn);
  char* lower = palloc(length + 1);
  uint64 any = 0;
  if (length >= 8) {
    for (int i = 0; i < length - 8; i += 8) any |= copy_lower(lower + i, word + i, 8);
    any |= copy_lower(lower + length - 8, word + length - 8, 8);
  } else if (length >= 4) {
    any = copy_lower(lower, word, 4) | copy_lower(lower + length - 4, word + length - 4, 4);
  } else {
    for (int i = 0; i < length; i++) any |= copy_lower(lower + i, word + i, 1);
  }
  lower[length] = '\0';
  if ((any & UINT64CONST(0x8080808080808080)) == 0) return lower;
  pfree(lower);
  return __real_downcase_truncate_identifier(word, length, warn);
}
