// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "linter/context.h"

namespace pgrehearse {

/// A statement about the row security of a table, found by reading a migration again.
struct RowSecurityMention {
  QualifiedName table;
  Span span;           ///< of the statement
  Span table_token;    ///< the table as it is named there
  std::string policy;  ///< name, of CREATE POLICY
  bool top_level = true;
};

/// ALTER TABLE ... ENABLE ROW LEVEL SECURITY of this part, DO bodies included.
std::vector<RowSecurityMention> enabled_row_security(const Part& part);
/// CREATE POLICY of this part, DO bodies included.
std::vector<RowSecurityMention> created_policies(const Part& part);

/// Whether a migration of the set after the one at hand mentions the same table in such a statement.
bool enabled_later(const Context& context, const QualifiedName& table);
bool policy_created_later(const Context& context, const QualifiedName& table);

}  // namespace pgrehearse
