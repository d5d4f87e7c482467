/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres.h"

#include <pthread.h>

#include "common/keywords.h"
#include "gramparse.h"
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "parser/parser.h"
#include "utils/elog.h"
#include "utils/memutils.h"

#include "pg_query.h"
#include "sql/raw_parser.h"

extern void pg_query_init(void);

/* PostgreSQL's keywords with another hash function. Its own takes a third of the lexer's time, looking at each byte
 * twice. The answer is only a guess at the one keyword that a word may be: ScanKeywordLookup compares them afterwards.
 */
enum { slot_bits = 11, slots = 1 << slot_bits };
static struct {
  uint16 tag;  /* of the hash, which has no room as a whole: the table stays in the nearest cache */
  int16 after; /* one more than the keyword's number; 0: free */
} slot[slots];
static ScanKeywordList keywords;

/* Of the first and the last eight bytes, letters as lower case, for words of two bytes and more. */
static uint64 hash_of(const char* word, size_t length) {
  uint64 head = 0, tail = 0, lower = UINT64CONST(0x2020202020202020);
  if (length >= 8) {
    memcpy(&head, word, 8);
    memcpy(&tail, word + length - 8, 8);
  } else if (length >= 4) {
    memcpy(&head, word, 4);
    memcpy(&tail, word + length - 4, 4);
  } else {
    memcpy(&head, word, 2);
    memcpy(&tail, word + length - 2, 2);
  }
  return (head | lower) * UINT64CONST(0x9E3779B97F4A7C15) + ((tail | lower) ^ length) * UINT64CONST(0xC2B2AE3D27D4EB4F);
}

static uint16 tag_of(uint64 hash) { return (uint16)(hash >> 32); }

static size_t place_of(uint64 hash) {
  size_t place = hash >> (64 - slot_bits);
  while (slot[place].after != 0 && slot[place].tag != tag_of(hash)) place = (place + 1) % slots;
  return place;
}

static int keyword_like(const void* word, size_t length) {
  if (length < 2) return -1;
  return slot[place_of(hash_of(word, length))].after - 1;
}

static void prepare_keywords(void) {
  keywords = ScanKeywords;
  for (int i = 0; i < ScanKeywords.num_keywords; i++) {
    const char* word = GetScanKeyword(i, &ScanKeywords);
    uint64 hash = hash_of(word, strlen(word));
    size_t place = place_of(hash);
    if (strlen(word) < 2 || slot[place].after != 0) return; /* of a version with other keywords: its own function */
    slot[place].tag = tag_of(hash);
    slot[place].after = (int16)(i + 1);
  }
  keywords.hash = keyword_like;
}

/* raw_parser() of parser.c with those keywords. */
static List* parse(const char* text) {
  base_yy_extra_type extra;
  core_yyscan_t scanner = scanner_init(text, &extra.core_yy_extra, &keywords, ScanKeywordTokens);
  extra.have_lookahead = false;
  parser_init(&extra);
  int failed = base_yyparse(scanner);
  scanner_finish(scanner);
  return failed ? NIL : extra.parsetree;
}

void* pgrehearse_context_create(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, prepare_keywords);
  pg_query_init();
  /* The first block stays over a reset: enough for the trees of a usual file. */
  enum { first_block = 128 * 1024 };
  return AllocSetContextCreate(TopMemoryContext, "pgrehearse", first_block, first_block, ALLOCSET_DEFAULT_MAXSIZE);
}

void pgrehearse_context_delete(void* context) {
  MemoryContextSwitchTo(TopMemoryContext);
  MemoryContextDelete((MemoryContext)context);
}

void pgrehearse_context_reset(void* context) { MemoryContextReset((MemoryContext)context); }

pgrehearse_raw_result pgrehearse_raw_parse(void* context, const char* text) {
  pgrehearse_raw_result volatile result = {0};
  MemoryContext memory = (MemoryContext)context;
  MemoryContextSwitchTo(memory);
  PG_TRY();
  {
    List* tree = parse(text);
    result.statements = list_length(tree);
    if (tree != NIL) result.node = linitial_node(RawStmt, tree)->stmt;
  }
  PG_CATCH();
  {
    MemoryContextSwitchTo(memory);
    ErrorData* error = CopyErrorData();
    FlushErrorState();
    result.message = error->message ? error->message : "syntax error";
    result.position = error->cursorpos;
    int code = error->sqlerrcode;
    for (int i = 0; i < 5; i++) {
      result.sqlstate[i] = PGUNSIXBIT(code);
      code >>= 6;
    }
  }
  PG_END_TRY();
  return result;
}
