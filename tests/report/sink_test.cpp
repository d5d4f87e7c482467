// SPDX-License-Identifier: Apache-2.0
#include "report/sink.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "report/format.h"

using namespace pgrehearse;

TEST_CASE("a long report comes in pieces that make up the whole") {
  Report report;
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "ALTER TABLE \"##[x\" ADD c int; -- caf\xC3\xA9\n";
  uint32_t file = report.add_file(std::make_shared<SourceFile>("1.sql", text));
  for (uint32_t i = 0; i < 3000; ++i) {
    Finding& finding = report.findings.emplace_back();
    finding.rule = "some-rule";
    finding.file = file;
    finding.span = {i * 36, i * 36 + 5};
    finding.message = std::string(i % 40, 'x') + "::error\n##[group]";
    finding.help = "::warning";
  }
  report.finish();
  for (const Format& format : formats()) {
    INFO(format.name);
    Sink whole;
    format.write(report, {}, whole);
    std::string together;
    size_t pieces = 0;
    Sink sink([&](std::string_view piece) {
      together += piece;
      ++pieces;
    });
    format.write(report, {}, sink);
    sink.finish();
    CHECK(together == whole.text);
    bool in_pieces =
        format.name == "json" || format.name == "sarif" || format.name == "text" || format.name == "concise";
    CHECK((pieces > 1) == in_pieces);
  }
}
