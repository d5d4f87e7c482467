// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

namespace pgrehearse {

/// The parts one behind the other, in one piece of memory of the right size.
std::string joined(std::initializer_list<std::string_view> parts);

}  // namespace pgrehearse
