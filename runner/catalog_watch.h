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
  std::string key;   ///< text, what tells rows of the catalog apart
  std::string oid;   ///< of the root
  std::string name;  ///< as long as the row lives a change of it may show anywhere; '' when it shows at the root only
  std::string from;  ///< with a WHERE clause that more can be added to
  std::string xmin;  ///< of the row
  bool counted = true;  ///< rows may go without a trace elsewhere: they are counted, and their keys remembered
};

/// For servers from 14 on. The first is pg_class, whose keys are the relations' and indexes' oids.
std::vector<CatalogWatch> catalog_watches();
inline constexpr size_t class_watch = 0;

/// (xmin of the snapshot; "rows/new rows" of all catalogs whose rows show in many definitions, such as operators; the
/// same for each of `catalogs`; one count for each watch that is counted). $1: the transaction id from which on rows
/// are new.
std::string counts_statement(const std::vector<CatalogWatch>& watches, const std::vector<std::string_view>& catalogs);
/// (index of the watch, key, oid of the root, name) of the rows that are new since $1.
std::string changes_statement(const std::vector<CatalogWatch>& watches);
/// The same of all rows of all counted watches.
std::string all_keys_statement(const std::vector<CatalogWatch>& watches);
/// (key, oid of the root, name) of one watch.
std::string keys_statement(const CatalogWatch& watch);
/// (kind of root, oid, oid of the object itself) of what refers to the relations in $1: a column's name or a new column
/// may show in the definition of a view over them.
std::string dependents_statement();

}  // namespace pgrehearse
