// SPDX-License-Identifier: Apache-2.0
#include "linter/fixes.h"

#include <algorithm>
#include <map>

#include "sql/edit.h"
#include "sql/parser.h"
#include "sql/script.h"

namespace pgrehearse {
namespace {

/// Two insertions at one place touch: which of them comes first is not for us to say.
bool touch(const Edit& a, const Edit& b) { return a.span.begin <= b.span.end && b.span.begin <= a.span.end; }

size_t count_syntax_errors(std::string_view text) {
  Script script(std::make_shared<const SourceFile>("", std::string(text)));
  Parser parser;
  size_t count = script.problems().size();
  for (const StatementSpan& span : script.statements()) count += !parser.parse(script, span);
  return count;
}

}  // namespace

std::vector<FileFixes> collect_fixes(const Report& report, bool unsafe_too) {
  std::map<uint32_t, FileFixes> by_file;
  std::map<uint32_t, std::map<uint32_t, Edit>> taken;  // by where an edit ends
  std::map<uint32_t, uint32_t> mended_to;  // per file, the end of the findings mended so far, which are sorted
  for (const Finding& finding : report.findings) {
    if (!finding.fix || (finding.fix->safety == Fix::Safety::unsafe && !unsafe_too)) continue;
    auto& edits = taken[finding.file];
    bool free = std::ranges::none_of(finding.fix->edits, [&](const Edit& edit) {
      auto next = edits.lower_bound(edit.span.begin);
      return next != edits.end() && touch(edit, next->second);
    });
    // Two findings about one statement: with the first one mended, the second may not hold any more.
    if (!free || finding.span.begin < mended_to[finding.file]) continue;
    mended_to[finding.file] = finding.span.end;
    FileFixes& fixes = by_file[finding.file];
    fixes.file = finding.file;
    ++fixes.findings;
    for (const Edit& edit : finding.fix->edits) {
      edits.emplace(edit.span.end, edit);
      fixes.edits.push_back(edit);
    }
  }
  std::vector<FileFixes> result;
  for (auto& [file, fixes] : by_file) result.push_back(std::move(fixes));
  return result;
}

std::optional<std::string> fixed_text(std::string_view text, const FileFixes& fixes) {
  std::vector<Edit> edits = fixes.edits;
  size_t line_end = text.find('\n');
  if (line_end != std::string_view::npos && line_end > 0 && text[line_end - 1] == '\r') {
    for (Edit& edit : edits) {
      for (size_t at = edit.text.find('\n'); at != std::string::npos; at = edit.text.find('\n', at + 2)) {
        edit.text.insert(at, 1, '\r');
      }
    }
  }
  std::string result = apply_edits(text, std::move(edits));
  if (count_syntax_errors(result) > count_syntax_errors(text)) return std::nullopt;
  return result;
}

}  // namespace pgrehearse
