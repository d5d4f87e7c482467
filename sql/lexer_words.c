/* SPDX-License-Identifier: Apache-2.0 */
/* Two functions that PostgreSQL's lexer calls for each word, and in which it spends a third of its time, done faster.
 * The linker puts them in the place of PostgreSQL's (--wrap, see CMakeLists.txt); whatever is not the usual case is
 * left to the originals, __real_*.
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

/* A word of two to sixteen bytes: its length, and its first and its last bytes, which are all of it, letters as lower
 * case. Of ASCII in the lexer's words, capitals and '_' alone lack the bit that makes lower case: only words that
 * differ in case become one.
 */
typedef struct {
  uint64 head, tail, length;
} Word;

/* Where to find a keyword by its hash: its number from 1, and some bits of the hash above that, which tell nearly all
 * words that are none. 0: free. Small, to stay in the nearest cache beside the tables of lexer and grammar.
 */
enum { slot_bits = 11, slots = 1 << slot_bits, number_bits = 10, most_keywords = (1 << number_bits) - 1 };
static uint16 slot[slots];
static Word keyword[most_keywords];
static bool prepared;

/* The lexer has just put the zero behind the word. A load of more than that one byte would wait until it is written, so
 * bytes are counted one by one, and loads end where the word does.
 */
static inline bool read_word(Word* word, const char* text) {
  enum { longest = 16 };
  size_t length = 0;
  while (length <= longest && text[length] != '\0') length++;
  if (length < 2 || length > longest) return false;
  *word = (Word){0, 0, length};
  if (length >= 8) {
    memcpy(&word->head, text, 8);
    memcpy(&word->tail, text + length - 8, 8);
  } else if (length >= 4) {
    memcpy(&word->head, text, 4);
    memcpy(&word->tail, text + length - 4, 4);
  } else {
    memcpy(&word->head, text, 2);
    memcpy(&word->tail, text + length - 2, 2);
  }
  const uint64 lower = UINT64CONST(0x2020202020202020);
  word->head |= lower;
  word->tail |= lower;
  return true;
}

static inline uint64 hash_of(Word word) {
  return word.head * UINT64CONST(0x9E3779B97F4A7C15) + (word.tail ^ word.length) * UINT64CONST(0xC2B2AE3D27D4EB4F);
}

static inline size_t first_place(uint64 hash) { return hash >> (64 - slot_bits); }
static inline size_t next_place(size_t place) { return (place + 1) % slots; }
static inline uint16 tag_of(uint64 hash) { return (uint16)(hash >> 32) & ~most_keywords; }

void pgrehearse_prepare_keywords(void) {
  if (ScanKeywords.num_keywords > most_keywords) return; /* of a version with far more of them: its own function */
  for (int i = 0; i < ScanKeywords.num_keywords; i++) {
    /* Of a long one read_word() says no when it is looked up, too. */
    if (!read_word(&keyword[i], GetScanKeyword(i, &ScanKeywords))) continue;
    const uint64 hash = hash_of(keyword[i]);
    size_t place = first_place(hash);
    while (slot[place] != 0) place = next_place(place);
    slot[place] = tag_of(hash) | (uint16)(i + 1);
  }
  prepared = true;
}

int __wrap_ScanKeywordLookup(const char* text, const ScanKeywordList* list) {
  Word word;
  if (list != &ScanKeywords || !prepared || !read_word(&word, text)) return __real_ScanKeywordLookup(text, list);
  const uint64 hash = hash_of(word);
  for (size_t place = first_place(hash); slot[place] != 0; place = next_place(place)) {
    if (((slot[place] ^ tag_of(hash)) & ~most_keywords) != 0) continue;
    const int number = (slot[place] & most_keywords) - 1;
    const Word* found = &keyword[number];
    if (word.head == found->head && word.tail == found->tail && word.length == found->length) return number;
  }
  return -1;
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
