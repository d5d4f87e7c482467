// SPDX-License-Identifier: Apache-2.0
// What the readers of files and of options share.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "linter/config.h"

namespace pgrehearse {

/// What is wrong with a word of a text or list or with the name of an entry; an empty message when nothing is.
struct WordProblem {
  std::string message;
  std::string help;
};
WordProblem check_word(const ConfigKey& key, std::string_view word, const std::vector<std::string_view>& rule_ids);
/// The same for the value of an entry.
WordProblem check_entry(const ConfigKey& key, std::string_view name, std::string_view value,
                        const std::vector<std::string_view>& rule_ids);
WordProblem check_number(const ConfigKey& key, int64_t number);
/// "Did you mean "x"?", else what there is.
std::string suggestion(std::string_view typed, const std::vector<std::string_view>& known,
                       std::string_view otherwise = {});

}  // namespace pgrehearse
