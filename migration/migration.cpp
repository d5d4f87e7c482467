// SPDX-License-Identifier: Apache-2.0
#include "migration/migration.h"

namespace pgrehearse {

std::string_view run_mode_name(RunMode mode) {
  switch (mode) {
    case RunMode::transaction:
      return "transaction";
    case RunMode::query_string:
      return "query-string";
    case RunMode::statements:
      return "statements";
    case RunMode::pipeline:
      return "pipeline";
    case RunMode::all_pending:
      return "all-pending";
  }
  return "transaction";
}

bool runs_in_transaction(RunMode mode, size_t statements_in_part, size_t index) {
  switch (mode) {
    case RunMode::transaction:
    case RunMode::all_pending:
      return true;
    case RunMode::query_string:
      return statements_in_part > 1;
    case RunMode::pipeline:
      return index > 0;
    case RunMode::statements:
      return false;
  }
  return true;
}

std::string Migration::display_name() const {
  if (description.empty()) return version;
  return version.empty() ? description : version + " " + description;
}

}  // namespace pgrehearse
