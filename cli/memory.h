// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

namespace pgrehearse {

/// Says that so many bytes of SQL are about to be linted. Much memory is then taken in huge pages, where the system
/// offers them to who asks: a fifth of the time goes into page faults and address translation otherwise.
void expect_sql(size_t bytes);

}  // namespace pgrehearse
