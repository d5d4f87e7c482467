// SPDX-License-Identifier: Apache-2.0
#include "runner/fixtures.h"

#include <algorithm>
#include <filesystem>

#include "migration/expansion.h"
#include "migration/input.h"

namespace pgrehearse {
namespace fs = std::filesystem;
namespace {

/// "schema.table" with each part quoted.
std::string table_of(const std::string& stem) {
  size_t dot = stem.find('.');
  return dot == stem.npos ? quote_name(stem) : quote_name(stem.substr(0, dot)) + "." + quote_name(stem.substr(dot + 1));
}

/// The names of the first line, quoted for SQL.
std::string columns_of(std::string_view csv) {
  std::string_view line = csv.substr(0, csv.find_first_of("\r\n"));
  std::string list, name;
  bool quoted = false;
  auto take = [&] {
    list.append(list.empty() ? "" : ", ").append(quote_name(name));
    name.clear();
  };
  for (char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      take();
    else
      name += c;
  }
  take();
  return list;
}

/// 42P01 and the like: what it is for comes with a later migration, or went with an earlier one.
bool is_for_another_time(const SqlError& error) {
  constexpr const char* states[] = {"42P01", "42703", "3F000", "42704", "42883"};
  return std::ranges::find(states, error.sqlstate) != std::end(states);
}

class Loading {
 public:
  Loading(Connection& session, std::vector<std::string>& notes) : session_(session), notes_(notes) {}

  template <class Run>
  SqlResult<void> attempt(const SourceFile& file, uint32_t offset, Run run) {
    if (auto begun = session_.run("savepoint pgrehearse_fixture"); !begun) return std::unexpected(begun.error());
    auto ran = run();
    auto ended =
        session_.run(ran ? "release savepoint pgrehearse_fixture" : "rollback to savepoint pgrehearse_fixture");
    if (!ended) return std::unexpected(ended.error());
    if (!ran && !is_for_another_time(ran.error())) {
      notes_.push_back(file.path() + ":" + std::to_string(file.line_of(offset)) +
                       ": not loaded: " + ran.error().one_line());
    }
    return {};
  }

 private:
  Connection& session_;
  std::vector<std::string>& notes_;
};

}  // namespace

Result<std::vector<Fixture>> read_fixtures(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".sql" || entry.path().extension() == ".csv") paths.push_back(entry.path());
  }
  if (error) return environment_error("could not read the fixtures \"" + folder + "\": " + error.message());
  if (paths.empty()) return environment_error("no .sql and no .csv file in the fixtures \"" + folder + "\"");
  std::ranges::sort(paths);
  Input input(fs::current_path(error));
  std::vector<Fixture> fixtures;
  for (const fs::path& path : paths) {
    auto file = input.read(path);
    if (!file) return std::unexpected(file.error());
    bool csv = path.extension() == ".csv";
    fixtures.push_back({*file, csv, csv ? table_of(path.stem().string()) : std::string()});
  }
  return fixtures;
}

SqlResult<void> load_fixtures(Connection& session, const std::vector<Fixture>& fixtures,
                              std::vector<std::string>& notes) {
  Loading loading(session, notes);
  for (const Fixture& fixture : fixtures) {
    const SourceFile& file = *fixture.file;
    if (fixture.csv) {
      auto loaded = loading.attempt(file, 0, [&] {
        return session.copy_in(
            "copy " + fixture.table + " (" + columns_of(file.text()) + ") from stdin (format csv, header true)",
            file.text());
      });
      if (!loaded) return loaded;
      continue;
    }
    Part part;
    part.file = fixture.file;
    part.section = {0, static_cast<uint32_t>(file.text().size())};
    Script script = script_of(part);
    for (const StatementSpan& statement : script.statements()) {
      auto loaded = loading.attempt(file, statement.span.begin, [&] {
        std::string text(statement.span.in(script.text()));
        return statement.copy_from_stdin ? session.copy_in(text, statement.copy_data.in(script.text()))
                                         : session.run(text);
      });
      if (!loaded) return loaded;
    }
  }
  auto checked = session.run("set constraints all immediate; reset session authorization; reset all");
  return checked ? SqlResult<void>() : std::unexpected(checked.error());
}

}  // namespace pgrehearse
