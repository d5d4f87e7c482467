// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/report.h"
#include "linter/engine.h"

namespace pgrehearse {

/// What the rules of these settings find in the set, finished as for a report.
Report lint_set(const MigrationSet& set, const Settings& settings = {});

}  // namespace pgrehearse
