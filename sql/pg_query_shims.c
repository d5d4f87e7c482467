// SPDX-License-Identifier: Apache-2.0
//
// Symbols of newer C libraries (glibc 2.38) that a prebuilt libpg_query archive may want on an older one.
// cmake/PgQuery.cmake compiles this file only when a trial link says it is needed. Weak: a C library that
// has the real symbol keeps it.

#include <stddef.h>
#include <string.h>

// Declared under its own name: <stdlib.h> may redirect strtoul to __isoc23_strtoul, which would recurse for ever.
extern unsigned long pgrehearse_libc_strtoul(const char* text, char** end, int base) __asm__("strtoul");

unsigned long __isoc23_strtoul(const char* text, char** end, int base);
size_t pgrehearse_strlcpy(char* to, const char* from, size_t size) __asm__("strlcpy");

// The C23 variant also reads 0b1010 in base 0 and 2, which PostgreSQL's lexer never asks for.
__attribute__((weak)) unsigned long __isoc23_strtoul(const char* text, char** end, int base) {
  return pgrehearse_libc_strtoul(text, end, base);
}

__attribute__((weak)) size_t pgrehearse_strlcpy(char* to, const char* from, size_t size) {
  const size_t length = strlen(from);
  if (size > 0) {
    const size_t copied = length < size ? length : size - 1;
    memcpy(to, from, copied);
    to[copied] = '\0';
  }
  return length;
}
