// SPDX-License-Identifier: Apache-2.0
// Other linters of migrations, whose comments and configuration people have already.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace pgrehearse {

/// Our rules for one of squawk ("ban-drop-column") or eugene ("E6"); empty when we have none for it.
std::vector<std::string_view> rules_of_peer(std::string_view peer, std::string_view id);

/// A `.squawk.toml` as the head of a `.pgrehearse.toml`; what has no counterpart stands in comments.
Result<std::string> translate_squawk(std::string_view toml, const std::string& shown,
                                     const std::vector<std::string_view>& rule_ids);

}  // namespace pgrehearse
