// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "linter/context.h"

namespace pgrehearse {

/// Whether ATTACH PARTITION reads the new partition to see whether its rows fit, indexes aside. False for a partition
/// that this migration created.
bool reads_new_partition(const Statement& statement, Context& context, const PartitionCmd& command);

/// Valid indexes of the partitioned table for which the new partition has none that could be attached: ATTACH builds
/// them. Empty when not all is known.
std::vector<const IndexState*> indexes_to_build(const Context& context, const RangeVar& parent,
                                                const PartitionCmd& command);

}  // namespace pgrehearse
