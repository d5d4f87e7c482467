// SPDX-License-Identifier: Apache-2.0
// The reader of .pgrehearse.toml: the one file that knows toml++.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <set>

#include "core/utf8.h"
#include "linter/config_words.h"

namespace pgrehearse {
namespace {

class Reader {
 public:
  Reader(const std::string& shown, const std::vector<std::string_view>& rule_ids)
      : shown_(shown), rule_ids_(rule_ids) {}

  ConfigLayer layer;
  ConfigErrors errors;

  void read_top(const toml::table& table) {
    std::vector<std::string_view> known;
    for (const ConfigKey& key : config_keys()) {
      std::string_view top = key.name.substr(0, key.name.find('.'));
      if (std::ranges::find(known, top) == known.end()) known.push_back(top);
    }
    for (auto&& [name, node] : table) {
      if (name.str() == "rehearse" && node.is_table()) {
        read_rehearse(*node.as_table());
      } else if (const ConfigKey* key = find_config_key(name.str());
                 key && key->name.find('.') == std::string_view::npos) {
        read_setting(*key, name, node);
      } else if (name.str() == "rehearse") {
        complain(node.source(), "rehearse must be a table", "Write [rehearse] and its keys below.");
      } else {
        unknown(name, known, std::string(name.str()));
      }
    }
  }

 private:
  void read_rehearse(const toml::table& table) {
    std::vector<std::string_view> known;
    for (const ConfigKey& key : config_keys()) {
      if (key.name.starts_with("rehearse.") && key.in_file) known.push_back(key.name.substr(9));
    }
    for (auto&& [name, node] : table) {
      std::string full = "rehearse." + std::string(name.str());
      if (const ConfigKey* key = find_config_key(full)) {
        read_setting(*key, name, node);
      } else {
        unknown(name, known, full);
      }
    }
  }

  void read_setting(const ConfigKey& key, const toml::key& name, const toml::node& node) {
    if (!key.in_file) {
      complain(name.source(), std::string(key.name) + " cannot be set in a file",
               "The file comes with the migrations that it would set free: use " + key.option() + " or " +
                   key.variable() + ".");
      return;
    }
    ConfigValue value = read_value(key, node);
    layer.push_back({&key, std::move(value), shown_ + ':' + std::to_string(name.source().begin.line)});
  }

  ConfigValue read_value(const ConfigKey& key, const toml::node& node) {
    ConfigValue value;
    switch (key.kind) {
      case ConfigKind::flag:
        if (auto flag = node.value_exact<bool>()) {
          value.flag = *flag;
        } else {
          wrong_type(key, node, "true or false");
        }
        break;
      case ConfigKind::number:
        if (auto number = node.value_exact<int64_t>()) {
          value.number = *number;
          complain(node.source(), check_number(key, *number));
        } else {
          wrong_type(key, node, "a whole number");
        }
        break;
      case ConfigKind::numbers: read_numbers(key, node, value.numbers); break;
      case ConfigKind::text:
        if (auto text = node.value_exact<std::string>()) {
          value.text = *text;
          complain(node.source(), check_word(key, *text, rule_ids_));
        } else {
          wrong_type(key, node, "a string");
        }
        break;
      case ConfigKind::list: read_list(key, node, value.list); break;
      case ConfigKind::entries: read_entries(key, node, value.entries); break;
      case ConfigKind::overrides: read_overrides(key, node, value.overrides); break;
    }
    return value;
  }

  void read_numbers(const ConfigKey& key, const toml::node& node, std::vector<int64_t>& numbers) {
    const toml::array* array = node.as_array();
    auto take = [&](const toml::node& item) {
      auto number = item.value_exact<int64_t>();
      if (!number) return wrong_type(key, item, array ? "a list of whole numbers" : "a whole number");
      complain(item.source(), check_number(key, *number));
      numbers.push_back(*number);
    };
    if (!array) return take(node);
    if (array->empty()) return wrong_type(key, node, "a whole number or some");
    for (const toml::node& item : *array) take(item);
  }

