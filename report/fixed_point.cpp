// SPDX-License-Identifier: Apache-2.0
#include "report/fixed_point.h"

#include <array>
#include <charconv>
#include <cmath>

namespace pgrehearse {

std::string fixed_point(double value, int decimals) {
  if (!std::isfinite(value) || value < 0) value = 0;
  std::array<char, 400> buffer;  // the greatest double has 309 digits before the point
  auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, decimals);
  return {buffer.data(), end.ptr};
}

}  // namespace pgrehearse
