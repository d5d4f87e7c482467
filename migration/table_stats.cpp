// SPDX-License-Identifier: Apache-2.0
#include "migration/table_stats.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/utf8.h"

namespace pgrehearse {
namespace {

using Json = nlohmann::ordered_json;

constexpr int format_version = 1;

std::string key_of(std::string_view schema, std::string_view name) {
  std::string key(schema);
  key += '\0';
  return key += name;
}

std::optional<uint64_t> number(const Json& object, const char* key) {
  auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  if (found->is_number_unsigned()) return found->get<uint64_t>();
  double value = found->get<double>();
  constexpr double most = 9e18;
  return value >= 0 && value < most ? std::optional(static_cast<uint64_t>(value)) : std::nullopt;
}

}  // namespace

Result<TableStats> TableStats::parse(std::string_view text, std::string_view name) {
  auto refuse = [&](const std::string& what) {
    return usage_error("\"" + to_valid_utf8(name) + "\" is no statistics file: " + what,
                       "`pgrehearse stats --database-url URL` writes one.");
  };
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return refuse("it is not a JSON object");
  auto version = json.find("version");
  if (version == json.end() || !version->is_number_integer()) return refuse("it has no \"version\"");
  if (*version != format_version) return refuse("its version is " + version->dump() + ", known is 1");
  auto tables = json.find("tables");
  if (tables == json.end() || !tables->is_array()) return refuse("it has no list \"tables\"");
  TableStats stats;
  size_t place = 0;
  for (const Json& table : *tables) {
    auto is_text = [&](const char* key) { return table.is_object() && table.contains(key) && table[key].is_string(); };
    auto bytes = table.is_object() ? number(table, "bytes") : std::nullopt;
    if (!is_text("schema") || !is_text("name") || !bytes) {
      return refuse("tables[" + std::to_string(place) + "] needs \"schema\", \"name\" and \"bytes\"");
    }
    stats.tables_[key_of(table["schema"].get<std::string>(), table["name"].get<std::string>())] = {
        number(table, "rows"), *bytes, number(table, "index_bytes").value_or(0)};
    ++place;
  }
  return stats;
}

void TableStats::add(const QualifiedName& table, TableSize size) { tables_[key_of(table.schema, table.name)] = size; }

const TableSize* TableStats::find(const QualifiedName& table) const {
  auto found = tables_.find(key_of(table.schema, table.name));
  return found == tables_.end() ? nullptr : &found->second;
}

std::string TableStats::json() const {
  std::vector<const std::pair<const std::string, TableSize>*> sorted;
  for (const auto& entry : tables_) sorted.push_back(&entry);
  std::ranges::sort(sorted, {}, [](const auto* entry) -> const std::string& { return entry->first; });
  Json json;
  json["version"] = format_version;
  json["tables"] = Json::array();
  for (const auto* entry : sorted) {
    size_t end = entry->first.find('\0');
    Json table;
    table["schema"] = to_valid_utf8(entry->first.substr(0, end));
    table["name"] = to_valid_utf8(entry->first.substr(end + 1));
    if (entry->second.rows) table["rows"] = *entry->second.rows;
    table["bytes"] = entry->second.bytes;
    table["index_bytes"] = entry->second.index_bytes;
    json["tables"].push_back(std::move(table));
  }
  return json.dump(1) + "\n";
}

std::string shown_bytes(uint64_t bytes) {
  static constexpr std::array<const char*, 6> units{"bytes", "kB", "MB", "GB", "TB", "PB"};
  constexpr uint64_t step = 1024, threshold = 10 * step;  // as pg_size_pretty(): two to five digits
  size_t unit = 0;
  while (bytes >= threshold && unit + 1 < units.size()) {
    bytes = (bytes + step / 2) / step;
    ++unit;
  }
  return std::to_string(bytes) + " " + units[unit];
}

std::string shown_rows(uint64_t rows) {
  constexpr uint64_t million = 1'000'000, many = 10 * million;
  if (rows >= many) return "about " + std::to_string((rows + million / 2) / million) + " million rows";
  std::string digits = std::to_string(rows);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return "about " + digits + " rows";
}

}  // namespace pgrehearse
