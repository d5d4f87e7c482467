// SPDX-License-Identifier: Apache-2.0
#include "linter/config.h"

#include <algorithm>
#include <charconv>

#include "core/utf8.h"
#include "linter/config_words.h"
#include "linter/engine.h"
#include "linter/presets.h"
#include "migration/layouts/layout.h"

namespace pgrehearse {
namespace fs = std::filesystem;

std::string suggestion(std::string_view typed, const std::vector<std::string_view>& known, std::string_view otherwise) {
  std::string_view near = nearest(typed, known);
  if (!near.empty()) return "Did you mean \"" + std::string(near) + "\"?";
  if (!otherwise.empty()) return std::string(otherwise);
  std::string list;
  for (std::string_view name : known) list += (list.empty() ? "Known are " : ", ") + std::string(name);
  return list.empty() ? list : list + ".";
}

WordProblem check_word(const ConfigKey& key, std::string_view word, const std::vector<std::string_view>& rule_ids) {
  std::vector<std::string_view> known = key.kind == ConfigKind::entries ? std::vector<std::string_view>() : key.choices;
  std::string what = "value", otherwise;
  if (key.words == ConfigWords::rule) {
    known = rule_ids;
    what = "rule";
    otherwise = "`pgrehearse rules` lists all of them.";
  } else if (key.words == ConfigWords::layout) {
    for (const Layout& layout : layouts()) known.push_back(layout.name);
    what = "layout";
  } else if (key.words == ConfigWords::preset) {
    for (const Preset& preset : presets()) known.push_back(preset.name);
    what = "preset";
  } else if (known.empty()) {
    return {};
  }
  if (std::ranges::find(known, word) != known.end()) return {};
  std::string quoted = "\"" + to_valid_utf8(word) + "\"";
  if (key.words == ConfigWords::any) {
    return {quoted + " is no value of " + std::string(key.name), suggestion(word, known)};
  }
  return {"no " + what + " is called " + quoted, suggestion(word, known, otherwise)};
}

WordProblem check_entry(const ConfigKey& key, std::string_view name, std::string_view value,
                        const std::vector<std::string_view>& rule_ids) {
  if (WordProblem problem = check_word(key, name, rule_ids); !problem.message.empty()) return problem;
  if (key.choices.empty() || std::ranges::find(key.choices, value) != key.choices.end()) return {};
  return {"\"" + to_valid_utf8(value) + "\" is no " + std::string(key.name) + " of " + std::string(name),
          suggestion(value, key.choices)};
}

WordProblem check_number(const ConfigKey& key, int64_t number) {
  if (number >= key.min && number <= key.max) return {};
  return {std::string(key.name) + " must lie between " + std::to_string(key.min) + " and " + std::to_string(key.max),
          {}};
}

namespace {

/// Commas separate; where any value may hold one, line ends do.
std::vector<std::string> words_of(const ConfigKey& key, const std::string& text) {
  char separator = key.kind == ConfigKind::entries && key.choices.empty() ? '\n' : ',';
  std::vector<std::string> words;
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find(separator, begin), text.size());
    std::string word = text.substr(begin, end - begin);
    word.erase(0, word.find_first_not_of(' '));
    word.erase(word.find_last_not_of(' ') + 1);
    if (!word.empty()) words.push_back(std::move(word));
    begin = end + 1;
  }
  return words;
}

Result<int64_t> read_number(const ConfigKey& key, const std::string& text) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return usage_error(std::string(key.name) + " must be a whole number, not \"" + to_valid_utf8(text) + "\"");
  }
  if (WordProblem problem = check_number(key, number); !problem.message.empty()) {
    return usage_error(std::move(problem.message), std::move(problem.help));
  }
  return number;
}

Result<ConfigValue> read_overrides(const std::string& text, const std::vector<std::string_view>& rule_ids) {
  auto layer = read_config("overrides=[" + text + "]", "overrides", rule_ids);
  if (!layer) return std::unexpected(layer.error().front());
  for (ConfigSetting& setting : *layer) {
    if (setting.key->kind == ConfigKind::overrides) return std::move(setting.value);
  }
  return usage_error("overrides needs tables", "Such as {files=[\"db/old/**\"], ignore=[\"drop-table\"]}.");
}

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (char c : to_valid_utf8(text)) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      constexpr std::string_view digits = "0123456789ABCDEF";
      result += "\\u00";
      result += digits[static_cast<unsigned char>(c) >> 4];
      result += digits[static_cast<unsigned char>(c) & 15];
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string toml_list(const std::vector<std::string>& list) {
  std::string text = "[";
  for (const std::string& word : list) text += (text.size() > 1 ? ", " : "") + toml_string(word);
  return text + "]";
}

/// One alone stands without brackets, as people write it.
std::string toml_numbers(const std::vector<int64_t>& numbers) {
  std::string text;
  for (int64_t number : numbers) text += (text.empty() ? "" : ", ") + std::to_string(number);
  return numbers.size() == 1 ? text : "[" + text + "]";
}

