// SPDX-License-Identifier: Apache-2.0
#include "linter/peers.h"

#include <algorithm>
#include <array>

namespace pgrehearse {
namespace {

struct Counterpart {
  std::string_view peer;
  std::string_view theirs;
  std::string_view ours;
};

// squawk: crates/squawk_linter/src/rules; eugene: `eugene lint --list`. One line for each of our rules.
constexpr std::array counterparts{
    Counterpart{"squawk", "adding-field-with-default", "add-column-volatile-default"},
    Counterpart{"squawk", "adding-foreign-key-constraint", "add-fk-validating"},
    Counterpart{"squawk", "adding-foreign-key-constraint", "add-column-inline-fk"},
    Counterpart{"squawk", "adding-not-nullable-field", "set-not-null-scan"},
    Counterpart{"squawk", "adding-not-nullable-field", "add-column-not-null-no-default"},
    Counterpart{"squawk", "adding-required-field", "add-column-not-null-no-default"},
    Counterpart{"squawk", "adding-serial-primary-key-field", "add-column-serial"},
    Counterpart{"squawk", "adding-serial-primary-key-field", "add-primary-key-validating"},
    Counterpart{"squawk", "ban-concurrent-index-creation-in-transaction", "concurrently-in-transaction"},
    Counterpart{"squawk", "ban-drop-column", "drop-column"},
    Counterpart{"squawk", "ban-drop-database", "drop-database"},
    Counterpart{"squawk", "ban-drop-not-null", "drop-not-null"},
    Counterpart{"squawk", "ban-drop-table", "drop-table"},
    Counterpart{"squawk", "ban-truncate-cascade", "truncate-cascade"},
    Counterpart{"squawk", "changing-column-type", "alter-column-type-rewrite"},
    Counterpart{"squawk", "changing-column-type", "alter-column-type-unknown-source"},
    Counterpart{"squawk", "constraint-missing-not-valid", "add-check-validating"},
    Counterpart{"squawk", "constraint-missing-not-valid", "add-fk-validating"},
    Counterpart{"squawk", "disallowed-unique-constraint", "add-unique-validating"},
    Counterpart{"squawk", "prefer-robust-stmts", "create-table-no-guard"},
    Counterpart{"squawk", "prefer-robust-stmts", "create-index-no-guard"},
    Counterpart{"squawk", "prefer-robust-stmts", "add-column-no-guard"},
    Counterpart{"squawk", "renaming-column", "rename-column"},
    Counterpart{"squawk", "renaming-table", "rename-table"},
    Counterpart{"squawk", "require-concurrent-index-creation", "create-index-not-concurrent"},
    Counterpart{"squawk", "require-concurrent-index-deletion", "drop-index-not-concurrent"},
    Counterpart{"squawk", "require-timeout-settings", "missing-lock-timeout"},
    Counterpart{"squawk", "syntax-error", "unparsable-statement"},
    Counterpart{"eugene", "E1", "add-check-validating"},
    Counterpart{"eugene", "E1", "add-fk-validating"},
    Counterpart{"eugene", "E2", "set-not-null-scan"},
    Counterpart{"eugene", "E5", "alter-column-type-rewrite"},
    Counterpart{"eugene", "E5", "alter-column-type-unknown-source"},
    Counterpart{"eugene", "E6", "create-index-not-concurrent"},
    Counterpart{"eugene", "E7", "add-unique-validating"},
    Counterpart{"eugene", "E9", "missing-lock-timeout"},
    Counterpart{"eugene", "E10", "add-column-volatile-default"},
    Counterpart{"eugene", "E11", "add-column-serial"},
    Counterpart{"eugene", "E11", "add-column-stored-generated"},
};

}  // namespace

std::vector<std::string_view> rules_of_peer(std::string_view peer, std::string_view id) {
  std::vector<std::string_view> found;
  for (const Counterpart& each : counterparts) {
    if (each.peer == peer && each.theirs == id) found.push_back(each.ours);
  }
  return found;
}

}  // namespace pgrehearse
