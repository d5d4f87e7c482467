// SPDX-License-Identifier: Apache-2.0
// What folding the state and computing impact add to parsing: the same files read three times in one thread, each time
// with one step more, in rounds. Prints the medians of CPU seconds: parsing, folding, impact.
#include <malloc.h>
#include <algorithm>

#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "impact/impact.h"
#include "sql/body.h"

namespace {

using namespace pgrehearse;

enum class Steps { parse, fold, impact };

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

size_t relations_seen = 0;  // so that nothing is optimised away

double run(const std::vector<std::shared_ptr<const SourceFile>>& files, Steps steps) {
  SchemaState state;  // taken apart after the clock: the program ends without doing so
  Parser parser, body_parser;
  double begin = cpu_seconds();
  uint32_t index = 0;
  for (const auto& file : files) {
    Script script(file);
    state.begin_migration(index++);
    for (const auto& span : script.statements()) {
      auto statement = parser.parse(script, span);
      if (!statement || !statement->node) continue;
      auto take = [&](const Statement& taken, bool conditional) {
        if (steps == Steps::impact) relations_seen += impact(taken, state, 18).relations.size();
        if (steps != Steps::parse) state.apply(taken, conditional);
      };
      // As lint goes: the SQL of bodies is parsed once, and that of DO blocks takes effect statement by statement.
      auto body = body_of(*statement);
      bool runs_now = body && body->origin == Origin::do_block;
      if (!runs_now) take(*statement, false);
      if (!body) continue;
      for_each_statement_in(
          *body, statement->source, body_parser,
          [&](const Statement& inner, const BodyPiece& piece) {
            if (runs_now) take(inner, piece.conditional);
          },
          [](const SyntaxError&) {});
    }
  }
  return cpu_seconds() - begin;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  mallopt(M_TRIM_THRESHOLD, 1 << 30);  // as the program does
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  std::vector<std::shared_ptr<const SourceFile>> files;
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i], std::ios::binary);
    files.push_back(std::make_shared<const SourceFile>(argv[i], std::string{std::istreambuf_iterator<char>(in), {}}));
  }
  std::array<std::vector<double>, 3> seconds;
  double begin = cpu_seconds();
  for (int round = 0; round < 11 || cpu_seconds() - begin < 2; ++round) {
    double parse = run(files, Steps::parse);
    double fold = run(files, Steps::fold);
    double both = run(files, Steps::impact);
    seconds[0].push_back(parse);
    seconds[1].push_back(fold - parse);
    seconds[2].push_back(both - fold);
  }
  std::printf("%.6f %.6f %.6f\n", median(seconds[0]), median(seconds[1]), median(seconds[2]));
  return relations_seen == 0;
}
