// SPDX-License-Identifier: Apache-2.0
#include "core/hash.h"

#include <random>

namespace pgrehearse {
namespace {

uint64_t from_device() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

}  // namespace

uint64_t random_seed() {
  static const uint64_t seed = from_device();
  return seed;
}

}  // namespace pgrehearse
