// SPDX-License-Identifier: Apache-2.0
// Secrets that look like nothing in particular and are told by the name in front of them. No network, no state.
#pragma once
#include <string_view>
#include <vector>

#include "rules/support/secret_shapes.h"

namespace pgrehearse {

/// Values behind a name like password, api_key or Authorization: `name: value`, `name = 'value'`, `"name": "value"`,
/// `PASSWORD 'value'`, `NAME=value`, wherever they stand in the text (comments, JSON, literals within literals,
/// headers, environment files). In order and not overlapping. Linear in the text.
std::vector<FoundSecret> find_named_secrets(std::string_view text);

}  // namespace pgrehearse
