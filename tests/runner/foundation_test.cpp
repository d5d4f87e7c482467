// SPDX-License-Identifier: Apache-2.0
#include "runner/foundation.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>

#include "runner/kept_data.h"

using namespace pgrehearse;
namespace fs = std::filesystem;

namespace {

/// A cache of its own, with a copy of the golden data directories, which take long to make.
class Cache {
 public:
  Cache() {
    fs::path golden = fs::path(cache_folder()) / "golden";
    fs::path parent = fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
    std::string name = (parent / "pgrehearse-test.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    if (const char* before = std::getenv("PGREHEARSE_CACHE")) before_ = before;
    std::error_code ignored;
    if (fs::exists(golden, ignored)) fs::copy(golden, folder_ / "golden", fs::copy_options::recursive, ignored);
    setenv("PGREHEARSE_CACHE", folder_.c_str(), 1);
  }
  ~Cache() {
    fs::remove_all(folder_);
    before_ ? setenv("PGREHEARSE_CACHE", before_->c_str(), 1) : unsetenv("PGREHEARSE_CACHE");
  }
  std::vector<fs::path> kept() const {
    std::vector<fs::path> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder_ / "kept", ignored)) found.push_back(entry.path());
    return found;
  }

 private:
  fs::path folder_;
  std::optional<std::string> before_;
};

/// `old` migrations and then a new one.
MigrationSet set_of(const std::vector<std::string>& old, const std::string& up, const std::string& down) {
  MigrationSet set;
  set.layout = "test";
  auto part = [](const std::string& name, const std::string& sql) {
    Part made;
    made.file = std::make_shared<SourceFile>(name, sql);
    made.section = {0, static_cast<uint32_t>(sql.size())};
    return made;
  };
  for (const std::string& sql : old) {
    Migration& migration = set.migrations.emplace_back();
    migration.version = std::to_string(set.migrations.size());
    migration.up = part(migration.version + ".sql", sql);
    migration.context_only = true;
  }
  Migration& fresh = set.migrations.emplace_back();
  fresh.version = "new";
  fresh.up = part("new.up.sql", up);
  fresh.down = part("new.down.sql", down);
  return set;
}

struct Ran {
  std::string verdicts;
  std::string reason;
  double seconds = 0;
};

Ran run(const MigrationSet& set, RehearsalOptions options = {}) {
  options.rows = 0;
  auto begin = Clock::now();
  auto result = rehearse(set, options, [](const std::shared_ptr<const SourceFile>&) { return 0U; });
  if (!result) FAIL(result.error().message);
  Ran ran;
  ran.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  for (const Outcome& one : result->migrations.front().outcomes) {
    ran.verdicts += verdict_name(one.verdict)[0];
    if (ran.reason.empty()) ran.reason = one.reason;
  }
  return ran;
}

const std::vector<std::string> slow{
    "create table t (id int primary key, a text); insert into t values (1, 'x'), (2, 'y');", "select pg_sleep(1)",
    "create role kept_role; grant select on t to kept_role;"};
constexpr const char* up = "alter table t add column b int; update t set a = 'z' where id = 1;";
constexpr const char* down = "alter table t drop column b;";
constexpr double slept = 1;

}  // namespace

TEST_CASE("what old migrations build is built once", "[server]") {
  Cache cache;
  Ran cold = run(set_of(slow, up, down));
  CHECK(cold.seconds > slept);
  REQUIRE(cache.kept().size() == 1);
  Ran warm = run(set_of(slow, up, down));
  CHECK(warm.seconds < slept);
  CHECK(warm.verdicts == cold.verdicts);
  CHECK(warm.verdicts == "pwfwp");
  CHECK(run(set_of(slow, "alter table t add column c int", "alter table t drop column c")).verdicts == "pwpwp");
  // Going back, which a second run that changes something needs, leads to the same.
  Ran restored = run(set_of(slow, "insert into t select max(id) + 1 from t", "delete from t where id > 2"));
  CHECK(restored.verdicts == "pwppp");
  CHECK(restored.seconds < slept);
  CHECK(cache.kept().size() == 1);

  std::vector<std::string> other = slow;
  other[0] += " ";
  CHECK(run(set_of(other, up, down)).seconds > slept);
  RehearsalOptions given;
  given.prelude = "create schema given;";
  CHECK(run(set_of(slow, up, down), given).seconds > slept);
  CHECK(cache.kept().size() == 3);
}

