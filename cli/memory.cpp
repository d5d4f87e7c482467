// SPDX-License-Identifier: Apache-2.0
#include "cli/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace pgrehearse {

void expect_sql([[maybe_unused]] size_t bytes) {
#if defined(__GLIBC__)
  constexpr size_t few = 256 << 10;         // a huge page costs more than it saves
  constexpr size_t memory_for_a_byte = 10;  // of small migrations with findings; small_blocks.cpp has as much again
  constexpr int most = 32 << 20;            // larger blocks do not come from the heap
  constexpr size_t huge_page = 2 << 20;
  if (bytes < few) return;
  size_t wanted = std::min<size_t>(bytes * memory_for_a_byte, most - 4096);
  void* block = std::malloc(wanted);
  if (!block) return;
  auto at = reinterpret_cast<uintptr_t>(block);
  uintptr_t begin = (at + huge_page - 1) / huge_page * huge_page, end = (at + wanted) / huge_page * huge_page;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  std::free(block);  // the heap keeps it
  constexpr size_t border = 64;
  // What lies before the first huge page stays a block that nobody touches.
  if (begin < end && begin - at > border) (void)!std::malloc(begin - at - border);
#endif
}

}  // namespace pgrehearse