  void read_list(const ConfigKey& key, const toml::node& node, std::vector<std::string>& list) {
    const toml::array* array = node.as_array();
    if (!array) return wrong_type(key, node, "a list of strings");
    for (const toml::node& item : *array) {
      auto word = item.value_exact<std::string>();
      if (!word) return wrong_type(key, item, "a list of strings");
      complain(item.source(), check_word(key, *word, rule_ids_));
      list.push_back(std::move(*word));
    }
  }

  void read_entries(const ConfigKey& key, const toml::node& node,
                    std::vector<std::pair<std::string, std::string>>& entries) {
    const toml::table* table = node.as_table();
    if (!table) return wrong_type(key, node, "a table of strings");
    for (auto&& [name, item] : *table) {
      auto text = item.value_exact<std::string>();
      if (!text) {
        wrong_type(key, item, "a table of strings");
        continue;
      }
      WordProblem name_problem = check_word(key, name.str(), rule_ids_);
      if (!name_problem.message.empty()) {
        complain(name.source(), std::move(name_problem));
      } else {
        complain(item.source(), check_entry(key, name.str(), *text, rule_ids_));
      }
      entries.emplace_back(name.str(), std::move(*text));
    }
  }

  void read_overrides(const ConfigKey& key, const toml::node& node, std::vector<PathOverride>& overrides) {
    const toml::array* array = node.as_array();
    if (!array) return wrong_type(key, node, "tables: [[overrides]]");
    std::vector<std::string_view> known;
    for (const ConfigKey& inner : override_keys()) known.push_back(inner.name);
    for (const toml::node& item : *array) {
      const toml::table* table = item.as_table();
      if (!table) return wrong_type(key, item, "tables: [[overrides]]");
      PathOverride& override = overrides.emplace_back();
      for (auto&& [name, inner] : *table) {
        auto found = std::ranges::find(override_keys(), name.str(), &ConfigKey::name);
        if (found == override_keys().end()) {
          unknown(name, known, "overrides." + std::string(name.str()));
          continue;
        }
        ConfigValue value = read_value(*found, inner);
        if (found->name == "files") override.files = std::move(value.list);
        if (found->name == "extend-select") override.extend_select = std::move(value.list);
        if (found->name == "ignore") override.ignore = std::move(value.list);
        for (const auto& [id, level] : value.entries) {
          override.severity[id] = parse_severity(level).value_or(Severity::warning);
        }
      }
      if (override.files.empty())
        complain(item.source(), "this [[overrides]] table names no files", "Add files = [...].");
    }
  }

  void unknown(const toml::key& name, const std::vector<std::string_view>& known, const std::string& full) {
    complain(name.source(), "unknown key \"" + to_valid_utf8(full) + "\"", suggestion(name.str(), known));
  }
  void wrong_type(const ConfigKey& key, const toml::node& node, const std::string& wanted) {
    complain(node.source(), std::string(key.name) + " must be " + wanted, {});
  }
  void complain(const toml::source_region& at, WordProblem problem) {
    if (!problem.message.empty()) complain(at, std::move(problem.message), std::move(problem.help));
  }
  void complain(const toml::source_region& at, std::string message, std::string help) {
    errors.push_back({Error::Kind::usage,
                      shown_ + ':' + std::to_string(at.begin.line) + ':' + std::to_string(at.begin.column) + ": " +
                          std::move(message),
                      std::move(help)});
  }

  const std::string& shown_;
  const std::vector<std::string_view>& rule_ids_;
};

}  // namespace

std::expected<ConfigLayer, ConfigErrors> read_config(std::string_view text, const std::string& shown,
                                                     const std::vector<std::string_view>& rule_ids) {
  toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    const auto& at = error.source().begin;
    return std::unexpected(ConfigErrors{{Error::Kind::usage,
                                         shown + ':' + std::to_string(at.line) + ':' + std::to_string(at.column) +
                                             ": " + to_valid_utf8(error.description()),
                                         {}}});
  }
  Reader reader(shown, rule_ids);
  reader.read_top(parsed.table());
  if (!reader.errors.empty()) {
    return std::unexpected(std::move(reader.errors));
  }
  return std::move(reader.layer);
}

}  // namespace pgrehearse
