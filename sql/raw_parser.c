/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres.h"

#include <pthread.h>

#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "parser/parser.h"
#include "utils/elog.h"
#include "utils/memutils.h"

#include "pg_query.h"
#include "sql/raw_parser.h"

extern void pg_query_init(void);

void* pgrehearse_context_create(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, pgrehearse_prepare_keywords);
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
    List* tree = raw_parser(text, RAW_PARSE_DEFAULT);
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
