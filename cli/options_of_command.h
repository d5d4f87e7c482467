// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/options.h"

namespace CLI {
class App;
}

namespace pgrehearse {

/// The options of one command, which write into `options`.
void add_options(CLI::App& app, Command command, Options& options);

}  // namespace pgrehearse
