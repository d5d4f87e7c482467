// SPDX-License-Identifier: Apache-2.0
// The floor for linting: PostgreSQL's parser alone over the same bytes, one statement at a time, nothing looked at.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "sql/parser.h"

int main(int argc, char** argv) {
  using namespace pgrehearse;
  Parser parser;
  size_t parsed = 0;
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i], std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    Script script(std::make_shared<const SourceFile>(argv[i], std::move(text)));
    for (const auto& statement : script.statements()) parsed += parser.parse(script, statement).has_value();
  }
  std::printf("%zu\n", parsed);
}
