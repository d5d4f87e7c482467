// SPDX-License-Identifier: Apache-2.0
#include "report/wait_line.h"

#include <algorithm>

#include "report/fixed_point.h"

namespace pgrehearse {
namespace {

std::string first_line(const SourceFile& file, Span span, std::span<const Span> secrets) {
  std::string_view text = file.text();
  span.end = static_cast<uint32_t>(std::min<size_t>(text.find('\n', span.begin), span.end));
  std::string line;
  uint32_t at = span.begin;
  for (Span secret : secrets) {
    if (secret.end <= at || secret.begin >= span.end) continue;
    line.append(text.substr(at, std::max(secret.begin, at) - at)).append(blank);
    at = std::min(secret.end, span.end);
  }
  return line.append(text.substr(at, span.end - at));
}

}  // namespace

std::string wait_line(const Report& report, const MigrationReport& migration, const Wait& wait,
                      const Redaction& redaction) {
  std::string line = wait.step == Step::rollback ? "rolling back, " : "";
  line += (wait.write ? "writes to " : "reads of ") + wait.table + " waited ";
  line += wait.seconds < 1 ? fixed_point(wait.seconds * 1000, 0) + " ms" : fixed_point(wait.seconds, 2) + " s";
  if (!wait.file) return line;
  const SourceFile& file = *report.files[*wait.file];
  std::string number = std::to_string(file.line_of(wait.span.begin));
  std::string name = file.path().substr(file.path().rfind('/') + 1);
  line += " for " + (*wait.file == migration.file ? "line " + number : name + ":" + number) + ": ";
  return line + first_line(file, wait.span, redaction.in_file(*wait.file));
}

}  // namespace pgrehearse
