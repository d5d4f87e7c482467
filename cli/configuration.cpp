// SPDX-License-Identifier: Apache-2.0
#include "cli/configuration.h"

#include <cstdlib>

#include "linter/presets.h"
#include "migration/input.h"
#include "migration/layouts/layout.h"
#include "report/json_writer.h"
#include "rules/all_rules.h"
#include "rules/support/secret_values.h"

namespace pgrehearse {
namespace fs = std::filesystem;
namespace {

constexpr size_t max_config_size = size_t{1} << 20;

ConfigLayer read_environment(const std::vector<std::string_view>& rule_ids, std::vector<Error>& errors) {
  ConfigLayer layer;
  for (const ConfigKey& key : config_keys()) {
    std::string name = key.variable();
    const char* text = std::getenv(name.c_str());
    if (!text || !*text) continue;
    auto value = read_config_text(key, text, rule_ids);
    if (value) {
      layer.push_back({&key, std::move(*value), name});
    } else {
      errors.push_back({Error::Kind::usage, name + ": " + value.error().message, value.error().help});
    }
  }
  return layer;
}

bool is_below(const fs::path& path, const fs::path& folder) {
  auto [end, unused] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

}  // namespace

Configuration::Configuration(const Options& options) : options_(options) {
  std::error_code ignored;
  current_ = Input::resolved(fs::current_path(ignored));
  for (const Rule& rule : all_rules()) rule_ids_.push_back(rule.info.id);
  environment_ = read_environment(rule_ids_, errors_);
}

const ResolvedConfig& Configuration::main() {
  std::error_code ignored;
  fs::path path = current_;
  if (!options_.paths.empty() && options_.paths.front() != "-") {
    fs::path given = Input::resolved(current_ / options_.paths.front());
    if (!fs::is_directory(given, ignored)) given = given.parent_path();
    if (fs::is_directory(given, ignored)) path = given;
  }
  return of(path);
}

const ResolvedConfig& Configuration::of(const fs::path& folder) {
  if (options_.no_config) return from_file({});
  if (!options_.config_file.empty()) return from_file(Input::resolved(current_ / options_.config_file));
  fs::path real = Input::resolved(current_ / folder);
  auto known = files_.find(real);
  if (known == files_.end()) known = files_.emplace(real, find_config(real, current_)).first;
  return from_file(known->second);
}

const ResolvedConfig& Configuration::from_file(const fs::path& file) {
  if (auto known = resolved_.find(file); known != resolved_.end()) return *known->second;
  ConfigLayer layer;
  if (!file.empty()) {
    Input input(current_);
    Result<SharedFile> text = input.read(file);
    bool leads_out = options_.config_file.empty() && !is_below(Input::resolved(file), file.parent_path()) &&
                     !is_below(Input::resolved(file), input.repository());
    std::string shown = input.shown(file.parent_path() / "");
    shown = (shown == "." ? "" : shown + "/") + file.filename().string();
    if (leads_out) {
      errors_.push_back({Error::Kind::usage, "\"" + shown + "\" is a link out of the repository and is not read", {}});
    } else if (!text) {
      errors_.push_back({Error::Kind::usage, text.error().message, {}});
    } else if ((*text)->text().size() > max_config_size) {
      errors_.push_back({Error::Kind::usage, "\"" + shown + "\" is larger than 1 MiB", {}});
    } else if (auto read = read_config((*text)->text(), shown, rule_ids_)) {
      layer = std::move(*read);
      for (ConfigSetting& setting : layer) {
        if (setting.key->name == "baseline") place_baseline(setting, file.parent_path());
      }
    } else {
      errors_.insert(errors_.end(), read.error().begin(), read.error().end());
    }
  }
  const ConfigLayer* layers[] = {&layer, &environment_, &options_.settings};
  auto resolved = std::make_unique<ResolvedConfig>(resolve_config(layers));
  resolved->config.lint.current = current_.generic_string();
  resolved->config.lint.root = file.empty() ? resolved->config.lint.current : file.parent_path().generic_string();
  return *resolved_.emplace(file, std::move(resolved)).first->second;
}

/// The file may only name one beside it or below: `baseline write` writes there.
void Configuration::place_baseline(ConfigSetting& setting, const fs::path& folder) {
  fs::path path = (folder / setting.value.text).lexically_normal();
  if (!is_below(Input::resolved(path), Input::resolved(folder))) {
    errors_.push_back({Error::Kind::usage, setting.source + ": the baseline lies outside of this file's folder", {}});
  }
  setting.value.text = path.lexically_proximate(current_).generic_string();
}

std::string shown_config(const ResolvedConfig& resolved) {
  std::string text, table;
  for (const ConfigSetting& setting : resolved.settings) {
    size_t dot = setting.key->name.find('.');
    std::string here(setting.key->name.substr(0, dot == std::string_view::npos ? 0 : dot));
    if (here != table) text += "\n[" + here + "]\n";
    table = here;
    std::string name(setting.key->name.substr(dot == std::string_view::npos ? 0 : dot + 1));
    if (setting.source != "default") {
      // A password may be in the URL: that it is set is enough to know. So with variables that are named like secrets.
      ConfigValue shown = setting.value;
      for (auto& [variable, given] : shown.entries)
        given = name == "variables" && is_secret_name(variable) ? "****" : given;
      std::string value = name == "database-url" ? "\"****\"" : config_toml(*setting.key, shown);
      text += name + " = " + value + "  # " + setting.source + "\n";
    } else if (setting.key->fallback.empty()) {
      text += "# " + name + ": not set\n";
    } else {
      text += name + " = " + std::string(setting.key->fallback) + "  # default\n";
    }
  }
  return text;
}

namespace {

void write_type(JsonWriter& json, const ConfigKey& key);

void write_key(JsonWriter& json, const ConfigKey& key) {
  size_t dot = key.name.find('.');
  json.begin_object(key.name.substr(dot == std::string_view::npos ? 0 : dot + 1));
  json.text("description", key.what);
  write_type(json, key);
  json.end_object();
}

void write_range(JsonWriter& json, const ConfigKey& key) {
  json.text("type", "integer");
  json.number("minimum", key.min);
  json.number("maximum", key.max);
}

void write_words(JsonWriter& json, const ConfigKey& key) {
  json.text("type", "string");
  std::vector<std::string_view> known = key.choices;
  if (key.words == ConfigWords::layout) {
    for (const Layout& layout : layouts()) known.push_back(layout.name);
  } else if (key.words == ConfigWords::preset) {
    for (const Preset& preset : presets()) known.push_back(preset.name);
  }
  if (known.empty()) return;
  json.begin_array("enum");
  for (std::string_view name : known) json.text(name);
  json.end_array();
}

void write_overrides(JsonWriter& json) {
  json.text("type", "array");
  json.begin_object("items");
  json.text("type", "object");
  json.begin_array("required");
  json.text("files");
  json.end_array();
  json.begin_object("properties");
  for (const ConfigKey& key : override_keys()) write_key(json, key);
  json.end_object();
  json.flag("additionalProperties", false);
  json.end_object();
}

void write_type(JsonWriter& json, const ConfigKey& key) {
  switch (key.kind) {
    case ConfigKind::flag: json.text("type", "boolean"); break;
    case ConfigKind::number: write_range(json, key); break;
    case ConfigKind::numbers:
      json.begin_array("oneOf");
      json.begin_object();
      write_range(json, key);
      json.end_object();
      json.begin_object();
      json.text("type", "array");
      json.number("minItems", 1);
      json.begin_object("items");
      write_range(json, key);
      json.end_object();
      json.end_object();
      json.end_array();
      break;
    case ConfigKind::text: write_words(json, key); break;
    case ConfigKind::list:
      json.text("type", "array");
      json.begin_object("items");
      write_words(json, key);
      json.end_object();
      break;
    case ConfigKind::entries:
      json.text("type", "object");
      json.begin_object("additionalProperties");
      json.text("type", "string");
      if (!key.choices.empty()) {
        json.begin_array("enum");
        for (std::string_view choice : key.choices) json.text(choice);
        json.end_array();
      }
      json.end_object();
      break;
    case ConfigKind::overrides: write_overrides(json); break;
  }
}

}  // namespace

std::string config_schema() {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.text("$schema", "http://json-schema.org/draft-07/schema#");
  json.text("title", "Configuration of pgrehearse: .pgrehearse.toml");
  json.text("type", "object");
  json.begin_object("properties");
  for (const ConfigKey& key : config_keys()) {
    if (key.in_file && key.name.find('.') == std::string_view::npos) write_key(json, key);
  }
  json.begin_object("rehearse");
  json.text("type", "object");
  json.begin_object("properties");
  for (const ConfigKey& key : config_keys()) {
    if (key.in_file && key.name.starts_with("rehearse.")) write_key(json, key);
  }
  json.end_object();
  json.flag("additionalProperties", false);
  json.end_object();
  json.end_object();
  json.flag("additionalProperties", false);
  json.end_object();
  return text;
}

}  // namespace pgrehearse
