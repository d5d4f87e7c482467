// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>  // says which C library it is
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "cli/app.h"

int main(int argc, char** argv) {
#ifdef __GLIBC__
  // A short-lived process: giving memory back to the system only to fetch it again costs more than keeping it.
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that glibc takes
  mallopt(M_TOP_PAD, 1 << 20);
#endif
  return pgrehearse::run_app(argc, argv);
}
