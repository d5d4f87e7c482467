// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "core/report.h"
#include "report/sink.h"

namespace pgrehearse {

/// Which half of the work a report is about.
enum class ReportScope : uint8_t { lint, run, check };
std::string_view scope_name(ReportScope scope);

struct ReportOptions {
  ReportScope scope = ReportScope::check;
  Severity fail_level = Severity::warning;  ///< findings below it do not fail a JUnit case
  bool color = false;                       ///< `text` and `concise` only
  uint32_t width = 100;                     ///< columns that `text` fits source lines and sentences into
};

/// Writes the whole report to `out`, in time linear in the report's size. Valid UTF-8 whatever the input was, and no
/// secret that a finding marks for redaction is in it. Written to standard output, no line acts as a workflow command.
using WriteReport = void(const Report& report, const ReportOptions& options, Sink& out);

WriteReport write_text;
WriteReport write_concise;
WriteReport write_json;
WriteReport write_sarif;
WriteReport write_junit;
WriteReport write_github;
WriteReport write_openmetrics;

struct Format {
  std::string_view name;   ///< as in --output NAME
  std::string_view about;  ///< one line for --help
  WriteReport* write;
};

std::span<const Format> formats();
const Format* find_format(std::string_view name);

}  // namespace pgrehearse
