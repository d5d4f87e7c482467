// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "core/impact.h"
#include "core/result.h"
#include "runner/server.h"

namespace pgrehearse {

/// Runs a statement that no transaction may enclose (CREATE INDEX CONCURRENTLY and its kin) and sees its locks: another
/// session holds open writes on all tables, for which such a statement waits in the middle of its work; its locks are
/// read then, and the writer lets go. A statement that does not wait leaves an impact that is not known.
/// The statement's own failure is an impact with its SQLSTATE.
Result<Impact> observe_behind_writer(Server& server, const std::string& statement);

}  // namespace pgrehearse
