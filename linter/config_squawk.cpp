// SPDX-License-Identifier: Apache-2.0
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

#include "core/utf8.h"
#include "linter/config.h"
#include "linter/peers.h"

namespace pgrehearse {
namespace {

/// "13.4" and "13" give 13.
int major_of(const toml::node& node) {
  std::string text = node.value<std::string>().value_or("");
  if (auto number = node.value<double>()) return static_cast<int>(*number);
  return std::atoi(text.c_str());
}

std::string commented(std::string_view name, const toml::node& node) {
  std::ostringstream text;
  node.visit([&](auto&& value) { text << value; });
  std::string line = "# not translated: " + std::string(name) + " = " + to_valid_utf8(text.str());
  std::ranges::replace(line, '\n', ' ');
  return line + "\n";
}

/// Squawk's rules as a list of ours, and a comment for each that we have nothing for.
std::string rule_list(std::string_view key, const toml::node& node, const std::vector<std::string_view>& rule_ids) {
  ConfigValue value;
  std::string comments;
  if (const toml::array* array = node.as_array()) {
    for (const toml::node& item : *array) {
      std::string theirs = item.value<std::string>().value_or("");
      size_t before = value.list.size();
      for (std::string_view ours : rules_of_peer("squawk", theirs)) {
        bool exists = std::ranges::find(rule_ids, ours) != rule_ids.end();
        if (exists && std::ranges::find(value.list, ours) == value.list.end()) value.list.emplace_back(ours);
      }
      if (value.list.size() == before && rules_of_peer("squawk", theirs).empty()) {
        std::string line = "# squawk's " + to_valid_utf8(theirs) + " has no counterpart";
        std::ranges::replace(line, '\n', ' ');
        comments += line + "\n";
      }
    }
  }
  const ConfigKey* known = find_config_key(key);
  return comments + std::string(key) + " = " + config_toml(*known, value) + "\n";
}

}  // namespace

Result<std::string> translate_squawk(std::string_view toml, const std::string& shown,
                                     const std::vector<std::string_view>& rule_ids) {
  toml::parse_result parsed = toml::parse(toml);
  if (!parsed) {
    const auto& at = parsed.error().source().begin;
    return usage_error(shown + ':' + std::to_string(at.line) + ':' + std::to_string(at.column) + ": " +
                       to_valid_utf8(parsed.error().description()));
  }
  std::string text = "# Translated from " + shown + "\ncompat-suppressions = [\"squawk\"]\n";
  for (auto&& [name, node] : parsed.table()) {
    if (name.str() == "excluded_rules") {
      text += rule_list("ignore", node, rule_ids);
    } else if (name.str() == "included_rules") {
      text += rule_list("extend-select", node, rule_ids);
    } else if (name.str() == "pg_version") {
      int major = std::clamp(major_of(node), oldest_server, newest_server);
      text += "pg-version = " + std::to_string(major) + "\n";
    } else if (name.str() == "assume_in_transaction") {
      text += "# assume_in_transaction is not needed: the layout says how its tool runs a file\n";
    } else {
      text += commented(name.str(), node);
    }
  }
  return text;
}

}  // namespace pgrehearse
