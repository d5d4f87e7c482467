// SPDX-License-Identifier: Apache-2.0
#include "core/joined.h"

#include <algorithm>

namespace pgrehearse {

std::string joined(std::initializer_list<std::string_view> parts) {
  size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  std::string text;
  text.resize_and_overwrite(size, [&](char* at, size_t) {
    for (std::string_view part : parts) at = std::copy(part.begin(), part.end(), at);
    return size;
  });
  return text;
}

}  // namespace pgrehearse
