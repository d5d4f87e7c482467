// SPDX-License-Identifier: Apache-2.0
// SchemaState after a script, held against the catalog of a server that ran it.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "agreement.h"
#include "migration/discovery.h"
#include "runner/server.h"

using namespace pgrehearse;
using namespace pgrehearse::test;

namespace {

Server& server() {
  static std::unique_ptr<Server> started = [] {
    ServerOptions options;
    if (const char* bin = std::getenv("PGREHEARSE_PG_BIN")) options.pg_bin = bin;
    auto result = start_server(options);
    if (!result) FAIL(result.error().message);
    return std::move(*result);
  }();
  return *started;
}

struct ServerScript {
  std::string name;
  int since = 0;  ///< major version that has its syntax
  std::string sql;
};

/// The scripts of schema_agreement.sql, each after a line "-- script: NAME [since N]".
std::vector<ServerScript> scripts() {
  std::ifstream file(std::filesystem::path(PGREHEARSE_SOURCE_DIR) / "tests/migration/schema_agreement.sql");
  REQUIRE(file);
  std::vector<ServerScript> result;
  for (std::string line; std::getline(file, line);) {
    constexpr std::string_view mark = "-- script: ";
    if (line.starts_with(mark)) {
      ServerScript next{line.substr(mark.size()), 0, {}};
      if (size_t since = next.name.find(" since "); since != std::string::npos) {
        next.since = std::stoi(next.name.substr(since + 7));
        next.name.resize(since);
      }
      result.push_back(std::move(next));
    } else if (!result.empty()) {
      result.back().sql += line + "\n";
    }
  }
  return result;
}

}  // namespace

TEST_CASE("the state is what a server has after the same statements", "[server]") {
  REQUIRE(scripts().size() > 20);
  for (const ServerScript& script : scripts()) {
    if (script.since * 10000 > server().version_number()) continue;
    DYNAMIC_SECTION(script.name) {
      REQUIRE(server().reset());
      auto session = server().connect_migration();
      auto observer = server().connect_observer();
      REQUIRE(session);
      REQUIRE(observer);
      Part part;
      part.file = std::make_shared<SourceFile>(script.name, script.sql);
      part.section = {0, static_cast<uint32_t>(script.sql.size())};
      Script statements(part.file, part.section);
      for (const StatementSpan& span : statements.statements()) {
        std::string sql(span.span.in(script.sql));
        auto done = session->run(sql);
        // A statement that is meant to fail says so, and must not change the state either.
        bool may_fail = sql.find("/* fails */") != std::string::npos;
        INFO(sql << "\n" << (done ? "" : done.error().one_line()));
        REQUIRE(done.has_value() == !may_fail);
      }
      SchemaState state;
      state.begin_migration(0);
      fold_part(state, part);
      Agreement agreement = compare_with_server(state, *observer);
      std::string differences;
      for (const auto& difference : agreement.differences) differences += difference + "\n";
      INFO(differences);
      CHECK(agreement.objects > 0);
      CHECK(agreement.differences.empty());
      CHECK(agreement.uncertain_relations == 0);
    }
  }
}
