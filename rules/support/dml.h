// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "linter/context.h"

namespace pgrehearse {

/// An UPDATE or DELETE, at the top or as a data-modifying CTE; a view into the tree.
struct RowChange {
  const RangeVar* relation = nullptr;
  const Node* where = nullptr;
  const List* from = nullptr;  ///< FROM of UPDATE, USING of DELETE
  const WithClause* with = nullptr;
  const CommonTableExpr* cte = nullptr;  ///< that holds it; nullptr at the top
};

/// The UPDATEs (or DELETEs) of the statement on relations that others may be using: neither created by this migration
/// nor temporary.
std::vector<RowChange> updates_of_used_tables(const Statement& statement, const Context& context);
std::vector<RowChange> deletes_of_used_tables(const Statement& statement, const Context& context);

/// The change's own text: the whole statement, or for a CTE the name of its WITH item.
Span change_span(const Statement& statement, const RowChange& change);

/// Whether the WHERE clause keeps the number of rows small: a batch (LIMIT in a sub-select, a closed range), rows named
/// by their key, or a list of values. False when nothing of the kind can be seen.
bool touches_few_rows(const RowChange& change, const Statement& statement, const Context& context);

/// The statement that changes the rows is the change itself, and its transaction has locked the table against reads
/// before: backfill-with-ddl then tells to change the rows elsewhere and in batches.
bool is_backfill_with_ddl(const RowChange& change, const Context& context);

/// "UPDATE orders SET ... WHERE id IN (SELECT id FROM orders WHERE ... LIMIT 5000 FOR UPDATE SKIP LOCKED)", with the
/// key of the table where it is known.
std::string batch_form(const RowChange& change, std::string_view verb, const Context& context);

}  // namespace pgrehearse
