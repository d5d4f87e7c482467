// SPDX-License-Identifier: Apache-2.0
// What tools/ground-truth asks of pgrehearse itself:
//   ground_truth plan DIR          the migrations of a folder as JSON: order, texts, how their tool sends them
//   ground_truth snapshots URL     for each line on standard input the difference since the last one, ended by a NUL
//   byte
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "migration/discovery.h"
#include "migration/expansion.h"
#include "report/json_writer.h"
#include "runner/snapshots.h"

namespace {

using namespace pgrehearse;

void write_part(JsonWriter& json, const char* name, const Part& part) {
  json.begin_object(name);
  json.text("text", part.expansion ? part.expansion->file->text() : part.section.in(part.file->text()));
  json.text("mode", run_mode_name(part.mode));
  json.flag("irreversible", part.irreversible);
  json.begin_array("statements");
  Script script = script_of(part);
  for (const StatementSpan& statement : script.statements()) json.text(statement.span.in(script.text()));
  json.end_array();
  json.end_object();
}

int plan(const char* folder) {
  std::vector<std::string> paths{folder};
  auto found = discover(paths);
  if (!found || !found->errors.empty()) {
    std::fprintf(stderr, "%s\n", (found ? found->errors.front() : found.error()).message.c_str());
    return 2;
  }
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.begin_array("sets");
  for (const MigrationSet& set : found->sets) {
    json.begin_object();
    json.text("layout", set.layout);
    json.text("bookkeeping", set.bookkeeping_sql);
    json.begin_array("migrations");
    for (const Migration& migration : set.migrations) {
      json.begin_object();
      json.text("name", migration.display_name());
      json.flag("repeatable", migration.repeatable);
      write_part(json, "up", migration.up);
      if (migration.down) write_part(json, "down", *migration.down);
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  std::printf("%s\n", text.c_str());
  return 0;
}

template <class T>
int fail(const T& error) {
  std::fprintf(stderr, "ground_truth: %s\n", error.c_str());
  return 3;
}

int snapshots(const char* url) {
  if (auto loaded = Connection::load_library(); !loaded) return fail(loaded.error().message);
  auto observer = Connection::open_url(url, {{"options", "-c search_path=pg_catalog"}}, std::chrono::seconds(10));
  if (!observer) return fail(observer.error().one_line());
  std::vector<std::string> notes;
  auto taker = Snapshots::open(*observer, true, notes);
  if (!taker) return fail(taker.error().message);
  auto last = taker->take();
  if (!last) return fail(last.error().message);
  for (std::string line; std::getline(std::cin, line);) {
    auto now = taker->take();
    if (!now) return fail(now.error().message);
    std::string text = difference(*last, *now, "before", "after");
    std::fwrite(text.c_str(), 1, text.size() + 1, stdout);
    std::fflush(stdout);
    last = std::move(now);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc == 3 && std::strcmp(argv[1], "plan") == 0) return plan(argv[2]);
  if (argc == 3 && std::strcmp(argv[1], "snapshots") == 0) return snapshots(argv[2]);
  std::fprintf(stderr, "usage: ground_truth plan DIR | snapshots URL\n");
  return 2;
} catch (const std::exception& error) {
  std::fprintf(stderr, "ground_truth: %s\n", error.what());
  return 3;
}
