// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "linter/context.h"

namespace pgrehearse {

/// Whether REFRESH MATERIALIZED VIEW CONCURRENTLY finds the unique index that it needs: on columns alone, over all
/// rows.
Known has_plain_unique_index(const RelationState* view);

}  // namespace pgrehearse