std::string inline_table(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string text = "{";
  for (const auto& [name, value] : entries) {
    bool bare = !name.empty() && std::ranges::all_of(name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    text += (text.size() > 1 ? ", " : "") + (bare ? name : toml_string(name)) + " = " + toml_string(value);
  }
  return text + "}";
}

void add(ConfigSetting& into, const ConfigSetting& from) {
  bool adds_up = from.key->kind == ConfigKind::entries || from.key->kind == ConfigKind::overrides;
  if (!adds_up || into.source == "default") {
    into = from;
    return;
  }
  for (const auto& entry : from.value.entries) {
    std::erase_if(into.value.entries, [&](const auto& old) { return old.first == entry.first; });
    into.value.entries.push_back(entry);
  }
  into.value.overrides.insert(into.value.overrides.end(), from.value.overrides.begin(), from.value.overrides.end());
  into.source += ", " + from.source;
}

}  // namespace

Result<ConfigValue> read_config_text(const ConfigKey& key, const std::string& text,
                                     const std::vector<std::string_view>& rule_ids) {
  ConfigValue value;
  auto complaint = [](WordProblem problem) -> Result<ConfigValue> {
    return usage_error(std::move(problem.message), std::move(problem.help));
  };
  switch (key.kind) {
    case ConfigKind::flag:
      if (text != "true" && text != "false" && text != "1" && text != "0") {
        return usage_error(std::string(key.name) + " must be true or false");
      }
      value.flag = text == "true" || text == "1";
      return value;
    case ConfigKind::number: {
      auto number = read_number(key, text);
      if (!number) return std::unexpected(number.error());
      value.number = *number;
      return value;
    }
    case ConfigKind::numbers: {
      std::vector<std::string> words = words_of(key, text);
      if (words.empty()) words.push_back(text);
      for (const std::string& word : words) {
        auto number = read_number(key, word);
        if (!number) return std::unexpected(number.error());
        value.numbers.push_back(*number);
      }
      return value;
    }
    case ConfigKind::text:
      if (auto problem = check_word(key, text, rule_ids); !problem.message.empty()) return complaint(problem);
      value.text = text;
      return value;
    case ConfigKind::list:
      value.list = words_of(key, text);
      for (const std::string& word : value.list) {
        if (auto problem = check_word(key, word, rule_ids); !problem.message.empty()) return complaint(problem);
      }
      return value;
    case ConfigKind::entries:
      for (const std::string& word : words_of(key, text)) {
        size_t equals = word.find('=');
        if (equals == 0 || equals == std::string::npos) {
          return usage_error(std::string(key.name) + " needs NAME=VALUE, not \"" + to_valid_utf8(word) + "\"");
        }
        std::string name = word.substr(0, equals), content = word.substr(equals + 1);
        if (auto problem = check_entry(key, name, content, rule_ids); !problem.message.empty())
          return complaint(problem);
        value.entries.emplace_back(std::move(name), std::move(content));
      }
      return value;
    case ConfigKind::overrides: return read_overrides(text, rule_ids);
  }
  return value;
}

ResolvedConfig resolve_config(std::span<const ConfigLayer* const> layers) {
  ResolvedConfig resolved;
  for (const ConfigKey& key : config_keys()) {
    ConfigSetting setting{&key, {}, "default"};
    for (const ConfigLayer* layer : layers) {
      for (const ConfigSetting& given : *layer) {
        if (given.key == &key) add(setting, given);
      }
    }
    if (setting.source != "default") key.apply(resolved.config, setting.value);
    resolved.settings.push_back(std::move(setting));
  }
  return resolved;
}

std::string config_toml(const ConfigKey& key, const ConfigValue& value) {
  switch (key.kind) {
    case ConfigKind::flag: return value.flag ? "true" : "false";
    case ConfigKind::number: return std::to_string(value.number);
    case ConfigKind::numbers: return toml_numbers(value.numbers);
    case ConfigKind::text: return toml_string(value.text);
    case ConfigKind::list: return toml_list(value.list);
    case ConfigKind::entries: return inline_table(value.entries);
    case ConfigKind::overrides: break;
  }
  std::string text = "[";
  for (const PathOverride& override : value.overrides) {
    text += (text.size() > 1 ? ", {files = " : "{files = ") + toml_list(override.files);
    if (!override.extend_select.empty()) text += ", extend-select = " + toml_list(override.extend_select);
    if (!override.ignore.empty()) text += ", ignore = " + toml_list(override.ignore);
    if (!override.severity.empty()) {
      std::vector<std::pair<std::string, std::string>> entries;
      for (const auto& [id, severity] : override.severity) entries.emplace_back(id, severity_name(severity));
      text += ", severity = " + inline_table(entries);
    }
    text += "}";
  }
  return text + "]";
}

fs::path find_config(const fs::path& folder, const fs::path& current) {
  std::error_code ignored;
  fs::path top;  // where the search ends: a file further up may be anybody's
  for (fs::path at = folder;; at = at.parent_path()) {
    if (fs::exists(at / ".git", ignored)) top = at;
    if (!top.empty() || !at.has_relative_path()) break;
  }
  if (top.empty()) {
    auto [end, unused] = std::mismatch(current.begin(), current.end(), folder.begin(), folder.end());
    top = end == current.end() ? current : folder;
  }
  for (fs::path at = folder;; at = at.parent_path()) {
    for (const char* name : {".pgrehearse.toml", "pgrehearse.toml"}) {
      if (fs::exists(fs::symlink_status(at / name, ignored))) return at / name;
    }
    if (at == top || !at.has_relative_path()) return {};
  }
}

}  // namespace pgrehearse
