// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pgrehearse {

/// The whole program: options, the command, the exit code.
int run_app(int argc, char** argv);

}  // namespace pgrehearse
