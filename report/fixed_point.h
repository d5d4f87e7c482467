// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace pgrehearse {

/// "0.123" whatever the locale says; what is negative or not finite counts as 0.
std::string fixed_point(double value, int decimals);

}  // namespace pgrehearse
