// SPDX-License-Identifier: Apache-2.0
#include "migration/migration.h"

#include <algorithm>

namespace pgrehearse {

std::string_view run_mode_name(RunMode mode) {
  switch (mode) {
    case RunMode::transaction: return "transaction";
    case RunMode::query_string: return "query-string";
    case RunMode::statements: return "statements";
    case RunMode::pipeline: return "pipeline";
    case RunMode::all_pending: return "all-pending";
  }
  return "transaction";
}

bool runs_in_transaction(RunMode mode, size_t statements_in_part, size_t index) {
  switch (mode) {
    case RunMode::transaction:
    case RunMode::all_pending: return true;
    case RunMode::query_string: return statements_in_part > 1;
    case RunMode::pipeline: return index > 0;
    case RunMode::statements: return false;
  }
  return true;
}

Expansion::Place Expansion::place_of(Span expanded) const {
  auto last = std::ranges::upper_bound(pieces, expanded.begin, {}, &Piece::begin);
  if (last == pieces.begin()) return {file, expanded, false};
  const Piece& piece = *std::prev(last);
  uint32_t end = last == pieces.end() ? static_cast<uint32_t>(file->text().size()) : last->begin;
  if (!piece.verbatim) return {piece.file, piece.origin, false};
  Span span{piece.origin.begin + (expanded.begin - piece.begin), piece.origin.begin + (expanded.end - piece.begin)};
  if (expanded.end <= end) return {piece.file, span, true};
  // It goes on over replaced text: up to where the piece that it ends in comes from, if that is the same file.
  Place at_end = place_of({expanded.end - 1, expanded.end});
  span.end = at_end.file == piece.file && at_end.span.end > span.begin ? at_end.span.end : piece.origin.end;
  return {piece.file, span, false};
}

std::string Migration::display_name() const {
  if (description.empty()) return version;
  return version.empty() ? description : version + " " + description;
}

}  // namespace pgrehearse
