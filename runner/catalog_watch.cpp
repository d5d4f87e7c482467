// SPDX-License-Identifier: Apache-2.0
#include "runner/catalog_watch.h"

namespace pgrehearse {
namespace {

// age() compares transaction ids as the server does, past the point where their 32 bits start anew.
std::string is_new(const std::string& xmin) { return "age(" + xmin + ") <= age($1::xid8::xid)"; }

std::string row_of(const CatalogWatch& watch) {
  return watch.key + "::text, " + watch.oid + "::oid, " + watch.name + "::text from " + watch.from;
}

}  // namespace

std::vector<CatalogWatch> catalog_watches() {
  auto keyed = [](Root root, std::string_view catalog, const std::string& root_oid, const std::string& where = "") {
    return CatalogWatch{
        root, catalog, "x.oid", root_oid, "''", std::string(catalog) + " x where x.oid >= 16384" + where, "x.xmin"};
  };
  auto uncounted = [](Root root, std::string_view catalog, const std::string& root_oid, const std::string& where) {
    return CatalogWatch{root,     catalog, "''", root_oid, "''", std::string(catalog) + " x where " + where,
                        "x.xmin", false};
  };
  std::vector<CatalogWatch> list;
  // An index' name shows with its table only.
  list.push_back({Root::relation, "pg_class", "c.oid",
                  "case when c.relkind in ('i', 'I') then (select i.indrelid from pg_index i where i.indexrelid = "
                  "c.oid) else c.oid end",
                  "case when c.relkind in ('i', 'I') then '' else concat(c.relnamespace, '.', c.relname) end",
                  "pg_class c where c.oid >= 16384 and c.relkind <> 't' and c.relpersistence <> 't' and "
                  "c.relnamespace <> 99",
                  "c.xmin"});
  list.push_back(uncounted(Root::relation, "pg_attribute", "x.attrelid", "x.attrelid >= 16384 and x.attnum > 0"));
  list.push_back(uncounted(Root::relation, "pg_attrdef", "x.adrelid", "true"));
  list.push_back(uncounted(Root::relation, "pg_index", "x.indrelid", "x.indexrelid >= 16384"));
  // ALTER SEQUENCE OWNED BY updates this row too, though it changes pg_depend only (AlterSequence, sequence.c).
  list.push_back(uncounted(Root::relation, "pg_sequence", "x.seqrelid", "true"));
  list.push_back(uncounted(Root::relation, "pg_partitioned_table", "x.partrelid", "true"));
  list.push_back(uncounted(Root::relation, "pg_foreign_table", "x.ftrelid", "true"));
  list.push_back(uncounted(Root::function, "pg_aggregate", "x.aggfnoid", "x.aggfnoid >= 16384"));
  list.push_back(keyed(Root::relation, "pg_constraint", "x.conrelid", " and x.conrelid <> 0"));
  list.push_back(keyed(Root::type, "pg_constraint", "x.contypid", " and x.contypid <> 0"));
  list.push_back(keyed(Root::relation, "pg_trigger", "x.tgrelid", " and not x.tgisinternal"));
  list.push_back(keyed(Root::relation, "pg_policy", "x.polrelid"));
  list.push_back(keyed(Root::relation, "pg_rewrite", "x.ev_class"));
  list.push_back(keyed(Root::relation, "pg_statistic_ext", "x.stxrelid"));
  list.push_back({Root::relation, "pg_inherits", "concat(x.inhrelid, '/', x.inhparent)", "x.inhrelid", "''",
                  "pg_inherits x where true", "x.xmin"});
  list.push_back(keyed(Root::function, "pg_proc", "x.oid"));
  list.back().name = "concat(x.pronamespace, '.', x.proname)";
  // What a base type stores shows with the columns that store otherwise.
  list.push_back(keyed(Root::type, "pg_type", "x.oid", " and x.typcategory <> 'A'"));
  list.back().name = "concat(x.typnamespace, '.', x.typname, case when x.typtype = 'b' then x.typstorage::text end)";
  list.push_back(keyed(Root::type, "pg_enum", "x.enumtypid"));
  list.back().name = "x.enumlabel";
  // public has a low oid, and may get another name.
  list.push_back({Root::schema, "pg_namespace", "x.oid", "x.oid", "x.nspname",
                  "pg_namespace x where (x.oid >= 16384 or x.oid = 2200) and x.nspname !~ '^pg_'", "x.xmin"});
  list.push_back(keyed(Root::role, "pg_authid", "x.oid"));
  list.back().name = "x.rolname";
  list.push_back({Root::comment, "pg_description", "concat(x.objoid, '/', x.classoid, '/', x.objsubid)", "x.objoid",
                  "''", "pg_description x where (x.objoid >= 16384 or (x.classoid = 2615 and x.objoid = 2200))",
                  "x.xmin"});
  return list;
}

std::vector<RowWatch> row_watches(const std::vector<std::string_view>& catalogs) {
  std::vector<RowWatch> list;
  RowWatch anywhere{{}, {}, true};
  auto add = [&](std::initializer_list<const char*> names, const char* where) {
    for (const char* catalog : names) {
      anywhere.from.append(anywhere.catalogs.empty() ? "" : " union all ").append("select xmin from ").append(catalog);
      anywhere.from += where;
      anywhere.catalogs.emplace_back(catalog);
    }
  };
  // Those that initdb fills with many rows, which do not change.
  add({"pg_operator", "pg_opclass", "pg_opfamily", "pg_amop", "pg_amproc", "pg_cast", "pg_collation", "pg_conversion"},
      " where oid >= 16384");
  add({"pg_language", "pg_transform", "pg_am", "pg_ts_config", "pg_ts_config_map", "pg_ts_dict", "pg_ts_parser",
       "pg_ts_template", "pg_extension", "pg_foreign_data_wrapper", "pg_foreign_server", "pg_user_mapping",
       "pg_tablespace"},
      "");
  anywhere.from = "(" + anywhere.from + ")";
  list.push_back(std::move(anywhere));
  list.push_back({{"pg_depend"},
                  "(select xmin from pg_depend where refclassid = 'pg_extension'::regclass and deptype = 'e')",
                  true});
  for (std::string_view catalog : catalogs) list.push_back({{catalog}, std::string(catalog)});
  return list;
}

std::string transactions_statement() {
  // What was rolled back has changed nothing. Of very many transactions one surely has.
  return "select x.next, x.oldest, x.next - $1::bigint > 1000 or exists (select from "
         "generate_series($1::bigint, x.next - 1) i where pg_xact_status(i::text::xid8) is distinct from 'aborted') "
         "from (select pg_snapshot_xmax(s)::text::bigint, pg_snapshot_xmin(s)::text::bigint "
         "from pg_current_snapshot() s) x(next, oldest)";
}

std::string writes_statement(const std::vector<std::string_view>& catalogs) {
  std::string list;
  for (std::string_view catalog : catalogs) list.append(list.empty() ? "" : ",").append(catalog);
  return "select pg_stat_get_tuples_inserted(c) + pg_stat_get_tuples_updated(c), pg_stat_get_tuples_deleted(c) from "
         "unnest('{" +
         list + "}'::regclass[]) with ordinality l(c, place) order by place";
}

std::string rows_statement(const RowWatch& watch) {
  return "select concat(count(*), '/', count(*) filter (where " + is_new("x.xmin") + ")) from " + watch.from + " x";
}

std::string changes_statement(const CatalogWatch& watch) {
  return "select " + row_of(watch) + " and " + is_new(watch.xmin);
}

std::string count_statement(const CatalogWatch& watch) { return "select count(*) from " + watch.from; }

std::string keys_statement(const CatalogWatch& watch) { return "select " + row_of(watch); }

std::string all_keys_statement(const std::vector<CatalogWatch>& watches) {
  std::string sql;
  for (size_t i = 0; i < watches.size(); ++i) {
    if (!watches[i].counted) continue;
    sql += (sql.empty() ? "select " : " union all select ") + std::to_string(i) + ", " + row_of(watches[i]);
  }
  return sql;
}

std::string dependents_statement() {
  return "select case when d.classid = 'pg_proc'::regclass then " + std::to_string(static_cast<int>(Root::function)) +
         " else " + std::to_string(static_cast<int>(Root::relation)) +
         " end, case d.classid when 'pg_rewrite'::regclass then (select ev_class from pg_rewrite where oid = d.objid) "
         "when 'pg_constraint'::regclass then (select conrelid from pg_constraint where oid = d.objid) "
         "when 'pg_policy'::regclass then (select polrelid from pg_policy where oid = d.objid) "
         "when 'pg_trigger'::regclass then (select tgrelid from pg_trigger where oid = d.objid) "
         "when 'pg_attrdef'::regclass then (select adrelid from pg_attrdef where oid = d.objid) "
         "when 'pg_class'::regclass then coalesce((select indrelid from pg_index where indexrelid = d.objid), d.objid) "
         "when 'pg_proc'::regclass then d.objid end, d.objid from pg_depend d where d.refclassid = "
         "'pg_class'::regclass and d.refobjid = any ($1::oid[]) and d.classid <> 'pg_type'::regclass";
}

}  // namespace pgrehearse
