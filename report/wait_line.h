// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "core/report.h"
#include "report/redaction.h"

namespace pgrehearse {

/// "writes to orders waited 812 ms for line 4: ALTER TABLE orders ..." with the first line of the statement, secrets
/// blanked.
std::string wait_line(const Report& report, const MigrationReport& migration, const Wait& wait,
                      const Redaction& redaction);

}  // namespace pgrehearse
