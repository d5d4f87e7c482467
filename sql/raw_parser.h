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
/* Frees all that was parsed into the context. */
void pgrehearse_context_reset(void* context);
/* Parses into the context. `text` ends with a NUL, and may be gone when this returns. */
pgrehearse_raw_result pgrehearse_raw_parse(void* context, const char* text);

/* Once, before the first statement is parsed: lexer_words.c. */
void pgrehearse_prepare_keywords(void);

#ifdef __cplusplus
}
#endif
#endif
