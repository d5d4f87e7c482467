// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>

#include "migration/migration.h"

namespace pgrehearse {

/// What `alembic upgrade --sql` or several `manage.py sqlmigrate` wrote, one migration for each of theirs; none for
/// other text. Alembic says "-- Running upgrade a -> b" before each (alembic/runtime/migration.py, as_sql); Django's
/// editor puts each atomic migration between BEGIN and COMMIT and each operation below a comment of three lines
/// (django/core/management/commands/sqlmigrate.py, migrations/executor.py).
std::optional<MigrationSet> stream_set(const std::shared_ptr<const SourceFile>& file);

}  // namespace pgrehearse
