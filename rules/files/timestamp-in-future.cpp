// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "linter/rule.h"

namespace pgrehearse::rules::timestamp_in_future {
namespace {

/// Versions of 14 digits are YYYYMMDDhhmmss. One day is left to clocks and time zones.
bool lies_ahead(std::string_view version) {
  constexpr size_t digits = 14;
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (version.size() != digits || !std::ranges::all_of(version, is_digit)) return false;
  auto day = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()) + std::chrono::days(2);
  std::chrono::year_month_day limit(day);
  char text[16];
  std::snprintf(text, sizeof text, "%04d%02u%02u", static_cast<int>(limit.year()), static_cast<unsigned>(limit.month()),
                static_cast<unsigned>(limit.day()));
  return version.substr(0, 8) >= std::string_view(text);
}

}  // namespace

static void check_migration(const Migration& migration, Context& context) {
  if (!lies_ahead(migration.version)) return;
  Span place{migration.up.section.begin, migration.up.section.begin};
  context.report(place, "version " + migration.version + " lies in the future").help =
      "Give it the time at which it was written: all that is written until then sorts before it, and a tool that has "
      "applied it "
      "skips those or refuses them.";
}

Rule rule() {
  return {.info = {.id = "timestamp-in-future",
                   .title = "A version that is a time in the future",
                   .category = Category::files,
                   .severity = Severity::warning,
                   .why = R"(
Tools that number migrations by time apply them in that order. After a migration from next year, each one that is written until then
sorts before it: out of order, which tools skip, refuse, or run in another order on new databases than on old ones.

Versions of 14 digits are read as YYYYMMDDhhmmss. One day ahead is forgiven.)",
                   .instead = R"(The time of now, before anybody applies it.)",
                   .since = "0.1.0",
                   .bad = {{.sql = "-- file: V29990101000000__a.sql\nCREATE TABLE a (id bigint);\n"}},
                   .good = {{.sql = "-- file: V20240101000000__a.sql\nCREATE TABLE a (id bigint);\n"},
                            {.sql = "-- file: V3000__a.sql\nCREATE TABLE a (id bigint);\n"}}},
          .check_migration = check_migration};
}

}  // namespace pgrehearse::rules::timestamp_in_future
