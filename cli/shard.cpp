// SPDX-License-Identifier: Apache-2.0
#include "cli/shard.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "core/utf8.h"
#include "migration/input.h"

namespace pgrehearse {
namespace {

using Json = nlohmann::json;

/// Seconds in proportion: each migration costs its five steps and snapshots, then what its files hold.
size_t weight_of(const Migration& migration) {
  constexpr size_t bytes_per_step = 400;
  size_t bytes = migration.up.section.size() + (migration.down ? migration.down->section.size() : 0);
  return 10 + bytes / bytes_per_step;
}

Result<Json> read_report(const std::string& path) {
  std::error_code ignored;
  Input input(std::filesystem::current_path(ignored));
  auto text = input.read(input.current() / path);
  if (!text) return std::unexpected(text.error());
  Json json = Json::parse((*text)->text(), nullptr, false);
  bool ours = json.is_object() && json.value("version", Json()) == 1 && json.value("migrations", Json()).is_array();
  if (!ours)
    return usage_error("\"" + to_valid_utf8(path) + "\" is not a JSON report of pgrehearse",
                       "Write one with --output json=FILE.");
  return json;
}

std::string text_of(const Json& object, const char* name) {
  auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

double seconds_of(const Json& object) {
  auto found = object.find("seconds");
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

uint32_t number_of(const Json& object, const char* name) {
  auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<uint32_t>() : 0;
}

const Json& list_of(const Json& object, const char* name) {
  static const Json empty = Json::array();
  auto found = object.find(name);
  return found != object.end() && found->is_array() ? *found : empty;
}

const Json& object_of(const Json& object, const char* name) {
  static const Json empty = Json::object();
  auto found = object.find(name);
  return found != object.end() && found->is_object() ? *found : empty;
}

std::optional<double> measured(const Json& object, const char* name) {
  auto found = object.find(name);
  return found != object.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

class Reader {
 public:
  Reader(const std::vector<std::shared_ptr<const SourceFile>>& files, Report& report) : report_(report) {
    for (const auto& file : files) files_.emplace(file->path(), file);
  }

  bool knows(const Json& json) const { return files_.contains(text_of(json, "path")); }

  MigrationReport migration(const Json& json) {
    MigrationReport result{
        text_of(json, "version"), text_of(json, "name"), report_.add_file(files_.at(text_of(json, "path"))), {}};
    for (const Json& step : list_of(json, "steps")) {
      if (step.is_object()) result.outcomes.push_back(outcome(step));
    }
    const Json& metrics = object_of(json, "metrics");
    result.measures.reads_blocked = measured(metrics, "reads_blocked_seconds");
    result.measures.writes_blocked = measured(metrics, "writes_blocked_seconds");
    if (metrics.contains("waits")) {
      auto& waits = result.measures.waits.emplace();
      for (const Json& wait : list_of(metrics, "waits")) {
        if (!wait.is_object()) continue;
        Wait& one = waits.emplace_back();
        one.table = text_of(wait, "table");
        one.write = text_of(wait, "operation") == "write";
        one.step = named(step_count, text_of(wait, "step"), step_key, Step::apply);
        one.seconds = seconds_of(wait);
        place(wait, one.file, one.span);
      }
    }
    for (const auto& [name, counts] : object_of(metrics, "objects").items()) {
      if (!counts.is_object()) continue;
      result.measures.objects.push_back(
          {name, number_of(counts, "created"), number_of(counts, "changed"), number_of(counts, "dropped")});
    }
    return result;
  }

 private:
  template <class Value, class Name>
  static Value named(int count, const std::string& text, Name name, Value otherwise) {
    for (int i = 0; i < count; ++i) {
      if (name(static_cast<Value>(i)) == text) return static_cast<Value>(i);
    }
    return otherwise;
  }

  Outcome outcome(const Json& json) {
    Outcome result;
    result.step = named(step_count, text_of(json, "step"), step_key, Step::apply);
    result.verdict = named(4, text_of(json, "verdict"), verdict_name, Verdict::skipped);
    result.cause = named(static_cast<int>(Cause::timed_out) + 1, text_of(json, "cause"), cause_key, Cause::none);
    result.reason = text_of(json, "reason");
    result.sqlstate = text_of(json, "sqlstate");
    result.detail = text_of(json, "detail");
    result.difference = text_of(json, "difference");
    result.seconds = seconds_of(json);
    place(json, result.file, result.span);
    for (const Json& statement : list_of(json, "statements")) {
      if (!statement.is_object()) continue;
      uint32_t begin = number_of(statement, "offset");
      ObservedStatement observed{{begin, begin + number_of(statement, "length")}, seconds_of(statement), {}};
      auto count = [&](const char* name) {
        auto found = statement.find(name);
        return found != statement.end() && found->is_number_unsigned() ? std::optional(found->get<int64_t>())
                                                                       : std::nullopt;
      };
      observed.wal_bytes = count("wal_bytes");
      observed.rows = count("rows");
      for (const Json& relation : list_of(statement, "relations")) {
        if (relation.is_object()) observed.impact.relations.push_back(impact(relation));
      }
      result.statements.push_back(std::move(observed));
    }
    return result;
  }

  void place(const Json& json, std::optional<uint32_t>& file, Span& span) {
    auto known = files_.find(text_of(json, "path"));
    if (known == files_.end()) return;
    auto size = static_cast<uint32_t>(known->second->text().size());
    uint32_t end = std::min(number_of(json.value("end", Json::object()), "offset"), size);
    file = report_.add_file(known->second);
    span = {std::min(number_of(json.value("start", Json::object()), "offset"), end), end};
  }

  static RelationImpact impact(const Json& json) {
    auto flag = [&](const char* name) {
      auto found = json.find(name);
      return found != json.end() && found->is_boolean() && found->get<bool>();
    };
    RelationImpact result;
    result.name = text_of(json, "name");
    result.lock =
        named(static_cast<int>(LockMode::access_exclusive) + 1, text_of(json, "lock"), lock_json_name, LockMode::none);
    result.rewrite = flag("rewrite");
    result.index_rebuild = flag("index_rebuild");
    result.scan = flag("scan");
    result.existing = flag("existing");
    return result;
  }

  Report& report_;
  std::map<std::string, std::shared_ptr<const SourceFile>> files_;
};

bool is_elsewhere(const Json& migration) {
  return std::ranges::any_of(list_of(migration, "steps"), [](const Json& step) {
    return step.is_object() && text_of(step, "reason") == in_another_shard;
  });
}

}  // namespace

Result<Shard> parse_shard(const std::string& text) {
  Shard shard;
  const char* end = text.data() + text.size();
  auto first = std::from_chars(text.data(), end, shard.index);
  bool read = first.ec == std::errc() && first.ptr != end && *first.ptr == '/';
  if (read) {
    auto second = std::from_chars(first.ptr + 1, end, shard.count);
    read = second.ec == std::errc() && second.ptr == end;
  }
  if (!read || shard.count < 1 || shard.count > 1000 || shard.index < 1 || shard.index > shard.count) {
    return usage_error("\"" + to_valid_utf8(text) + "\" is no shard such as 1/4", "Shards are counted from 1.");
  }
  return shard;
}

std::vector<MigrationSet> share_of(const std::vector<const MigrationSet*>& sets, Shard shard) {
  std::vector<MigrationSet> shares;
  std::vector<size_t> loads(static_cast<size_t>(shard.count));
  for (const MigrationSet* set : sets) {
    MigrationSet& share = shares.emplace_back(*set);
    for (Migration& migration : share.migrations) {
      if (migration.context_only) continue;
      auto least = std::ranges::min_element(loads);
      *least += weight_of(migration);
      migration.context_only = least - loads.begin() != shard.index - 1;
    }
  }
  return shares;
}

Result<std::string> scope_of_report(const std::string& file) {
  auto json = read_report(file);
  if (!json) return std::unexpected(json.error());
  return text_of(*json, "scope");
}

namespace {

using Parts = std::vector<std::pair<std::string, Json>>;

/// What the reports say of the migrations on one server; `lists`: where that stands in each.
Result<std::vector<MigrationReport>> joined(Reader& reader, const Parts& lists) {
  std::vector<std::pair<std::string, std::string>> order;  // path and name: one file may hold several migrations
  std::map<std::pair<std::string, std::string>, Json> found;
  for (const auto& [path, json] : lists) {
    for (const Json& each : list_of(json, "migrations")) {
      if (!each.is_object()) continue;
      if (!reader.knows(each)) {
        return environment_error("\"" + to_valid_utf8(path) + "\" is about " + to_valid_utf8(text_of(each, "path")) +
                                     ", which is not among the migrations here",
                                 "Merge in the checkout that the shards had, with the same paths.");
      }
      auto key = std::pair(text_of(each, "path"), text_of(each, "name"));
      auto [place, is_new] = found.try_emplace(key);
      if (is_new) order.push_back(key);
      if (!is_elsewhere(each)) place->second = each;
    }
  }
  std::vector<MigrationReport> result;
  for (const auto& key : order) {
    const Json& migration = found[key];
    if (migration.is_null()) {
      return environment_error(to_valid_utf8(key.second) + " was rehearsed in none of these shards",
                               "Name the reports of all shards.");
    }
    result.push_back(reader.migration(migration));
  }
  return result;
}

}  // namespace

Result<void> take_outcomes(const std::vector<std::string>& reports,
                           const std::vector<std::shared_ptr<const SourceFile>>& files, Report& report) {
  Reader reader(files, report);
  Parts parts;
  for (const std::string& path : reports) {
    auto json = read_report(path);
    if (!json) return std::unexpected(json.error());
    parts.emplace_back(path, std::move(*json));
  }
  // The last shard's has the way of all of them together besides, each at its place: its order is that of the whole.
  std::ranges::stable_sort(parts, std::greater(),
                           [](const auto& part) { return list_of(part.second, "migrations").size(); });
  std::vector<std::string> versions;  // of other servers, in the order of the report
  for (const auto& [path, json] : parts) {
    if (std::string version = text_of(json, "server_version"); !version.empty()) report.server_version = version;
    for (const Json& server : list_of(json, "other_servers")) {
      std::string version = server.is_object() ? text_of(server, "server_version") : "";
      if (std::ranges::find(versions, version) == versions.end()) versions.push_back(version);
    }
    for (const Json& error : list_of(json, "errors")) {
      std::string message = error.is_object() ? text_of(error, "message") : "";
      bool known = std::ranges::any_of(report.errors, [&](const Error& each) { return each.message == message; });
      if (!known) report.errors.push_back({Error::Kind::environment, message, text_of(error, "help")});
    }
    for (const Json& note : list_of(json, "notes")) {
      if (!note.is_string()) continue;
      auto text = note.get<std::string>();
      if (std::ranges::find(report.notes, text) == report.notes.end()) report.notes.push_back(std::move(text));
    }
  }
  auto migrations = joined(reader, parts);
  if (!migrations) return std::unexpected(migrations.error());
  report.migrations = std::move(*migrations);
  for (const std::string& version : versions) {
    Parts of_server;
    for (const auto& [path, json] : parts) {
      for (const Json& server : list_of(json, "other_servers")) {
        if (server.is_object() && text_of(server, "server_version") == version) of_server.emplace_back(path, server);
      }
    }
    auto other = joined(reader, of_server);
    if (!other) return std::unexpected(other.error());
    report.other_servers.push_back({version, std::move(*other)});
  }
  return {};
}

}  // namespace pgrehearse
