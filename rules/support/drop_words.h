// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>
#include <vector>

#include "sql/nodes.h"

namespace pgrehearse {

/// The keywords between DROP and the name, lower case; empty for what DROP takes no IF EXISTS for.
std::vector<std::string_view> drop_words(ObjectType kind);

}  // namespace pgrehearse
