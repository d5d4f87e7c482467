// SPDX-License-Identifier: Apache-2.0
#include "cli/app.h"

namespace pgrehearse {

int run_app(int, char**) { return 0; }

}  // namespace pgrehearse
