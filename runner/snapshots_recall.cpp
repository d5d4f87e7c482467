// SPDX-License-Identifier: Apache-2.0
// The snapshot of the empty database, kept from one run to the next.
#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "runner/snapshots.h"

namespace pgrehearse {

/// What is kept has been read with these statements, from this server.
std::string Snapshots::fingerprint() const {
  uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
  auto add = [&](std::string_view text) {
    for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3ULL;
  };
  for (const SnapshotQuery& query : queries_) add(query.all);
  for (const RowWatch& watch : row_watches_) add(rows_statement(watch));
  add(all_keys_statement(watches_));
  return std::to_string(observer_->server_version()) + "-" + std::to_string(hash);
}

std::string Snapshots::to_recall() const {
  std::string text;
  auto put = [&](std::string_view part) { text.append(std::to_string(part.size())).append(":").append(part); };
  auto put_number = [&](uint64_t value) { put(std::to_string(value)); };
  put(fingerprint());
  put(since_);
  put_number(row_counts_.size());
  for (const auto& count : row_counts_) put(count);
  for (const Keys& keys : keys_) {
    put_number(keys.size());
    for (const auto& [key, known] : keys) {
      put(key);
      put_number(known.root);
      put(known.name);
    }
  }
  put_number(last_.objects().size());
  for (const auto& object : last_.objects()) {
    put(object->object_class);
    put(object->identity);
    put(object->definition);
    put_number(object->root);
  }
  put("end");
  return text;
}

bool Snapshots::recall(std::string_view text) {
  bool sound = true;
  auto get = [&]() -> std::string {
    size_t colon = text.find(':');
    size_t size = text.size();
    if (colon != std::string_view::npos) std::from_chars(text.data(), text.data() + colon, size);
    sound = sound && colon != std::string_view::npos && size <= text.size() - colon - 1;
    if (!sound) return {};
    std::string part(text.substr(colon + 1, size));
    text.remove_prefix(colon + 1 + size);
    return part;
  };
  auto get_number = [&] { return std::strtoull(get().c_str(), nullptr, 10); };
  if (watches_.empty() || get() != fingerprint()) return false;
  std::string since = get();
  std::vector<std::string> row_counts;
  for (auto left = get_number(); sound && left > 0; --left) row_counts.push_back(get());
  std::vector<Keys> all_keys(watches_.size());
  for (Keys& keys : all_keys) {
    for (auto left = get_number(); sound && left > 0; --left) {
      std::string key = get();
      auto root = static_cast<uint32_t>(get_number());
      keys[std::move(key)] = {root, get()};
    }
  }
  Snapshot::Objects objects;
  for (auto left = get_number(); sound && left > 0; --left) {
    auto object = std::make_shared<Snapshot::Object>();
    std::string object_class = get();
    auto query = std::ranges::find(queries_, std::string_view(object_class), &SnapshotQuery::object_class);
    if (query == queries_.end()) return false;
    object->object_class = query->object_class;
    object->identity = get();
    object->definition = get();
    object->root = get_number();
    objects.push_back(std::move(object));
  }
  if (get() != "end" || !sound || row_counts.size() != row_watches_.size()) return false;
  since_ = std::move(since);
  row_counts_ = std::move(row_counts);
  keys_ = std::move(all_keys);
  last_ = Snapshot(std::move(objects));
  moment_ = since_;
  return true;
}

}  // namespace pgrehearse
