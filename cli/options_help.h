// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <string>

namespace pgrehearse {

/// What --help prints: the same with every version of CLI11, each of which formats otherwise.
std::string help_of(const CLI::App& app);

}  // namespace pgrehearse
