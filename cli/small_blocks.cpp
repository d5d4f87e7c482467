// SPDX-License-Identifier: Apache-2.0
// operator new for small objects while the program has one thread, as it has when it lints. A lint makes and drops half
// a million strings, nodes and entries, and malloc, which keeps a border around each and is ready for threads, takes a
// tenth of its time. Here blocks of one size lie together, without a border, and the last one dropped is the next one
// given. Larger objects come from malloc, and so do all once there are other threads.
#include <cstdint>
#include <cstdlib>
#include <new>

#if __has_include(<sys/single_threaded.h>) && UINTPTR_MAX > UINT32_MAX && !defined(PGREHEARSE_SANITIZE)
#include <sys/mman.h>
#include <sys/single_threaded.h>

namespace pgrehearse {
namespace {

constexpr size_t step = 16;  // what operator new aligns to
constexpr size_t largest = 2048;
constexpr size_t kinds = largest / step + 1;
constexpr size_t addresses = size_t{8} << 30;  // memory is taken when it is touched
constexpr size_t run = 8 << 10;                // of blocks of one kind
constexpr size_t grant = 8 << 20;              // made accessible at once
constexpr size_t huge_page = 2 << 20;
constexpr size_t few = 512 << 10;  // until then a huge page, which is cleared as a whole, costs more than it saves

static_assert(__STDCPP_DEFAULT_NEW_ALIGNMENT__ == step);

[[gnu::noinline]] void* from_malloc(size_t size) {
  while (true) {
    if (void* block = std::malloc(size ? size : 1)) return block;
    std::new_handler handler = std::get_new_handler();
    if (!handler) throw std::bad_alloc();
    handler();
  }
}

class SmallBlocks {
 public:
  bool owns(const void* block) const { return reinterpret_cast<uintptr_t>(block) - begin_ < size_; }

  void* take(size_t size) {
    size_t kind = (size + step - 1) / step;
    if (Free* block = free_[kind]) {
      free_[kind] = block->next;
      return block;
    }
    return cut(kind);
  }

  void give_back(void* block, size_t size) {
    size_t kind = (size + step - 1) / step;
    free_[kind] = new (block) Free{free_[kind]};
  }

  size_t size_of(const void* block) const {
    return step * kind_of_run_[(reinterpret_cast<uintptr_t>(block) - begin_) / run];
  }

 private:
  struct Free {
    Free* next;
  };

  void* cut(size_t kind) {
    char* block = next_[kind];
    if (static_cast<size_t>(end_[kind] - block) < kind * step) return cut_from_new_run(kind);
    next_[kind] = block + kind * step;
    return block;
  }

  [[gnu::noinline]] void* cut_from_new_run(size_t kind) {
    return begin_run(kind) ? cut(kind) : from_malloc(kind * step);
  }

  bool begin_run(size_t kind) {
    if (size_ == 0 && !reserve()) return false;
    if (used_ == granted_) {
      size_t more = granted_ == 0 ? few : grant;  // both end where a huge page does
      if (granted_ + more > size_ || mprotect(at(granted_), more, PROT_READ | PROT_WRITE) != 0) return false;
      granted_ += more;
    }
    next_[kind] = at(used_);
    end_[kind] = next_[kind] + run;
    kind_of_run_[used_ / run] = static_cast<uint8_t>(kind);
    used_ += run;
    return true;
  }

  bool reserve() {
    if (refused_) return false;
    void* place = mmap(nullptr, addresses, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    refused_ = place == MAP_FAILED;
    if (refused_) return false;
    uintptr_t huge = (reinterpret_cast<uintptr_t>(place) + few + huge_page - 1) / huge_page * huge_page;
    begin_ = huge - few;
    size_ = addresses - grant;  // what the rounding took, and more
    madvise(reinterpret_cast<void*>(huge), size_ - few, MADV_HUGEPAGE);
    return true;
  }

  char* at(size_t offset) const { return reinterpret_cast<char*>(begin_ + offset); }

  uintptr_t begin_ = 0;
  size_t size_ = 0, granted_ = 0, used_ = 0;
  bool refused_ = false;
  Free* free_[kinds] = {};
  char* next_[kinds] = {};
  char* end_[kinds] = {};
  uint8_t kind_of_run_[addresses / run] = {};
};

constinit SmallBlocks small_blocks;

}  // namespace

}  // namespace pgrehearse

using pgrehearse::small_blocks;

void* operator new(size_t size) {
  bool is_small = size - 1 < pgrehearse::largest && __libc_single_threaded;
  return is_small ? small_blocks.take(size) : pgrehearse::from_malloc(size);
}

// What is dropped while there are other threads is not used again: it is what the one thread made before them, and most
// of that is kept to the end.
void operator delete(void* block, size_t size) noexcept {
  if (!small_blocks.owns(block)) return std::free(block);
  if (__libc_single_threaded) small_blocks.give_back(block, size);
}

void operator delete(void* block) noexcept {
  if (!small_blocks.owns(block)) return std::free(block);
  if (__libc_single_threaded) small_blocks.give_back(block, small_blocks.size_of(block));
}

#endif
