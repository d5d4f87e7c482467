// SPDX-License-Identifier: Apache-2.0
#include "rules/support/matview.h"

#include <algorithm>

namespace pgrehearse {

Known has_plain_unique_index(const RelationState* view) {
  if (!view) return Known::unknown;
  bool found = std::ranges::any_of(view->indexes, [](const IndexState& index) {
    return index.unique && index.valid && !index.partial && !index.has_expressions;
  });
  if (found) return Known::yes;
  return view->complete && !view->uncertain ? Known::no : Known::unknown;
}

}  // namespace pgrehearse