TEST_CASE("an old migration that does not apply is remembered with what is kept", "[server]") {
  Cache cache;
  std::vector<std::string> broken = slow;
  broken[2] = "select * from missing";
  for (int i = 0; i < 2; ++i) {
    Ran ran = run(set_of(broken, "select * from missing", ""));
    CHECK(ran.reason.starts_with("3 did not apply before it"));
  }
  CHECK(cache.kept().size() == 1);
}

TEST_CASE("what others could have written, or is damaged, is not used", "[server]") {
  Cache cache;
  REQUIRE(run(set_of(slow, up, down)).seconds > slept);
  fs::path kept = cache.kept().at(0);
  SECTION("writable for others") {
    fs::permissions(kept, fs::perms::all);
    CHECK(run(set_of(slow, up, down)).seconds > slept);
  }
  SECTION("a link") {
    fs::path elsewhere = kept.parent_path().parent_path() / "elsewhere";
    fs::rename(kept, elsewhere);
    fs::create_symlink(elsewhere, kept);
    CHECK(run(set_of(slow, up, down)).seconds > slept);
  }
  SECTION("a link in it") {
    fs::remove(kept / "data" / "PG_VERSION");
    fs::create_symlink("/etc/passwd", kept / "data" / "PG_VERSION");
    CHECK(run(set_of(slow, up, down)).verdicts == "pwfwp");
  }
  SECTION("damaged") {
    fs::resize_file(kept / "data" / "global" / "pg_control", 100);
    CHECK(run(set_of(slow, up, down)).verdicts == "pwfwp");
  }
  SECTION("half of it is missing") {
    fs::remove_all(kept / "data" / "base");
    CHECK(run(set_of(slow, up, down)).verdicts == "pwfwp");
  }
}

TEST_CASE("nothing is kept of what a superuser has built, or was built in no time", "[server]") {
  Cache cache;
  RehearsalOptions all;
  all.server.superuser = true;
  CHECK(foundation_key(set_of(slow, up, down), 3, all).empty());
  CHECK_FALSE(foundation_key(set_of(slow, up, down), 3, {}).empty());
  run(set_of({slow[0]}, up, down));
  CHECK(cache.kept().empty());
}

TEST_CASE("the data directories that were not used for longest make room") {
  Cache cache;
  Installation installation{"/nowhere", 15};
  constexpr uint64_t room = 2 << 20;
  fs::path data = fs::path(cache_folder()) / "data";
  fs::create_directory(data);
  std::ofstream(data / "big") << std::string(room / 5, 'x');
  for (int i = 0; i < 4; ++i) REQUIRE(KeptData::keep(installation, std::to_string(i), data, {{"note", "n"}}, room));
  auto held = KeptData::find(installation, "1");
  CHECK(KeptData::find(installation, "0"));  // used now
  REQUIRE(held);
  CHECK(held->note("note") == "n");
  CHECK(held->note("none").empty());
  REQUIRE(KeptData::keep(installation, "4", data, {}, room));
  REQUIRE(KeptData::keep(installation, "5", data, {}, room));
  CHECK_FALSE(KeptData::find(installation, "2"));
  CHECK(KeptData::find(installation, "1"));
  CHECK(KeptData::find(installation, "5"));
  fs::create_directory(fs::path(cache_folder()) / "kept" / "new.gone");
  std::ofstream(data / "big") << std::string(room / 3, 'x');
  CHECK_FALSE(KeptData::keep(installation, "6", data, {}, room));
  fs::resize_file(data / "big", 10);
  CHECK(KeptData::keep(installation, "7", data, {}, room));
  CHECK_FALSE(fs::exists(fs::path(cache_folder()) / "kept" / "new.gone"));
}
