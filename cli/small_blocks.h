// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

namespace pgrehearse {

/// Says that small objects of so many bytes are about to be made, and that huge pages would serve them.
void expect_small_blocks(size_t bytes);

}  // namespace pgrehearse
