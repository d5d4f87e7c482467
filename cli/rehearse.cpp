// SPDX-License-Identifier: Apache-2.0
#include "cli/rehearse.h"

namespace pgrehearse {

void rehearse_sets(const std::vector<MigrationSet>&, const Options&, Report& report) {
  report.errors.push_back({Error::Kind::environment, "rehearsing is not built in yet", ""});
}

}  // namespace pgrehearse
