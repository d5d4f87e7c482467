// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

namespace {

struct Block {
  unsigned char* bytes = nullptr;
  size_t size = 0;
  unsigned char mark = 0;

  void make(size_t wanted, unsigned char with) {
    bytes = static_cast<unsigned char*>(::operator new(wanted));
    size = wanted;
    mark = with;
    std::memset(bytes, mark, size);
  }
  bool is_whole() const {
    for (size_t i = 0; i < size; ++i) {
      if (bytes[i] != mark) return false;
    }
    return reinterpret_cast<uintptr_t>(bytes) % 16 == 0;
  }
  void drop(bool with_size) {
    if (with_size) {
      ::operator delete(bytes, size);
    } else {
      ::operator delete(bytes);
    }
  }
};

/// Makes and drops blocks of all sizes in a mixed order; whether none ran into another.
bool none_overlap(uint32_t seed, std::vector<Block>& kept) {
  uint32_t random = seed;
  auto next = [&](uint32_t below) {
    random = random * 1664525 + 1013904223;
    return (random >> 8) % below;
  };
  bool whole = true;
  for (int i = 0; i < 20000; ++i) {
    if (kept.size() < 500 || next(2) == 0) {
      kept.emplace_back().make(next(10) == 0 ? next(5000) : next(600), static_cast<unsigned char>(next(256)));
    } else {
      std::swap(kept[next(static_cast<uint32_t>(kept.size()))], kept.back());
      whole = whole && kept.back().is_whole();
      kept.back().drop(next(2) == 0);
      kept.pop_back();
    }
  }
  return whole;
}

}  // namespace

TEST_CASE("no object runs into another, with one thread and with several") {
  std::vector<Block> first;
  CHECK(none_overlap(1, first));
  size_t half = first.size() / 2;
  std::vector<Block> others(first.begin() + static_cast<ptrdiff_t>(half), first.end());
  first.resize(half);
  std::vector<Block> second, third;
  bool whole_there = false;
  std::thread thread([&] {
    whole_there = none_overlap(2, others) && none_overlap(3, second);  // those of the first thread too
  });
  CHECK(none_overlap(4, first));
  thread.join();
  CHECK(whole_there);
  CHECK(none_overlap(5, third));
  for (std::vector<Block>* blocks : {&first, &others, &second, &third}) {
    bool whole = true;
    for (Block& block : *blocks) {
      whole = whole && block.is_whole();
      block.drop(true);
    }
    CHECK(whole);
  }
}
