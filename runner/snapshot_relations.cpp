// SPDX-License-Identifier: Apache-2.0
#include "runner/snapshot_sql.h"

namespace pgrehearse {
namespace {

// Conditions name the column that the roots in $1 are compared with, and no other that would do as well: the server's
// planner takes the catalogs for as small as initdb made them, and might read all that has an oid of the user's.
const std::string relation_name = qualified("n", "c.relname");
const std::string from_relations = "pg_class c join pg_namespace n on n.oid = c.relnamespace";

/// Joins the relation that `column` names, as c and n; what is on a temporary one goes with it.
std::string of_relation(const std::string& column) {
  return " join pg_class c on c.oid = " + column +
         " and c.relpersistence <> 't' join pg_namespace n on n.oid = c.relnamespace";
}

void add_columns(QueryList& list, int version) {
  list.add("column order", Root::relation, "c.oid", relation_name,
           "(select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a where a.attrelid = "
           "c.oid and a.attnum > 0 and not a.attisdropped)",
           from_relations + " where " + relations_of_user("'r', 'p', 'v', 'm', 'f', 'c'"));
  std::string collation = version >= 130000  // regcollation came with 13
                              ? "a.attcollation::regcollation::text"
                              : "quote_ident(l.collname) from pg_collation l where l.oid = a.attcollation";
  std::string compression =
      version >= 140000 ? when("a.attcompression <> ''", "'compression ' || a.attcompression::text") : "null";
  list.add("column", Root::relation, "c.oid", relation_name + " || '.' || quote_ident(a.attname)",
           lines({"format_type(a.atttypid, a.atttypmod)",
                  when("a.attcollation <> t.typcollation", "(select 'collate ' || " + collation + ")"),
                  when("a.attnotnull", "'not null'"),
                  when("d.oid is not null",
                       "case a.attgenerated when '' then 'default ' when 's' then 'generated stored ' "
                       "else 'generated virtual ' end || pg_get_expr(d.adbin, d.adrelid)"),
                  when("a.attidentity <> ''",
                       "case a.attidentity when 'a' then 'identity always' else 'identity by default' end"),
                  when("a.attstorage <> t.typstorage", "'storage ' || a.attstorage::text"), compression,
                  when("coalesce(a.attstattarget, -1) <> -1", "'statistics ' || a.attstattarget"),
                  when("a.attoptions is not null", "'options ' || " + sorted("a.attoptions")),
                  when("a.attfdwoptions is not null", "'foreign options ' || " + sorted("a.attfdwoptions")),
                  when("a.attinhcount > 0",
                       "'inherited ' || a.attinhcount || case when a.attislocal then ' and local' else '' end")}),
           from_relations +
               " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped join pg_type t on "
               "t.oid = a.atttypid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum where " +
               relations_of_user("'r', 'p', 'v', 'm', 'f', 'c'"));
}

void add_relations(QueryList& list) {
  list.add(
      "relation", Root::relation, "c.oid", relation_name,
      lines({"case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view' when 'm' "
             "then 'materialized view' when 'S' then 'sequence' else 'foreign table' end",
             owner("c.relowner"), when("c.relpersistence = 'u'", "'unlogged'"),
             when("c.relispartition", "'partition ' || pg_get_expr(c.relpartbound, c.oid)"),
             when("c.relkind = 'p'", "'partition by ' || pg_get_partkeydef(c.oid)"),
             when("c.reloftype <> 0", "'of type ' || format_type(c.reloftype, null)"),
             when("c.relrowsecurity", "'row level security'"),
             when("c.relforcerowsecurity", "'row level security forced'"),
             when("c.relkind in ('r', 'p') and c.relreplident <> 'd'", "'replica identity ' || c.relreplident::text"),
             when("c.relkind in ('r', 'm') and c.relam not in (0, 2)",
                  "(select 'access method ' || amname from pg_am where oid = c.relam)"),
             when("c.reltablespace <> 0",
                  "(select 'tablespace ' || quote_ident(spcname) from pg_tablespace where oid = c.reltablespace)"),
             when("c.reloptions is not null", "'options ' || " + sorted("c.reloptions")),
             when("c.reltoastrelid <> 0", "(select 'toast options ' || " + sorted("t.reloptions") +
                                              " from pg_class t where t.oid = c.reltoastrelid and t.reloptions is "
                                              "not null)"),
             when("c.relkind = 'm' and not c.relispopulated", "'not populated'"),
             when("c.relkind = 'f'",
                  "(select 'server ' || quote_ident(s.srvname) || coalesce(' options ' || f.ftoptions::text, '') from "
                  "pg_foreign_table f join pg_foreign_server s on s.oid = f.ftserver where f.ftrelid = c.oid)")}),
      from_relations + " where " + relations_of_user("'r', 'p', 'v', 'm', 'S', 'f'"));
  list.add("view", Root::relation, "c.oid", relation_name, "pg_get_viewdef(c.oid)",
           from_relations + " where " + relations_of_user("'v', 'm'"), "pg_rewrite");
  list.add("inheritance", Root::relation, "c.oid", relation_name,
           "(select string_agg(" + qualified("pn", "p.relname") +
               ", ', ' order by i.inhseqno) from pg_inherits i join pg_class p on p.oid = i.inhparent join "
               "pg_namespace pn on pn.oid = p.relnamespace where i.inhrelid = c.oid)",
           from_relations +
               " where c.oid >= 16384 and c.relpersistence <> 't' and c.oid in (select inhrelid from pg_inherits)",
           "pg_inherits");
  list.add("sequence", Root::relation, "c.oid", relation_name,
           lines({"format('as %s start %s increment %s minvalue %s maxvalue %s cache %s%s', format_type(s.seqtypid, "
                  "null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, case when s.seqcycle then ' "
                  "cycle' else '' end)",
                  "(select 'owned by ' || " + qualified("tn", "t.relname") +
                      " || '.' || quote_ident(a.attname) from pg_depend d join pg_class t on t.oid = d.refobjid join "
                      "pg_namespace tn on tn.oid = t.relnamespace join pg_attribute a on a.attrelid = d.refobjid and "
                      "a.attnum = d.refobjsubid where d.classid = 'pg_class'::regclass and d.objid = c.oid and "
                      "d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0 and d.deptype in ('a', 'i'))"}),
           from_relations + " join pg_sequence s on s.seqrelid = c.oid where " + relations_of_user("'S'"),
           "pg_sequence");
}

void add_constraints_and_indexes(QueryList& list) {
  std::string definition =
      lines({"pg_get_constraintdef(o.oid)",
             when("o.coninhcount > 0", "'inherited' || case when o.conislocal then ' and local' else '' end")});
  list.add("constraint", Root::relation, "o.conrelid", "quote_ident(o.conname) || ' on ' || " + relation_name,
           definition,
           "pg_constraint o" + of_relation("o.conrelid") + " where o.contype <> 't' and " +
               of_user("pg_class", "o.conrelid"),
           "pg_constraint");
  list.add("constraint", Root::type, "o.contypid",
           "quote_ident(o.conname) || ' of domain ' || format_type(o.contypid, null)", definition,
           "pg_constraint o where o.contypid <> 0 and " + of_user("pg_type", "o.contypid", "o.connamespace"),
           "pg_constraint");
  list.add(
      "index", Root::relation, "i.indrelid", relation_name,
      lines({"pg_get_indexdef(c.oid)", when("not i.indisvalid", "'invalid'"), when("not i.indisready", "'not ready'"),
             when("i.indisclustered", "'clustered on'"), when("i.indisreplident", "'replica identity'"),
             "(select 'statistics ' || string_agg(a.attnum || ':' || a.attstattarget, ', ' order by a.attnum) "
             "from pg_attribute a where a.attrelid = c.oid and coalesce(a.attstattarget, -1) <> -1)"}),
      "pg_index i" + of_relation("i.indexrelid") + " where c.relnamespace <> 99 and " +
          of_user("pg_class", "i.indrelid"),
      "pg_index");
}

void add_what_hangs_on_relations(QueryList& list, int version) {
  list.add("trigger", Root::relation, "t.tgrelid", "quote_ident(t.tgname) || ' on ' || " + relation_name,
           lines({"pg_get_triggerdef(t.oid)", when("t.tgenabled <> 'O'",
                                                   "case t.tgenabled when 'D' then 'disabled' when 'R' then "
                                                   "'enabled for replica' else 'enabled always' end")}),
           "pg_trigger t" + of_relation("t.tgrelid") + " where not t.tgisinternal", "pg_trigger");
  list.add("policy", Root::relation, "p.polrelid", "quote_ident(p.polname) || ' on ' || " + relation_name,
           lines({"case when p.polpermissive then 'permissive' else 'restrictive' end",
                  "'for ' || case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then "
                  "'update' when 'd' then 'delete' else 'all' end",
                  "'to ' || (select string_agg(case r when 0 then 'public' else quote_ident(pg_get_userbyid(r)) end, "
                  "', ' order by r = 0, pg_get_userbyid(r)) from unnest(p.polroles) r)",
                  "'using ' || pg_get_expr(p.polqual, p.polrelid)",
                  "'with check ' || pg_get_expr(p.polwithcheck, p.polrelid)"}),
           "pg_policy p" + of_relation("p.polrelid") + " where true", "pg_policy");
  list.add("rule", Root::relation, "r.ev_class", "quote_ident(r.rulename) || ' on ' || " + relation_name,
           lines({"pg_get_ruledef(r.oid)", when("r.ev_enabled <> 'O'", "'enabled: ' || r.ev_enabled::text")}),
           "pg_rewrite r" + of_relation("r.ev_class") + " where r.rulename <> '_RETURN' and r.oid >= 16384",
           "pg_rewrite");
  list.add(
      "statistics", Root::relation, "s.stxrelid", qualified("n", "s.stxname"),
      lines({"pg_get_statisticsobjdef(s.oid)", owner("s.stxowner"),
             version >= 130000 ? when("coalesce(s.stxstattarget, -1) <> -1", "'target ' || s.stxstattarget") : "null"}),
      "pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace join pg_class c on c.oid = s.stxrelid and "
      "c.relpersistence <> 't' where " +
          lasting_schema("s.stxnamespace"),
      "pg_statistic_ext");
}

}  // namespace

void add_relation_queries(QueryList& list, int version) {
  add_relations(list);
  add_columns(list, version);
  add_constraints_and_indexes(list);
  add_what_hangs_on_relations(list, version);
}

}  // namespace pgrehearse
