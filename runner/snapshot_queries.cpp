// SPDX-License-Identifier: Apache-2.0
#include "runner/snapshot_queries.h"

namespace pgrehearse {
namespace {

// Objects of the user have oids from 16384 on (FirstNormalObjectId, transam.h). Members of extensions belong to the
// extension's version; toast and temporary schemas are nobody's definition.

std::string member_of_extension(const std::string& catalog, const std::string& oid) {
  return "exists (select from pg_depend e where e.classid = 'pg_catalog." + catalog +
         "'::regclass and e.objid = " + oid + " and e.deptype = 'e')";
}

std::string of_user(const std::string& catalog, const std::string& oid) {
  return oid + " >= 16384 and not " + member_of_extension(catalog, oid);
}

std::string relations_of_user(const std::string& kinds) {
  return "c.relkind in (" + kinds + ") and c.relpersistence <> 't' and " + of_user("pg_class", "c.oid");
}

std::string owner(const std::string& column) {
  return "'owner ' || quote_ident(pg_get_userbyid(" + column + "))";
}

std::string lines(std::initializer_list<std::string> parts) {
  std::string sql = "concat_ws(E'\\n'";
  for (const auto& part : parts) sql += ", " + part;
  return sql + ")";
}

/// A line when the condition holds.
std::string when(const std::string& condition, const std::string& line) {
  return "case when " + condition + " then " + line + " end";
}

std::string sorted(const std::string& array) {
  return "(select string_agg(o, ', ' order by o) from unnest(" + array + ") o where o not like 'pg_attver=%')";
}

/// Grants as they differ from the default, one a line: an explicit default means the same as none.
std::string privileges(const std::string& object_class, const std::string& name, const std::string& acl,
                       const std::string& defaults, const std::string& from) {
  auto listed = [](const std::string& list) {
    return "(select string_agg(a::text, E'\\n' order by a::text collate \"C\") from unnest(" + list + ") a)";
  };
  return "select '" + object_class + " ' || " + name + ", coalesce(" + listed(acl) + ", 'none')" + from + " and " +
         acl + " is not null and " + listed(acl) + " is distinct from " + listed(defaults);
}

std::vector<SnapshotQuery> relation_queries(int version) {
  std::string compression =
      version >= 140000 ? when("a.attcompression <> ''", "'compression ' || a.attcompression::text") : "null";
  std::vector<SnapshotQuery> queries;
  queries.push_back(
      {"schema",
       "select quote_ident(n.nspname), " + owner("n.nspowner") +
           " from pg_namespace n where (n.nspname = 'public' or n.oid >= 16384) and n.nspname !~ '^pg_' and not " +
           member_of_extension("pg_namespace", "n.oid")});
  queries.push_back(
      {"relation",
       "select c.oid::regclass::text, " +
           lines(
               {"case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view' when 'm' "
                "then 'materialized view' when 'S' then 'sequence' else 'foreign table' end",
                owner("c.relowner"), when("c.relpersistence = 'u'", "'unlogged'"),
                when("c.relispartition", "'partition ' || pg_get_expr(c.relpartbound, c.oid)"),
                when("c.relkind = 'p'", "'partition by ' || pg_get_partkeydef(c.oid)"),
                when("c.reloftype <> 0", "'of type ' || format_type(c.reloftype, null)"),
                when("c.relrowsecurity", "'row level security'"),
                when("c.relforcerowsecurity", "'row level security forced'"),
                when("c.relkind in ('r', 'p') and c.relreplident <> 'd'",
                     "'replica identity ' || c.relreplident::text"),
                when(
                    "c.relkind in ('r', 'm') and c.relam <> 0",
                    "(select nullif('access method ' || amname, 'access method heap') from pg_am where oid = c.relam)"),
                when("c.reltablespace <> 0",
                     "(select 'tablespace ' || quote_ident(spcname) from pg_tablespace where oid = c.reltablespace)"),
                when("c.reloptions is not null", "'options ' || " + sorted("c.reloptions")),
                when("c.reltoastrelid <> 0", "(select 'toast options ' || " + sorted("t.reloptions") +
                                                 " from pg_class t where t.oid = c.reltoastrelid)"),
                when("c.relkind = 'm' and not c.relispopulated", "'not populated'"),
                when("c.relkind = 'f'",
                     "(select 'server ' || quote_ident(s.srvname) || coalesce(' options ' || f.ftoptions::text, '') "
                     "from "
                     "pg_foreign_table f join pg_foreign_server s on s.oid = f.ftserver where f.ftrelid = c.oid)")}) +
           " from pg_class c where " + relations_of_user("'r', 'p', 'v', 'm', 'S', 'f'")});
  queries.push_back({"view", "select c.oid::regclass::text, pg_get_viewdef(c.oid) from pg_class c where " +
                                 relations_of_user("'v', 'm'")});
  queries.push_back({"column order",
                     "select c.oid::regclass::text, (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) "
                     "from pg_attribute "
                     "a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) from pg_class c where " +
                         relations_of_user("'r', 'p', 'v', 'm', 'f', 'c'")});
  queries.push_back(
      {"column",
       "select c.oid::regclass::text || '.' || quote_ident(a.attname), " +
           lines({"format_type(a.atttypid, a.atttypmod)",
                  when("a.attcollation <> t.typcollation", "(select 'collate ' || a.attcollation::regcollation::text)"),
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
                       "'inherited ' || a.attinhcount || case when a.attislocal then ' and local' else '' end")}) +
           " from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped join "
           "pg_type t "
           "on t.oid = a.atttypid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum where " +
           relations_of_user("'r', 'p', 'v', 'm', 'f', 'c'")});
  if (version < 130000) {  // regcollation came with 13
    size_t at = queries.back().sql.find("a.attcollation::regcollation::text");
    queries.back().sql.replace(at, 34, "quote_ident(l.collname) from pg_collation l where l.oid = a.attcollation");
  }
  queries.push_back(
      {"constraint",
       "select quote_ident(o.conname) || case when o.conrelid <> 0 then ' on ' || o.conrelid::regclass::text else ' of "
       "domain ' || "
       "format_type(o.contypid, null) end, " +
           lines({"pg_get_constraintdef(o.oid)",
                  when("o.coninhcount > 0", "'inherited' || case when o.conislocal then ' and local' else '' end")}) +
           " from pg_constraint o where o.contype <> 't' and o.oid >= 16384 and not " +
           member_of_extension("pg_class", "o.conrelid") + " and not " + member_of_extension("pg_type", "o.contypid")});
  queries.push_back(
      {"index",
       "select c.oid::regclass::text, " +
           lines(
               {"pg_get_indexdef(c.oid)", when("not i.indisvalid", "'invalid'"),
                when("not i.indisready", "'not ready'"), when("i.indisclustered", "'clustered on'"),
                when("i.indisreplident", "'replica identity'"),
                "(select 'statistics ' || string_agg(a.attnum || ':' || a.attstattarget, ', ' order by a.attnum) from "
                "pg_attribute a where a.attrelid = c.oid and coalesce(a.attstattarget, -1) <> -1)"}) +
           " from pg_class c join pg_index i on i.indexrelid = c.oid where c.relnamespace <> 'pg_toast'::regnamespace "
           "and " +
           relations_of_user("'i', 'I'")});
  queries.push_back(
      {"sequence",
       "select c.oid::regclass::text, " +
           lines({"format('as %s start %s increment %s minvalue %s maxvalue %s cache %s%s', format_type(s.seqtypid, "
                  "null), "
                  "s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, case when s.seqcycle then ' cycle' else "
                  "'' end)",
                  "(select 'owned by ' || d.refobjid::regclass || '.' || quote_ident(a.attname) from pg_depend d join "
                  "pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid where d.classid = "
                  "'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.refobjsubid > 0 and d.deptype in ('a', "
                  "'i'))"}) +
           " from pg_class c join pg_sequence s on s.seqrelid = c.oid where " + relations_of_user("'S'")});
  queries.push_back(
      {"inheritance",
       "select i.inhrelid::regclass::text, string_agg(i.inhparent::regclass::text, ', ' order by i.inhseqno) "
       "from pg_inherits i where i.inhrelid >= 16384 group by i.inhrelid"});
  queries.push_back(
      {"trigger", "select quote_ident(t.tgname) || ' on ' || t.tgrelid::regclass::text, " +
                      lines({"pg_get_triggerdef(t.oid)", when("t.tgenabled <> 'O'",
                                                              "case t.tgenabled when 'D' then 'disabled' when 'R' then "
                                                              "'enabled for replica' else 'enabled always' end")}) +
                      " from pg_trigger t where not t.tgisinternal"});
  queries.push_back(
      {"policy", "select quote_ident(p.polname) || ' on ' || p.polrelid::regclass::text, " +
                     lines({"case when p.polpermissive then 'permissive' else 'restrictive' end",
                            "'for ' || case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then "
                            "'update' when 'd' then 'delete' else 'all' end",
                            "'to ' || (select string_agg(case r when 0 then 'public' else "
                            "quote_ident(pg_get_userbyid(r)) end, ', ' order by r = 0, pg_get_userbyid(r)) from "
                            "unnest(p.polroles) r)",
                            "'using ' || pg_get_expr(p.polqual, p.polrelid)",
                            "'with check ' || pg_get_expr(p.polwithcheck, p.polrelid)"}) +
                     " from pg_policy p"});
  queries.push_back(
      {"rule", "select quote_ident(r.rulename) || ' on ' || r.ev_class::regclass::text, " +
                   lines({"pg_get_ruledef(r.oid)", when("r.ev_enabled <> 'O'", "'enabled: ' || r.ev_enabled::text")}) +
                   " from pg_rewrite r where r.rulename <> '_RETURN' and r.oid >= 16384"});
  queries.push_back({"statistics", "select quote_ident(n.nspname) || '.' || quote_ident(s.stxname), " +
                                       lines({"pg_get_statisticsobjdef(s.oid)", owner("s.stxowner"),
                                              version >= 130000 ? when("coalesce(s.stxstattarget, -1) <> -1",
                                                                       "'target ' || s.stxstattarget")
                                                                : "null"}) +
                                       " from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace"});
  return queries;
}

std::vector<SnapshotQuery> object_queries(int version) {
  std::string in_schema = "quote_ident(n.nspname) || '.' || quote_ident(";
  std::vector<SnapshotQuery> queries;
  queries.push_back({"function", "select p.oid::regprocedure::text, " +
                                     lines({"pg_get_functiondef(p.oid)", owner("p.proowner")}) +
                                     " from pg_proc p where p.prokind <> 'a' and " + of_user("pg_proc", "p.oid")});
  queries.push_back(
      {"aggregate",
       "select p.oid::regprocedure::text, " +
           lines({"format('returns %s kind %s sfunc %s stype %s final %s combine %s initial %s sort %s modify %s%s', "
                  "format_type(p.prorettype, null), a.aggkind, a.aggtransfn, format_type(a.aggtranstype, null), "
                  "a.aggfinalfn, "
                  "a.aggcombinefn, a.agginitval, a.aggsortop::regoperator, a.aggfinalmodify, a.aggmtransfn)",
                  owner("p.proowner")}) +
           " from pg_proc p join pg_aggregate a on a.aggfnoid = p.oid where " + of_user("pg_proc", "p.oid")});
  queries.push_back(
      {"type", "select format_type(t.oid, null), " +
                   lines({"case t.typtype when 'e' then 'enum' when 'd' then 'domain' when 'r' then 'range' when 'm' "
                          "then 'multirange' "
                          "when 'c' then 'composite' when 'p' then 'pseudo' else 'base' end",
                          owner("t.typowner"),
                          when("t.typtype = 'e'",
                               "(select string_agg(quote_literal(e.enumlabel), E'\\n' order by e.enumsortorder) "
                               "from pg_enum e where e.enumtypid = t.oid)"),
                          when("t.typtype = 'd'",
                               "format_type(t.typbasetype, t.typtypmod) || case when t.typnotnull then ' not null' "
                               "else '' end || coalesce(' default ' || t.typdefault, '')"),
                          when("t.typtype = 'r'",
                               "(select format('of %s collation %s opclass %s canonical %s diff %s', "
                               "format_type(r.rngsubtype, null), r.rngcollation, (select opcname from pg_opclass "
                               "where oid = r.rngsubopc), r.rngcanonical, r.rngsubdiff) from pg_range r where "
                               "r.rngtypid = t.oid)"),
                          when("t.typtype = 'b'",
                               "format('input %s output %s length %s align %s storage %s', t.typinput, t.typoutput, "
                               "t.typlen, t.typalign, t.typstorage)")}) +
                   " from pg_type t where (t.typtype <> 'c' or exists (select from pg_class c where c.oid = t.typrelid "
                   "and c.relkind "
                   "= 'c')) and t.typcategory <> 'A' and " +
                   of_user("pg_type", "t.oid")});
  queries.push_back({"extension",
                     "select quote_ident(e.extname), format(E'version %s\\nschema %s', e.extversion, "
                     "e.extnamespace::regnamespace) from pg_extension e"});
  queries.push_back(
      {"event trigger", "select quote_ident(e.evtname), " +
                            lines({"format('on %s execute %s enabled %s tags %s', e.evtevent, e.evtfoid::regprocedure, "
                                   "e.evtenabled, e.evttags)",
                                   owner("e.evtowner")}) +
                            " from pg_event_trigger e"});
  std::string rows =
      version >= 150000 ? "|| coalesce(' (' || (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from "
                          "pg_attribute a where a.attrelid = r.prrelid and a.attnum = any (r.prattrs)) || ')', '') || "
                          "coalesce(' where ' || pg_get_expr(r.prqual, r.prrelid), '')"
                        : "";
  queries.push_back(
      {"publication",
       "select quote_ident(p.pubname), " +
           lines({owner("p.pubowner"),
                  "format('insert %s update %s delete %s truncate %s root %s', p.pubinsert, p.pubupdate, p.pubdelete, "
                  "p.pubtruncate, " +
                      std::string(version >= 130000 ? "p.pubviaroot" : "false") + ")",
                  when("p.puballtables", "'all tables'"),
                  "(select string_agg('table ' || r.prrelid::regclass::text " + rows +
                      ", E'\\n' order by r.prrelid::regclass::text) from pg_publication_rel r where r.prpubid = p.oid)",
                  version >= 150000
                      ? "(select string_agg('schema ' || s.pnnspid::regnamespace::text, E'\\n' order by "
                        "s.pnnspid::regnamespace::text) from pg_publication_namespace s where s.pnpubid = p.oid)"
                      : "null"}) +
           " from pg_publication p"});
  queries.push_back({"subscription", "select quote_ident(s.subname), " +
                                         lines({owner("s.subowner"),
                                                "format('enabled %s publications %s', s.subenabled, "
                                                "s.subpublications)"}) +
                                         " from pg_subscription s where s.subdbid = (select oid from pg_database where "
                                         "datname = current_database())"});
  queries.push_back(
      {"operator", "select o.oid::regoperator::text, " +
                       lines({"format('function %s commutator %s negator %s restrict %s join %s merges %s hashes %s', "
                              "o.oprcode, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprrest, o.oprjoin, "
                              "o.oprcanmerge, o.oprcanhash)",
                              owner("o.oprowner")}) +
                       " from pg_operator o where " + of_user("pg_operator", "o.oid")});
  queries.push_back(
      {"operator class",
       "select " + in_schema +
           "o.opcname) || ' using ' || (select amname from pg_am where oid = o.opcmethod), "
           "concat_ws(' ', 'for', format_type(o.opcintype, null), 'default', o.opcdefault) from pg_opclass o join "
           "pg_namespace n on n.oid = o.opcnamespace where " +
           of_user("pg_opclass", "o.oid")});
  queries.push_back(
      {"operator family",
       "select " + in_schema + "f.opfname), " +
           lines(
               {"(select string_agg(format('operator %s %s', m.amopstrategy, m.amopopr::regoperator), E'\\n' order by "
                "m.amopstrategy, m.amopopr::regoperator::text) from pg_amop m where m.amopfamily = f.oid)",
                "(select string_agg(format('function %s %s', m.amprocnum, m.amproc::regprocedure), E'\\n' order "
                "by m.amprocnum, m.amproc::regprocedure::text) from pg_amproc m where m.amprocfamily = f.oid)"}) +
           " from pg_opfamily f join pg_namespace n on n.oid = f.opfnamespace where " +
           of_user("pg_opfamily", "f.oid")});
  queries.push_back(
      {"cast",
       "select format('%s as %s', format_type(c.castsource, null), format_type(c.casttarget, null)), "
       "format('function %s context %s method %s', c.castfunc::regprocedure, c.castcontext, c.castmethod) "
       "from pg_cast c where " +
           of_user("pg_cast", "c.oid")});
  queries.push_back({"collation", "select " + in_schema +
                                      "c.collname), concat_ws(' ', 'provider', c.collprovider, c.collcollate, "
                                      "c.collctype, 'deterministic', c.collisdeterministic" +
                                      std::string(version >= 170000   ? ", c.colllocale"
                                                  : version >= 150000 ? ", c.colliculocale"
                                                                      : "") +
                                      ") from pg_collation c join pg_namespace n on n.oid = c.collnamespace where " +
                                      of_user("pg_collation", "c.oid")});
  queries.push_back(
      {"conversion", "select " + in_schema +
                         "c.conname), format('%s to %s by %s default %s', c.conforencoding, "
                         "c.contoencoding, c.conproc, c.condefault) from pg_conversion c join pg_namespace n on n.oid "
                         "= c.connamespace where " +
                         of_user("pg_conversion", "c.oid")});
  queries.push_back(
      {"language",
       "select quote_ident(l.lanname), " +
           lines({owner("l.lanowner"), "format('trusted %s handler %s', l.lanpltrusted, l.lanplcallfoid::regproc)"}) +
           " from pg_language l where " + of_user("pg_language", "l.oid")});
  queries.push_back(
      {"transform",
       "select format('for %s language %s', format_type(t.trftype, null), l.lanname), format('from %s to "
       "%s', t.trffromsql, t.trftosql) from pg_transform t join pg_language l on l.oid = t.trflang where " +
           of_user("pg_transform", "t.oid")});
  queries.push_back({"access method",
                     "select quote_ident(a.amname), format('type %s handler %s', a.amtype, a.amhandler) from pg_am "
                     "a where " +
                         of_user("pg_am", "a.oid")});
  queries.push_back(
      {"text search configuration",
       "select " + in_schema + "c.cfgname), " +
           lines({owner("c.cfgowner"),
                  "(select string_agg(format('token %s: %s', m.maptokentype, m.mapdict::regdictionary), E'\\n' order "
                  "by m.maptokentype, m.mapseqno) from pg_ts_config_map m where m.mapcfg = c.oid)"}) +
           " from pg_ts_config c join pg_namespace n on n.oid = c.cfgnamespace where " +
           of_user("pg_ts_config", "c.oid")});
  queries.push_back({"text search dictionary",
                     "select " + in_schema + "d.dictname), " + lines({owner("d.dictowner"), "d.dictinitoption"}) +
                         " from pg_ts_dict d join pg_namespace n on n.oid = d.dictnamespace where " +
                         of_user("pg_ts_dict", "d.oid")});
  queries.push_back({"foreign data wrapper",
                     "select quote_ident(f.fdwname), " + lines({owner("f.fdwowner"), sorted("f.fdwoptions")}) +
                         " from pg_foreign_data_wrapper f where " + of_user("pg_foreign_data_wrapper", "f.oid")});
  queries.push_back(
      {"foreign server", "select quote_ident(s.srvname), " +
                             lines({owner("s.srvowner"), "s.srvtype", "s.srvversion", sorted("s.srvoptions")}) +
                             " from pg_foreign_server s"});
  queries.push_back({"user mapping", "select format('%I for %I', u.srvname, u.usename), coalesce(" +
                                         sorted("u.umoptions") + ", '') from pg_user_mappings u"});
  return queries;
}

std::vector<SnapshotQuery> privilege_queries(int version) {
  std::vector<SnapshotQuery> queries;
  auto add = [&](const std::string& sql) { queries.push_back({"privileges", sql}); };
  add(privileges("relation", "c.oid::regclass::text", "c.relacl",
                 "acldefault(case c.relkind when 'S' then 's' else 'r' end::\"char\", c.relowner)",
                 " from pg_class c where " + relations_of_user("'r', 'p', 'v', 'm', 'S', 'f'")));
  add(privileges(
      "column", "c.oid::regclass::text || '.' || quote_ident(a.attname)", "a.attacl", "'{}'::aclitem[]",
      " from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 where a.attacl is not null and " +
          relations_of_user("'r', 'p', 'v', 'm', 'f'")));
  add(privileges("function", "p.oid::regprocedure::text", "p.proacl", "acldefault('f', p.proowner)",
                 " from pg_proc p where " + of_user("pg_proc", "p.oid")));
  add(privileges("schema", "quote_ident(n.nspname)", "n.nspacl", "acldefault('n', n.nspowner)",
                 " from pg_namespace n where (n.nspname = 'public' or n.oid >= 16384) and n.nspname !~ '^pg_'"));
  add(privileges("type", "format_type(t.oid, null)", "t.typacl", "acldefault('T', t.typowner)",
                 " from pg_type t where " + of_user("pg_type", "t.oid")));
  add(privileges("database", "'current'", "d.datacl", "acldefault('d', d.datdba)",
                 " from pg_database d where d.datname = current_database()"));
  add(privileges("language", "quote_ident(l.lanname)", "l.lanacl", "acldefault('l', l.lanowner)",
                 " from pg_language l where true"));
  add(privileges("foreign data wrapper", "quote_ident(f.fdwname)", "f.fdwacl", "acldefault('F', f.fdwowner)",
                 " from pg_foreign_data_wrapper f where true"));
  add(privileges("foreign server", "quote_ident(s.srvname)", "s.srvacl", "acldefault('S', s.srvowner)",
                 " from pg_foreign_server s where true"));
  if (version >= 150000) {
    add("select 'parameter ' || p.parname, array_to_string(p.paracl, E'\\n') from pg_parameter_acl p");
  }
  queries.push_back({"default privileges",
                     "select format('%s of %I%s', case d.defaclobjtype when 'r' then 'tables' when 'S' then "
                     "'sequences' when 'f' then "
                     "'functions' when 'T' then 'types' when 'n' then 'schemas' else d.defaclobjtype::text end, "
                     "pg_get_userbyid(d.defaclrole), "
                     "case when d.defaclnamespace <> 0 then ' in ' || d.defaclnamespace::regnamespace::text else '' "
                     "end), coalesce((select "
                     "string_agg(a::text, E'\\n' order by a::text collate \"C\") from unnest(d.defaclacl) a), 'none') "
                     "from pg_default_acl d"});
  queries.push_back(
      {"comment",
       "select pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description from pg_description d where "
       "(d.objoid >= 16384 or (d.classoid = 'pg_catalog.pg_namespace'::regclass and d.objoid = 2200)) and not "
       "exists (select from pg_depend e where e.classid = d.classoid and e.objid = d.objoid and e.deptype = 'e')"});
  queries.push_back(
      {"comment",
       "select pg_describe_object(d.classoid, d.objoid, 0), d.description from pg_shdescription d where d.objoid "
       ">= 16384"});
  queries.push_back({"security label",
                     "select pg_describe_object(s.classoid, s.objoid, s.objsubid) || ' by ' || s.provider, "
                     "s.label from pg_seclabel s"});
  // Roles and what hangs on them are of the whole server.
  queries.push_back(
      {"role", "select quote_ident(r.rolname), " +
                   lines({"case when r.rolcanlogin then 'login' else 'nologin' end", when("r.rolsuper", "'superuser'"),
                          when("not r.rolinherit", "'noinherit'"), when("r.rolcreaterole", "'createrole'"),
                          when("r.rolcreatedb", "'createdb'"), when("r.rolreplication", "'replication'"),
                          when("r.rolbypassrls", "'bypassrls'"),
                          when("r.rolconnlimit <> -1", "'connection limit ' || r.rolconnlimit"),
                          "'valid until ' || r.rolvaliduntil"}) +
                   " from pg_roles r where r.oid >= 16384"});
  std::string options = version >= 160000 ? ", ' inherit ', m.inherit_option, ' set ', m.set_option" : "";
  queries.push_back({"membership",
                     "select format('%I in %I', pg_get_userbyid(m.member), pg_get_userbyid(m.roleid)) || ' by ' || "
                     "pg_get_userbyid(m.grantor), concat('admin ', m.admin_option" +
                         options + ") from pg_auth_members m where m.member >= 16384 or m.roleid >= 16384"});
  queries.push_back(
      {"setting",
       "select concat_ws(' ', case when s.setdatabase <> 0 then 'database' end, case when s.setrole <> 0 then "
       "'role ' || quote_ident(pg_get_userbyid(s.setrole)) end), array_to_string(s.setconfig, E'\\n') from "
       "pg_db_role_setting s where s.setdatabase = 0 or s.setdatabase = (select oid from pg_database where datname "
       "= current_database())"});
  queries.push_back({"database", "select 'current', " +
                                     lines({owner("d.datdba"), "'connection limit ' || d.datconnlimit"}) +
                                     " from pg_database d where d.datname = current_database()"});
  queries.push_back({"large object", "select l.oid::text, " + owner("l.lomowner") + " from pg_largeobject_metadata l"});
  return queries;
}

}  // namespace

std::vector<SnapshotQuery> snapshot_queries(int version) {
  std::vector<SnapshotQuery> all = relation_queries(version);
  for (auto part : {object_queries(version), privilege_queries(version)}) {
    for (auto& query : part) all.push_back(std::move(query));
  }
  return all;
}

}  // namespace pgrehearse
