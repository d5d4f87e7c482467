// SPDX-License-Identifier: Apache-2.0
// Secrets that can be told by how they look, wherever in a text they stand. No network, no state.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/finding.h"

namespace pgrehearse {

/// The format of one kind of token. All string members are constants.
struct SecretShape {
  std::string_view id;        ///< github-pat
  std::string_view name;      ///< for people: GitHub personal access token
  std::string_view keywords;  ///< comma-separated; one of them is in every such token and is no secret itself
  std::string_view pattern;   ///< RE2, matched where the token begins; group 1, if any, is the secret
  double min_entropy = 0;     ///< of the secret, in bits per byte; less is a made-up sample
  Severity severity = Severity::error;
  uint8_t min_offset = 0;  ///< bytes of the token in front of the keyword
  uint8_t max_offset = 0;
};

/// The formats of services, each with a prefix or a mark that identifies it.
std::span<const SecretShape> secret_shapes();

struct FoundSecret {
  Span span;                ///< of the secret itself, to be blanked wherever it is shown
  std::string description;  ///< "GitHub personal access token"; holds nothing of the secret
  std::string_view prefix;  ///< what of it may be shown: at most 4 bytes, the same for all such tokens
  Severity severity = Severity::error;
};

/// Tokens of services, private keys, and passwords in URLs, in the order of the text and not overlapping. Samples and
/// template slots are left out. Linear in the text.
std::vector<FoundSecret> find_secrets(std::string_view text);

}  // namespace pgrehearse
