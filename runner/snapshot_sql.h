// SPDX-License-Identifier: Apache-2.0
// What the snapshot's queries are made of; private to them.
#pragma once
#include <initializer_list>
#include <string>
#include <vector>

#include "runner/snapshot_queries.h"

namespace pgrehearse {

// Objects of the user have oids from 16384 on (FirstNormalObjectId, transam.h). Members of extensions belong to the
// extension's version; toast and temporary schemas are nobody's definition.

/// The members are found once for the statement, by the index on what is referred to.
inline std::string of_user(const std::string& catalog, const std::string& oid) {
  return oid + " >= 16384 and " + oid +
         " <> all (array(select e.objid from pg_depend e where e.refclassid = 'pg_extension'::regclass and e.classid = "
         "'" +
         catalog + "'::regclass and e.deptype = 'e'))";
}

/// `column` holds the oid of a schema that stays: not one where a session keeps what is its own.
inline std::string lasting_schema(const std::string& column) {
  return column + " <> all (array(select s.oid from pg_namespace s where s.nspname ~ '^pg_(toast_)?temp_'))";
}

/// The same, of something in a schema.
inline std::string of_user(const std::string& catalog, const std::string& oid, const std::string& schema) {
  return of_user(catalog, oid) + " and " + lasting_schema(schema);
}

/// A cast is nowhere itself, but goes with its types; a range of a session's own has one.
inline std::string lasting_type(const std::string& column) {
  return "exists (select from pg_type y where y.oid = " + column + " and " + lasting_schema("y.typnamespace") + ")";
}

/// Nor does a comment stay that is on something temporary, or on what hangs on a temporary table.
inline std::string lasting_object(const std::string& row) {
  return "not exists (select from pg_identify_object(" + row + ".classoid, " + row + ".objoid, " + row +
         ".objsubid) o where o.schema ~ '^pg_(toast_)?temp') and not exists (select from pg_depend e join pg_class c "
         "on c.oid = e.refobjid where e.classid = " +
         row + ".classoid and e.objid = " + row +
         ".objoid and e.refclassid = 'pg_class'::regclass and e.deptype <> 'n' and c.relpersistence = 't')";
}

inline std::string relations_of_user(const std::string& kinds) {
  return "c.relkind in (" + kinds + ") and c.relpersistence <> 't' and " + of_user("pg_class", "c.oid");
}

/// schema.name, as regclass would write it where only pg_catalog is searched, but without a look-up a row.
inline std::string qualified(const std::string& schema, const std::string& name) {
  return "quote_ident(" + schema + ".nspname) || '.' || quote_ident(" + name + ")";
}

inline std::string owner(const std::string& column) {
  return "'owner ' || quote_ident(pg_get_userbyid(" + column + "))";
}

inline std::string lines(std::initializer_list<std::string> parts) {
  std::string sql = "concat_ws(E'\\n'";
  for (const auto& part : parts) sql += ", " + part;
  return sql + ")";
}

/// A line when the condition holds.
inline std::string when(const std::string& condition, const std::string& line) {
  return "case when " + condition + " then " + line + " end";
}

/// Options in one order. Some servers stamp columns with pg_attver, a position in their log.
inline std::string sorted(const std::string& array) {
  return "(select string_agg(o, ', ' order by o) from unnest(" + array + ") o where o not like 'pg_attver=%')";
}

class QueryList {
 public:
  /// `from`: with a WHERE clause that more can be added to. `root_oid`: in terms of `from`.
  void add(std::string_view object_class, Root root, const std::string& root_oid, const std::string& identity,
           const std::string& definition, const std::string& from, std::string_view rows_of = {}) {
    std::string all = "select " + root_oid + ", " + identity + ", " + definition + " from " + from;
    list_.push_back({object_class, root, all, all + " and " + root_oid + " = any ($1::oid[])", {}, rows_of});
  }
  void add_whole(std::string_view object_class, std::vector<std::string_view> catalogs, const std::string& identity,
                 const std::string& definition, const std::string& from) {
    list_.push_back({object_class,
                     Root::whole,
                     "select 0, " + identity + ", " + definition + " from " + from,
                     {},
                     std::move(catalogs),
                     {}});
  }
  std::vector<SnapshotQuery> take() { return std::move(list_); }

 private:
  std::vector<SnapshotQuery> list_;
};

// One file each.
void add_relation_queries(QueryList& list, int version);
void add_object_queries(QueryList& list, int version);
void add_privilege_queries(QueryList& list, int version);

}  // namespace pgrehearse
