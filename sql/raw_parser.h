/* SPDX-License-Identifier: Apache-2.0 */
/* The wall between C++ and PostgreSQL's error handling: longjmp never crosses a C++ frame. Used by parser.cpp alone. */
#ifndef PGREHEARSE_RAW_PARSER_H
#define PGREHEARSE_RAW_PARSER_H
#ifdef __cplusplus
extern "C" {
#endif

struct Node;

typedef struct {
  const struct Node* node; /* NULL on error and for text without a statement */
  int statements;          /* how many the text held */
  const char* message;     /* NULL without an error; lives until the context is reset */
  char sqlstate[6];
  int position; /* 1-based, in characters; 0 when unknown */
} pgrehearse_raw_result;

void* pgrehearse_context_create(void);
void pgrehearse_context_delete(void* context);
/* Resets the context, then parses into it. `text` ends with a NUL. Mode: 0 SQL, 1 a PL/pgSQL expression. */
pgrehearse_raw_result pgrehearse_raw_parse(void* context, const char* text, int mode);

#ifdef __cplusplus
}
#endif
#endif
