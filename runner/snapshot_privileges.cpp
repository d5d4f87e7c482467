// SPDX-License-Identifier: Apache-2.0
#include "runner/snapshot_sql.h"

namespace pgrehearse {
namespace {

/// Grants as they differ from the default, one a line: an explicit default means the same as none.
struct Grants {
  std::string identity;
  std::string definition;
  std::string condition;
};

Grants grants(const std::string& object_class, const std::string& name, const std::string& acl,
              const std::string& defaults) {
  auto listed = [](const std::string& list) {
    return "(select string_agg(a::text, E'\\n' order by a::text collate \"C\") from unnest(" + list + ") a)";
  };
  return {"'" + object_class + " ' || " + name, "coalesce(" + listed(acl) + ", 'none')",
          acl + " is not null and " + listed(acl) + " is distinct from " + listed(defaults)};
}

void add_grants(QueryList& list, int version) {
  auto add = [&](Root root, const std::string& oid, const Grants& of, const std::string& from) {
    list.add("privileges", root, oid, of.identity, of.definition, from + " and " + of.condition);
  };
  auto add_whole = [&](std::vector<std::string_view> catalogs, const Grants& of, const std::string& from) {
    list.add_whole("privileges", std::move(catalogs), of.identity, of.definition, from + " where " + of.condition);
  };
  add(Root::relation, "c.oid",
      grants("relation", "c.oid::regclass::text", "c.relacl",
             "acldefault(case c.relkind when 'S' then 's' else 'r' end::\"char\", c.relowner)"),
      "pg_class c where " + relations_of_user("'r', 'p', 'v', 'm', 'S', 'f'"));
  add(Root::relation, "c.oid",
      grants("column", "c.oid::regclass::text || '.' || quote_ident(a.attname)", "a.attacl", "'{}'::aclitem[]"),
      "pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 where a.attacl is not null and " +
          relations_of_user("'r', 'p', 'v', 'm', 'f'"));
  add(Root::function, "p.oid",
      grants("function", "p.oid::regprocedure::text", "p.proacl", "acldefault('f', p.proowner)"),
      "pg_proc p where " + of_user("pg_proc", "p.oid", "p.pronamespace"));
  add(Root::schema, "n.oid", grants("schema", "quote_ident(n.nspname)", "n.nspacl", "acldefault('n', n.nspowner)"),
      "pg_namespace n where (n.nspname = 'public' or n.oid >= 16384) and n.nspname !~ '^pg_'");
  add(Root::type, "t.oid", grants("type", "format_type(t.oid, null)", "t.typacl", "acldefault('T', t.typowner)"),
      "pg_type t where " + of_user("pg_type", "t.oid", "t.typnamespace"));
  add_whole({"pg_database"}, grants("database", "'current'", "d.datacl", "acldefault('d', d.datdba)"),
            "(select * from pg_database where datname = current_database()) d");
  add_whole({}, grants("language", "quote_ident(l.lanname)", "l.lanacl", "acldefault('l', l.lanowner)"),
            "pg_language l");
  add_whole({}, grants("foreign data wrapper", "quote_ident(f.fdwname)", "f.fdwacl", "acldefault('F', f.fdwowner)"),
            "pg_foreign_data_wrapper f");
  add_whole({}, grants("foreign server", "quote_ident(s.srvname)", "s.srvacl", "acldefault('S', s.srvowner)"),
            "pg_foreign_server s");
  if (version >= 150000) {
    list.add_whole("privileges", {"pg_parameter_acl"}, "'parameter ' || p.parname", "array_to_string(p.paracl, E'\\n')",
                   "pg_parameter_acl p");
  }
  list.add_whole("default privileges", {"pg_default_acl"},
                 "format('%s of %I%s', case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' "
                 "then 'functions' when 'T' then 'types' when 'n' then 'schemas' else d.defaclobjtype::text end, "
                 "pg_get_userbyid(d.defaclrole), case when d.defaclnamespace <> 0 then ' in ' || "
                 "d.defaclnamespace::regnamespace::text else '' end)",
                 "coalesce((select string_agg(a::text, E'\\n' order by a::text collate \"C\") from "
                 "unnest(d.defaclacl) a), 'none')",
                 "pg_default_acl d where " + lasting_schema("d.defaclnamespace"));
}

void add_comments(QueryList& list) {
  list.add("comment", Root::comment, "d.objoid", "pg_describe_object(d.classoid, d.objoid, d.objsubid)",
           "d.description",
           "pg_description d where (d.objoid >= 16384 or (d.classoid = 'pg_namespace'::regclass and d.objoid = 2200)) "
           "and not exists (select from pg_depend e where e.classid = d.classoid and e.objid = d.objoid and e.deptype "
           "= 'e') and " +
               lasting_object("d"));
  list.add_whole("comment", {"pg_shdescription"}, "pg_describe_object(d.classoid, d.objoid, 0)", "d.description",
                 "pg_shdescription d where d.objoid >= 16384");
  list.add_whole("security label", {"pg_seclabel"},
                 "pg_describe_object(s.classoid, s.objoid, s.objsubid) || ' by ' || s.provider", "s.label",
                 "pg_seclabel s where " + lasting_object("s"));
}

/// Roles and what hangs on them are of the whole server.
void add_roles(QueryList& list, int version) {
  list.add("role", Root::role, "r.oid", "quote_ident(r.rolname)",
           lines({"case when r.rolcanlogin then 'login' else 'nologin' end", when("r.rolsuper", "'superuser'"),
                  when("not r.rolinherit", "'noinherit'"), when("r.rolcreaterole", "'createrole'"),
                  when("r.rolcreatedb", "'createdb'"), when("r.rolreplication", "'replication'"),
                  when("r.rolbypassrls", "'bypassrls'"),
                  when("r.rolconnlimit <> -1", "'connection limit ' || r.rolconnlimit"),
                  "'valid until ' || r.rolvaliduntil"}),
           "pg_roles r where r.oid >= 16384");
  std::string options = version >= 160000 ? ", ' inherit ', m.inherit_option, ' set ', m.set_option" : "";
  list.add_whole("membership", {"pg_auth_members"},
                 "format('%I in %I', pg_get_userbyid(m.member), pg_get_userbyid(m.roleid)) || ' by ' || "
                 "pg_get_userbyid(m.grantor)",
                 "concat('admin ', m.admin_option" + options + ")",
                 "pg_auth_members m where m.member >= 16384 or m.roleid >= 16384");
  list.add_whole("setting", {"pg_db_role_setting"},
                 "concat_ws(' ', case when s.setdatabase <> 0 then 'database' end, case when s.setrole <> 0 then "
                 "'role ' || quote_ident(pg_get_userbyid(s.setrole)) end)",
                 "array_to_string(s.setconfig, E'\\n')",
                 "pg_db_role_setting s where s.setdatabase = 0 or s.setdatabase = (select oid from pg_database where "
                 "datname = current_database())");
  list.add_whole("database", {"pg_database"}, "'current'",
                 lines({owner("d.datdba"), "'connection limit ' || d.datconnlimit"}),
                 "pg_database d where d.datname = current_database()");
  list.add_whole("large object", {"pg_largeobject_metadata"}, "l.oid::text", owner("l.lomowner"),
                 "pg_largeobject_metadata l");
}

}  // namespace

void add_privilege_queries(QueryList& list, int version) {
  add_grants(list, version);
  add_comments(list);
  add_roles(list, version);
}

}  // namespace pgrehearse
