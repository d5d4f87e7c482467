// SPDX-License-Identifier: Apache-2.0
// usage: secret_bench_throughput FILE [TIMES]
// Megabytes of text a second that the secret layer reads, the file taken TIMES times, on one core.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>

#include "rules/support/named_secrets.h"

namespace {

/// What this process has used of a core: other programs do not count.
double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  std::ifstream file(argv[1], std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  int times = argc > 2 ? std::atoi(argv[2]) : 1;
  size_t found = 0;
  auto part = [&](const char* name, auto find) {
    double from = processor_seconds();
    for (int i = 0; i < times; ++i) found += find(text).size();
    std::printf("%s: %.0f MB/s\n", name, static_cast<double>(text.size()) * times / 1e6 / (processor_seconds() - from));
  };
  double begin = processor_seconds();
  part("by their look", pgrehearse::find_secrets);
  part("by their name", pgrehearse::find_named_secrets);
  double seconds = processor_seconds() - begin;
  double megabytes = static_cast<double>(text.size()) * times / 1e6;
  std::printf("%.0f MB in %.2f s: %.0f MB/s, %zu found\n", megabytes, seconds, megabytes / seconds, found);
}
