// SPDX-License-Identifier: Apache-2.0
//
// Does this libpg_query have PostgreSQL's internal headers, a grammar of 17 or newer, and does it link and parse here?
// Compiled by cmake/PgQuery.cmake and run by tools/setup.

#include "postgres.h"

#include "gramparse.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "pg_query.h"
#include "pg_query_internal.h"

#if PG_VERSION_NUM < 170000
#error "the PostgreSQL grammar is older than 17"
#endif

int main(void) {
  MemoryContext context = pg_query_enter_memory_context();
  List* statements = raw_parser("CREATE TABLE t (id int8 PRIMARY KEY); SELECT 0x1F", RAW_PARSE_DEFAULT);
  int good = list_length(statements) == 2 && IsA(linitial_node(RawStmt, statements)->stmt, CreateStmt);
  pg_query_exit_memory_context(context);
  return good ? 0 : 1;
}
