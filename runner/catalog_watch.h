// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "runner/snapshot_queries.h"

namespace pgrehearse {

/// A catalog whose rows tell that an object of a snapshot has changed: by their xmin when they are new or updated, by
/// their absence when they are gone.
struct CatalogWatch {
  Root root = Root::relation;
  std::string_view catalog;
  std::string key;   ///< text, what tells rows of the catalog apart
  std::string oid;   ///< of the root
  std::string name;  ///< as long as the row lives a change of it may show anywhere; '' when it shows at the root only
  std::string from;  ///< with a WHERE clause that more can be added to
  std::string xmin;  ///< of the row
  bool counted = true;  ///< rows may go without a trace elsewhere: they are counted, and their keys remembered
};

/// Rows of small catalogs, of which only the number is known, and whether there are new ones.
struct RowWatch {
  std::vector<std::string_view> catalogs;
  std::string from;
  bool anywhere = false;  ///< they may show in the definition of any object, as operators do
};

/// For servers from 14 on. The first is pg_class, whose keys are the relations' and indexes' oids.
std::vector<CatalogWatch> catalog_watches();
inline constexpr size_t class_watch = 0;
/// `catalogs`: each by itself, beside those that show anywhere.
std::vector<RowWatch> row_watches(const std::vector<std::string_view>& catalogs);

/// (id of the next transaction, oldest that is not over; whether one from $1 on may have committed).
std::string transactions_statement();
/// (rows written, rows deleted) for each of the catalogs, as far as sessions have handed over their counts.
std::string writes_statement(const std::vector<std::string_view>& catalogs);
/// "rows/new rows". $1: the transaction id from which on rows are new.
std::string rows_statement(const RowWatch& watch);
/// (key, oid of the root, name) of the rows that are new since $1.
std::string changes_statement(const CatalogWatch& watch);
std::string count_statement(const CatalogWatch& watch);
/// (key, oid of the root, name) of all rows.
std::string keys_statement(const CatalogWatch& watch);
/// The same of all counted watches, after the index of the watch.
std::string all_keys_statement(const std::vector<CatalogWatch>& watches);
/// (kind of root, oid, oid of the object itself) of what refers to the relations in $1: a column's name or a new column
/// may show in the definition of a view over them.
std::string dependents_statement();

}  // namespace pgrehearse
