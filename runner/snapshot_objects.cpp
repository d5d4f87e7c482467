// SPDX-License-Identifier: Apache-2.0
#include "runner/snapshot_sql.h"

namespace pgrehearse {
namespace {

void add_schemas_functions_types(QueryList& list) {
  list.add("schema", Root::schema, "n.oid", "quote_ident(n.nspname)", owner("n.nspowner"),
           "pg_namespace n where (n.nspname = 'public' or (n.oid >= 16384 and n.nspname !~ '^pg_')) and (n.oid < 16384 "
           "or " +
               of_user("pg_namespace", "n.oid") + ")");
  list.add("function", Root::function, "p.oid", "p.oid::regprocedure::text",
           lines({"pg_get_functiondef(p.oid)", owner("p.proowner")}),
           "pg_proc p where p.prokind <> 'a' and " + of_user("pg_proc", "p.oid", "p.pronamespace"));
  list.add("aggregate", Root::function, "p.oid", "p.oid::regprocedure::text",
           lines({"format('returns %s kind %s sfunc %s stype %s final %s combine %s initial %s sort %s modify %s%s', "
                  "format_type(p.prorettype, null), a.aggkind, a.aggtransfn, format_type(a.aggtranstype, null), "
                  "a.aggfinalfn, a.aggcombinefn, a.agginitval, a.aggsortop::regoperator, a.aggfinalmodify, "
                  "a.aggmtransfn)",
                  owner("p.proowner")}),
           "pg_proc p join pg_aggregate a on a.aggfnoid = p.oid where " + of_user("pg_proc", "p.oid", "p.pronamespace"),
           "pg_aggregate");
  list.add("type", Root::type, "t.oid", "format_type(t.oid, null)",
           lines({"case t.typtype when 'e' then 'enum' when 'd' then 'domain' when 'r' then 'range' when 'm' then "
                  "'multirange' when 'c' then 'composite' when 'p' then 'pseudo' else 'base' end",
                  owner("t.typowner"),
                  when("t.typtype = 'e'",
                       "(select string_agg(quote_literal(e.enumlabel), E'\\n' order by e.enumsortorder) from pg_enum "
                       "e where e.enumtypid = t.oid)"),
                  when("t.typtype = 'd'",
                       "format_type(t.typbasetype, t.typtypmod) || case when t.typnotnull then ' not null' "
                       "else '' end || coalesce(' default ' || t.typdefault, '')"),
                  when("t.typtype = 'r'",
                       "(select format('of %s collation %s opclass %s canonical %s diff %s', "
                       "format_type(r.rngsubtype, null), r.rngcollation, (select opcname from pg_opclass where oid = "
                       "r.rngsubopc), r.rngcanonical, r.rngsubdiff) from pg_range r where r.rngtypid = t.oid)"),
                  when("t.typtype = 'b'",
                       "format('input %s output %s length %s align %s storage %s', t.typinput, t.typoutput, "
                       "t.typlen, t.typalign, t.typstorage)")}),
           "pg_type t where (t.typtype <> 'c' or exists (select from pg_class c where c.oid = t.typrelid and c.relkind "
           "= 'c')) and t.typcategory <> 'A' and " +
               of_user("pg_type", "t.oid", "t.typnamespace"));
}

void add_publications(QueryList& list, int version) {
  std::vector<std::string_view> catalogs{"pg_publication", "pg_publication_rel"};
  if (version >= 150000) catalogs.push_back("pg_publication_namespace");
  std::string rows =
      version >= 150000 ? "|| coalesce(' (' || (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from "
                          "pg_attribute a where a.attrelid = r.prrelid and a.attnum = any (r.prattrs)) || ')', '') || "
                          "coalesce(' where ' || pg_get_expr(r.prqual, r.prrelid), '')"
                        : "";
  list.add_whole(
      "publication", std::move(catalogs), "quote_ident(p.pubname)",
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
                 : "null"}),
      "pg_publication p");
}

void add_operators(QueryList& list) {
  list.add_whole("operator", {}, "o.oid::regoperator::text",
                 lines({"format('function %s commutator %s negator %s restrict %s join %s merges %s hashes %s', "
                        "o.oprcode, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprrest, o.oprjoin, "
                        "o.oprcanmerge, o.oprcanhash)",
                        owner("o.oprowner")}),
                 "pg_operator o where " + of_user("pg_operator", "o.oid", "o.oprnamespace"));
  list.add_whole("operator class", {},
                 qualified("n", "o.opcname") + " || ' using ' || (select amname from pg_am where oid = o.opcmethod)",
                 "concat_ws(' ', 'for', format_type(o.opcintype, null), 'default', o.opcdefault)",
                 "pg_opclass o join pg_namespace n on n.oid = o.opcnamespace where " +
                     of_user("pg_opclass", "o.oid", "o.opcnamespace"));
  list.add_whole(
      "operator family", {}, qualified("n", "f.opfname"),
      lines({"(select string_agg(format('operator %s %s', m.amopstrategy, m.amopopr::regoperator), E'\\n' order by "
             "m.amopstrategy, m.amopopr::regoperator::text) from pg_amop m where m.amopfamily = f.oid)",
             "(select string_agg(format('function %s %s', m.amprocnum, m.amproc::regprocedure), E'\\n' order by "
             "m.amprocnum, m.amproc::regprocedure::text) from pg_amproc m where m.amprocfamily = f.oid)"}),
      "pg_opfamily f join pg_namespace n on n.oid = f.opfnamespace where " +
          of_user("pg_opfamily", "f.oid", "f.opfnamespace"));
  list.add_whole("cast", {}, "format('%s as %s', format_type(c.castsource, null), format_type(c.casttarget, null))",
                 "format('function %s context %s method %s', c.castfunc::regprocedure, c.castcontext, c.castmethod)",
                 "pg_cast c where " + of_user("pg_cast", "c.oid") + " and " + lasting_type("c.castsource") + " and " +
                     lasting_type("c.casttarget"));
}

