// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "linter/context.h"

namespace pgrehearse {

/// COMMIT, END, ROLLBACK or ABORT of the file itself (PREPARE TRANSACTION aside); false for savepoints and in bodies.
bool ends_transaction(const Statement& statement);
/// BEGIN or START TRANSACTION of the file itself.
bool begins_transaction(const Statement& statement);

/// The tool sends BEGIN and COMMIT around the file, so that the file's own would get in between. A query string with
/// several statements is one transaction too, but BEGIN and COMMIT may stand in it.
bool is_wrapped(const Context& context);

/// The statement, with its semicolon and the line that it leaves empty: what to delete.
Span whole_line(const Statement& statement);

}  // namespace pgrehearse
