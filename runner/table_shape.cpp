// SPDX-License-Identifier: Apache-2.0
#include "runner/table_shape.h"

#include <algorithm>
#include <charconv>

#include "runner/number.h"

namespace pgrehearse {
namespace {

/// The parts of what string_agg put together with chr(1).
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    size_t end = std::min(text.find('\1'), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// "1 2 3" and "{1,2,3}"
std::vector<int> numbers(std::string_view text) {
  std::vector<int> list;
  for (size_t at = 0; at < text.size();) {
    at = text.find_first_of("0123456789", at);
    if (at == text.npos) break;
    int value = 0;
    auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
    list.push_back(value);
    at = static_cast<size_t>(end - text.data());
  }
  return list;
}

// The session's search_path is pg_catalog: names in definitions come out qualified.
constexpr const char* tables_sql =
    "with recursive named(oid, asked) as ("
    "select c.oid, true from unnest($1::text[]) x join pg_class c on c.oid = to_regclass(x) where c.relkind in ('r', "
    "'p') "
    "and c.relpersistence <> 't' union "
    "select case when c.relispartition then pg_partition_root(n.oid)::oid else k.confrelid end, "
    "n.asked and c.relispartition from named n join pg_class c on "
    "c.oid = n.oid left join pg_constraint k on k.conrelid = n.oid and k.contype = 'f' where c.relispartition or k.oid "
    "is "
    "not null) "
    "select c.oid, quote_ident(s.nspname) || '.' || quote_ident(c.relname), pg_has_role($2, c.relowner, 'usage'), "
    "c.relrowsecurity and c.relforcerowsecurity, c.relkind = 'p', "
    "bool_or(named.asked) from named join pg_class c on c.oid = named.oid join pg_namespace s on s.oid = "
    "c.relnamespace where not "
    "c.relispartition and c.oid >= 16384 and not exists (select from pg_depend d where d.classid = "
    "'pg_class'::regclass and "
    "d.objid = c.oid and d.deptype = 'e') group by 1, 2, 3, 4, 5 "
    "order by 1";

constexpr const char* columns_sql =
    "select a.attrelid, a.attnum, quote_ident(a.attname), a.attname, b.typname, format_type(a.atttypid, a.atttypmod), "
    "b.typtype, e.typname, e.typtype, case when t.typtype = 'd' then t.typtypmod else a.atttypmod end, a.attnotnull or "
    "t.typnotnull, a.attgenerated <> '', exists (select from pg_index i where i.indrelid = a.attrelid and a.attnum = "
    "any(i.indkey::int2[])), (select string_agg(l.enumlabel, chr(1) order by l.enumsortorder) from pg_enum l where "
    "l.enumtypid in (b.oid, e.oid)), (select string_agg(pg_get_expr(k.conbin, 0), chr(1)) from pg_constraint k where "
    "k.contypid = t.oid and k.contype = 'c'), format_type(b.oid, case when t.typtype = 'd' then t.typtypmod else "
    "a.atttypmod end) "
    "from pg_attribute a join pg_type t on t.oid = a.atttypid join pg_type b on b.oid "
    "= case when t.typtype = 'd' then t.typbasetype else t.oid end left join pg_type e on e.oid = b.typelem and "
    "b.typcategory "
    "= 'A' and b.typname not in ('oidvector', 'int2vector') where a.attrelid = any($1::oid[]) and a.attnum > 0 and not "
    "a.attisdropped order by 1, 2";

constexpr const char* constraints_sql =
    "select k.conrelid, k.contype, quote_ident(n.nspname) || '.' || quote_ident(k.conname), k.conkey, k.confrelid, "
    "k.confkey, "
    "case when k.contype = 'c' then pg_get_expr(k.conbin, k.conrelid) end, k.condeferred, k.conname from pg_constraint "
    "k join "
    "pg_namespace n on n.oid = k.connamespace where k.conrelid = any($1::oid[]) and (k.contype = 'c' or k.condeferred "
    "or "
    "k.contype = 'f') order by k.oid";

/// Unique and exclusion indexes with all columns that they read.
constexpr const char* uniques_sql =
    "select i.indrelid, c.relname, (select string_agg(distinct d.refobjsubid::text, ',') from pg_depend d where "
    "d.refclassid "
    "= 'pg_class'::regclass and d.refobjid = i.indrelid and d.refobjsubid > 0 and (d.classid = 'pg_class'::regclass "
    "and "
    "d.objid = i.indexrelid or d.classid = 'pg_constraint'::regclass and d.objid in (select k.oid from pg_constraint k "
    "where "
    "k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')))), i.indkey from pg_index i join pg_class c on c.oid "
    "= "
    "i.indexrelid where i.indrelid = any($1::oid[]) and (i.indisunique or i.indisexclusion) and i.indislive order by "
    "i.indisprimary desc, i.indexrelid";

constexpr const char* triggers_sql =
    "select t.tgrelid, format('alter table %s disable trigger %I', t.tgrelid::regclass, t.tgname), format('alter table "
    "%s "
    "enable %s trigger %I', t.tgrelid::regclass, case t.tgenabled when 'A' then 'always' when 'R' then 'replica' end, "
    "t.tgname) from pg_trigger t where t.tgrelid = any($1::oid[]) and not t.tgisinternal and t.tgenabled <> 'D' and "
    "t.tgparentid "
    "= 0";

constexpr const char* partitions_sql =
    "select r.oid, (select string_agg(array_to_string(p.partattrs::int2[], ','), ',') from pg_partitioned_table p "
    "where "
    "p.partrelid in (select f.relid from pg_partition_tree(r.oid) f)), (select string_agg(pg_get_expr(c.relpartbound, "
    "c.oid), "
    "chr(1) order by c.relname) from pg_partition_tree(r.oid) f join pg_class c on c.oid = f.relid where f.isleaf) "
    "from "
    "pg_class r where r.oid = any($1::oid[]) and r.relkind = 'p'";

}  // namespace

const ColumnShape* TableShape::column(int number) const {
  auto found = std::ranges::find(columns, number, &ColumnShape::number);
  return found == columns.end() ? nullptr : &*found;
}

Result<std::map<uint32_t, TableShape>> read_table_shapes(Connection& observer, const std::string& role,
                                                         const std::vector<std::string>& names) {
  std::string list = "{";
  for (const std::string& name : names) {
    list += list.size() > 1 ? ",\"" : "\"";
    for (char c : name) list.append(c == '"' || c == '\\' ? "\\" : "").push_back(c);
    list += '"';
  }
  auto failed = [](const SqlError& error) {
    return environment_error("could not read what the tables are like: " + error.one_line());
  };
  auto found = observer.run_prepared({{"shape tables", tables_sql, {list + "}", role}}});
  if (!found) return failed(found.error());
  std::map<uint32_t, TableShape> tables;
  std::string oids = "{";
  for (int i = 0; i < found->front().size(); ++i) {
    const Rows& rows = found->front();
    TableShape table;
    table.oid = number<uint32_t>(rows.at(i, 0));
    table.name = rows.at(i, 1);
    table.ours = rows.at(i, 2) == "t";
    table.forced = rows.at(i, 3) == "t";
    table.partitioned = rows.at(i, 4) == "t";
    table.named = rows.at(i, 5) == "t";
    oids.append(oids.size() > 1 ? "," : "").append(rows.at(i, 0));
    tables.emplace(table.oid, std::move(table));
  }
  if (tables.empty()) return tables;
  oids += "}";
  auto answers = observer.run_prepared({{"shape columns", columns_sql, {oids}},
                                        {"shape constraints", constraints_sql, {oids}},
                                        {"shape uniques", uniques_sql, {oids}},
                                        {"shape triggers", triggers_sql, {oids}},
                                        {"shape partitions", partitions_sql, {oids}}});
  if (!answers) return failed(answers.error());
  auto each = [&](size_t index, auto&& take) {
    const Rows& rows = (*answers)[index];
    for (int i = 0; i < rows.size(); ++i) take(rows, i, tables[number<uint32_t>(rows.at(i, 0))]);
  };
  each(0, [](const Rows& rows, int i, TableShape& table) {
    ColumnShape column;
    column.number = number<int>(rows.at(i, 1));
    column.name = rows.at(i, 2);
    column.plain = rows.at(i, 3);
    column.type = rows.at(i, 4);
    column.cast = rows.at(i, 5);
    column.kind = rows.at(i, 6).front();
    column.element = rows.at(i, 7);
    if (!rows.is_null(i, 8)) column.element_kind = rows.at(i, 8).front();
    column.modifier = number<int>(rows.at(i, 9));
    if (rows.at(i, 9) == "-1") column.modifier = -1;
    column.not_null = rows.at(i, 10) == "t";
    column.generated = rows.at(i, 11) == "t";
    column.indexed = rows.at(i, 12) == "t";
    column.labels = split(rows.at(i, 13));
    column.checks = split(rows.at(i, 14));
    column.base = rows.at(i, 15);
    table.columns.push_back(std::move(column));
  });
  each(1, [](const Rows& rows, int i, TableShape& table) {
    if (rows.at(i, 7) == "t") table.deferred.emplace_back(rows.at(i, 2));
    KeyShape key{std::string(rows.at(i, 8)), numbers(rows.at(i, 3)), number<uint32_t>(rows.at(i, 4)),
                 numbers(rows.at(i, 5)), std::string(rows.at(i, 6))};
    if (rows.at(i, 1) == "f")
      table.foreigns.push_back(std::move(key));
    else if (rows.at(i, 1) == "c")
      table.checks.push_back(std::move(key));
  });
  each(2, [](const Rows& rows, int i, TableShape& table) {
    std::vector<int> columns = numbers(rows.at(i, 3));
    std::erase(columns, 0);
    for (int other : numbers(rows.at(i, 2))) {
      if (std::ranges::find(columns, other) == columns.end()) columns.push_back(other);
    }
    table.uniques.push_back({std::string(rows.at(i, 1)), std::move(columns), 0, {}, {}});
  });
  each(3, [](const Rows& rows, int i, TableShape& table) {
    table.triggers_off.emplace_back(rows.at(i, 1));
    table.triggers_on.emplace_back(rows.at(i, 2));
  });
  each(4, [](const Rows& rows, int i, TableShape& table) {
    table.partition_columns = numbers(rows.at(i, 1));
    table.bounds = split(rows.at(i, 2));
  });
  return tables;
}

}  // namespace pgrehearse