void add_languages_and_text_search(QueryList& list, int version) {
  std::string locale = version >= 170000 ? ", c.colllocale" : version >= 150000 ? ", c.colliculocale" : "";
  list.add_whole("collation", {}, qualified("n", "c.collname"),
                 "concat_ws(' ', 'provider', c.collprovider, c.collcollate, c.collctype, 'deterministic', "
                 "c.collisdeterministic" +
                     locale + ")",
                 "pg_collation c join pg_namespace n on n.oid = c.collnamespace where " +
                     of_user("pg_collation", "c.oid", "c.collnamespace"));
  list.add_whole("conversion", {}, qualified("n", "c.conname"),
                 "format('%s to %s by %s default %s', c.conforencoding, c.contoencoding, c.conproc, c.condefault)",
                 "pg_conversion c join pg_namespace n on n.oid = c.connamespace where " +
                     of_user("pg_conversion", "c.oid", "c.connamespace"));
  list.add_whole(
      "language", {}, "quote_ident(l.lanname)",
      lines({owner("l.lanowner"), "format('trusted %s handler %s', l.lanpltrusted, l.lanplcallfoid::regproc)"}),
      "pg_language l where " + of_user("pg_language", "l.oid"));
  list.add_whole("transform", {}, "format('for %s language %s', format_type(t.trftype, null), l.lanname)",
                 "format('from %s to %s', t.trffromsql, t.trftosql)",
                 "pg_transform t join pg_language l on l.oid = t.trflang where " + of_user("pg_transform", "t.oid"));
  list.add_whole("access method", {}, "quote_ident(a.amname)", "format('type %s handler %s', a.amtype, a.amhandler)",
                 "pg_am a where " + of_user("pg_am", "a.oid"));
  list.add_whole("text search configuration", {}, qualified("n", "c.cfgname"),
                 lines({owner("c.cfgowner"),
                        "(select string_agg(format('token %s: %s', m.maptokentype, m.mapdict::regdictionary), E'\\n' "
                        "order by m.maptokentype, m.mapseqno) from pg_ts_config_map m where m.mapcfg = c.oid)"}),
                 "pg_ts_config c join pg_namespace n on n.oid = c.cfgnamespace where " +
                     of_user("pg_ts_config", "c.oid", "c.cfgnamespace"));
  list.add_whole("text search dictionary", {}, qualified("n", "d.dictname"),
                 lines({owner("d.dictowner"), "d.dictinitoption"}),
                 "pg_ts_dict d join pg_namespace n on n.oid = d.dictnamespace where " +
                     of_user("pg_ts_dict", "d.oid", "d.dictnamespace"));
}

void add_of_the_database(QueryList& list) {
  list.add_whole("extension", {}, "quote_ident(e.extname)",
                 "format(E'version %s\\nschema %s', e.extversion, e.extnamespace::regnamespace)", "pg_extension e");
  list.add_whole("event trigger", {"pg_event_trigger"}, "quote_ident(e.evtname)",
                 lines({"format('on %s execute %s enabled %s tags %s', e.evtevent, e.evtfoid::regprocedure, "
                        "e.evtenabled, e.evttags)",
                        owner("e.evtowner")}),
                 "pg_event_trigger e");
  list.add_whole("subscription", {"pg_subscription"}, "quote_ident(s.subname)",
                 lines({owner("s.subowner"), "format('enabled %s publications %s', s.subenabled, s.subpublications)"}),
                 "pg_subscription s where s.subdbid = (select oid from pg_database where datname = "
                 "current_database())");
  list.add_whole("foreign data wrapper", {}, "quote_ident(f.fdwname)",
                 lines({owner("f.fdwowner"), sorted("f.fdwoptions")}),
                 "pg_foreign_data_wrapper f where " + of_user("pg_foreign_data_wrapper", "f.oid"));
  list.add_whole("foreign server", {}, "quote_ident(s.srvname)",
                 lines({owner("s.srvowner"), "s.srvtype", "s.srvversion", sorted("s.srvoptions")}),
                 "pg_foreign_server s");
  list.add_whole("user mapping", {}, "format('%I for %I', u.srvname, u.usename)",
                 "coalesce(" + sorted("u.umoptions") + ", '')", "pg_user_mappings u");
}

}  // namespace

void add_object_queries(QueryList& list, int version) {
  add_schemas_functions_types(list);
  add_publications(list, version);
  add_operators(list);
  add_languages_and_text_search(list, version);
  add_of_the_database(list);
}

}  // namespace pgrehearse
