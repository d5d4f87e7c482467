// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"

namespace pgrehearse {

enum class Severity : uint8_t { info, warning, error };
std::string_view severity_name(Severity severity);
std::optional<Severity> parse_severity(std::string_view name);

/// Replaces the bytes of `span` by `text`; an insertion has an empty span.
struct Edit {
  Span span;
  std::string text;
};

/// One way to mend a finding. Edits are sorted and do not overlap.
struct Fix {
  enum class Safety : uint8_t {
    safe,    ///< keeps the meaning
    unsafe,  ///< needs a look: it changes what the migration does
  };
  std::string title;  ///< "Add CONCURRENTLY"
  Safety safety = Safety::unsafe;
  std::vector<Edit> edits;

  /// Of a single edit, whose text is moved.
  static Fix of(std::string title, Safety safety, Edit edit);
};

/// Another place that helps to understand a finding.
struct RelatedSpan {
  uint32_t file = 0;  ///< index into Report::files
  Span span;
  std::string message;
};

/// What is wrong with the user's SQL. Outlives every tree. No secret is ever in it unredacted: a finding about a secret
/// sets `redact`, and reporters blank those bytes in every line that they quote.
struct Finding {
  std::string_view rule;  ///< RuleInfo::id, which outlives every report
  Span span;              ///< the narrowest text that shows the problem
  uint32_t file = 0;      ///< index into Report::files
  Severity severity = Severity::warning;
  std::string message;  ///< one sentence, lower case start, no full stop
  std::string help;     ///< what to do instead, full sentences
  std::vector<RelatedSpan> related;
  std::optional<Fix> fix;
  std::vector<Span> redact;
  /// Of a secret: what an allow-list names it by. Empty for all others.
  std::string fingerprint;
  /// Another finding that marks the same bytes as secret knows better what they are, and this one is left out then.
  bool yields = false;
};

}  // namespace pgrehearse
