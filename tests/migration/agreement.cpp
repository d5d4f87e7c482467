// SPDX-License-Identifier: Apache-2.0
#include "agreement.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "sql/body.h"
#include "sql/script.h"

namespace pgrehearse::test {
namespace {

/// What is compared of one object, by the name of the property.
struct Properties {
  std::map<std::string, std::string> values;
  bool type_unknown = false;
};
using Objects = std::map<std::string, Properties>;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

std::string joined_sorted(std::vector<std::string> names) {
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return joined(names);
}

std::string yes_no(bool value) { return value ? "t" : "f"; }

constexpr std::string_view relation_query = R"(
SELECT n.nspname || '.' || c.relname, c.relkind, c.relpersistence, c.relispartition
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))";

constexpr std::string_view column_query = R"(
SELECT n.nspname || '.' || c.relname, a.attname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum),
  format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef AND a.attgenerated = '', a.attidentity::text,
  a.attgenerated::text, c.relispartition
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND a.attnum > 0 AND NOT a.attisdropped
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))";

constexpr std::string_view constraint_query = R"(
SELECT n.nspname || '.' || c.relname, k.conname, k.contype,
  (SELECT string_agg(a.attname, ',' ORDER BY p.n) FROM unnest(k.conkey) WITH ORDINALITY p (num, n)
   JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.num),
  k.convalidated, k.condeferrable, k.condeferred, f.relname
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class f ON f.oid = k.confrelid LEFT JOIN pg_constraint parent ON parent.oid = k.conparentid
WHERE k.contype IN ('p', 'u', 'c', 'f', 'x') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND (parent.oid IS NULL OR parent.conrelid <> k.conrelid)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))";

constexpr std::string_view index_query = R"(
SELECT n.nspname || '.' || c.relname, x.relname, i.indisunique, i.indisprimary, i.indpred IS NOT NULL, i.indisvalid,
  (SELECT string_agg(coalesce(a.attname, ''), ',' ORDER BY p.n) FROM unnest(i.indkey::int2[]) WITH ORDINALITY p (num, n)
   LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.num AND p.num > 0), m.amname
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = x.relam
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))";

Rows ask(Connection& observer, std::string_view sql) {
  auto rows = observer.run(std::string(sql));
  if (!rows) throw std::runtime_error("the server refuses a catalog query: " + rows.error().one_line());
  return std::move(*rows);
}

Objects server_objects(Connection& observer) {
  Objects objects;
  auto text = [](const Rows& rows, int row, int column) { return std::string(rows.at(row, column)); };
  Rows relations = ask(observer, relation_query);
  for (int i = 0; i < relations.size(); ++i) {
    objects["relation " + text(relations, i, 0)].values = {
        {"kind", text(relations, i, 1)}, {"persistence", text(relations, i, 2)}, {"partition", text(relations, i, 3)}};
  }
  Rows columns = ask(observer, column_query);
  for (int i = 0; i < columns.size(); ++i) {
    auto& values = objects["column " + text(columns, i, 0) + "." + text(columns, i, 1)].values;
    values = {{"position", text(columns, i, 2)}, {"type", text(columns, i, 3)},     {"not null", text(columns, i, 4)},
              {"default", text(columns, i, 5)},  {"identity", text(columns, i, 6)}, {"generated", text(columns, i, 7)}};
    // Before 17 partitions have no identity of their own; the state does not know the version.
    if (columns.at(i, 8) == "t") values.erase("identity");
  }
  Rows constraints = ask(observer, constraint_query);
  for (int i = 0; i < constraints.size(); ++i) {
    std::string kind = text(constraints, i, 2);
    std::string names = text(constraints, i, 3);
    if (kind == "c") {
      std::vector<std::string> list;
      for (size_t at = 0; at < names.size();) {
        size_t end = std::min(names.find(',', at), names.size());
        list.push_back(names.substr(at, end - at));
        at = end + 1;
      }
      names = joined_sorted(std::move(list));
    }
    objects["constraint " + text(constraints, i, 0) + "." + text(constraints, i, 1)].values = {
        {"kind", kind},
        {"columns", names},
        {"validated", text(constraints, i, 4)},
        {"deferrable", text(constraints, i, 5)},
        {"deferred", text(constraints, i, 6)},
        {"references", text(constraints, i, 7)}};
  }
  Rows indexes = ask(observer, index_query);
  for (int i = 0; i < indexes.size(); ++i) {
    objects["index " + text(indexes, i, 0) + "." + text(indexes, i, 1)].values = {
        {"unique", text(indexes, i, 2)}, {"primary", text(indexes, i, 3)}, {"partial", text(indexes, i, 4)},
        {"valid", text(indexes, i, 5)},  {"columns", text(indexes, i, 6)}, {"method", text(indexes, i, 7)}};
  }
  return objects;
}

char kind_letter(RelationKind kind) {
  switch (kind) {
    case RelationKind::table: return 'r';
    case RelationKind::partitioned_table: return 'p';
    case RelationKind::view: return 'v';
    case RelationKind::materialized_view: return 'm';
    case RelationKind::sequence: return 'S';
    case RelationKind::foreign_table: return 'f';
    default: return '?';
  }
}

std::string_view constraint_letter(ConstraintKind kind) {
  switch (kind) {
    case ConstraintKind::primary_key: return "p";
    case ConstraintKind::unique: return "u";
    case ConstraintKind::check: return "c";
    case ConstraintKind::foreign_key: return "f";
    case ConstraintKind::exclusion: return "x";
    default: return "n";
  }
}

void add_relation(const SchemaState& state, const RelationState& relation, Objects& objects) {
  std::string name = relation.name.schema + "." + relation.name.name;
  char persistence = relation.persistence == Persistence::unlogged ? 'u' : 'p';
  objects["relation " + name].values = {{"kind", std::string(1, kind_letter(relation.kind))},
                                        {"persistence", std::string(1, persistence)},
                                        {"partition", yes_no(relation.is_partition())}};
  int position = 0;
  for (const ColumnState& column : relation.columns) {
    Properties& properties = objects["column " + name + "." + column.name];
    const ColumnType& type = column.type;
    std::string text =
        type.kind == ColumnType::Kind::builtin ? type.text : display_name(type.name) + (type.array ? "[]" : "");
    properties.type_unknown = type.name.name.empty();
    properties.values = {{"position", std::to_string(++position)},
                         {"type", text},
                         {"not null", yes_no(column.not_null)},
                         {"default", yes_no(column.default_value.has_value())},
                         {"generated", column.generated == Generated::no       ? ""
                                       : column.generated == Generated::stored ? "s"
                                                                               : "v"}};
    if (!relation.is_partition()) {
      properties.values["identity"] = column.identity == Identity::no       ? ""
                                      : column.identity == Identity::always ? "a"
                                                                            : "d";
    }
  }
  for (const ConstraintState& constraint : relation.constraints) {
    if (constraint.kind == ConstraintKind::not_null) continue;
    const RelationState* referenced = state.relation(constraint.referenced);
    bool check = constraint.kind == ConstraintKind::check;
    std::vector<std::string> columns = constraint.columns;
    std::erase(columns, "");
    objects["constraint " + name + "." + constraint.name].values = {
        {"kind", std::string(constraint_letter(constraint.kind))},
        {"columns", check ? joined_sorted(columns) : joined(columns)},
        {"validated", yes_no(constraint.validated)},
        {"deferrable", yes_no(constraint.deferrable)},
        {"deferred", yes_no(constraint.initially_deferred)},
        {"references", referenced ? referenced->name.name : ""}};
  }
  for (const IndexState& index : relation.indexes) {
    std::string columns;
    for (size_t i = 0; i < index.columns.size(); ++i) columns += (i ? "," : "") + index.columns[i];
    for (const auto& column : index.includes) columns += "," + column;
    objects["index " + name + "." + index.name].values = {{"unique", yes_no(index.unique)},
                                                          {"primary", yes_no(index.primary)},
                                                          {"partial", yes_no(index.partial)},
                                                          {"valid", yes_no(index.valid)},
                                                          {"columns", columns},
                                                          {"method", index.method}};
  }
}

/// A type of an extension is known by its name alone.
bool same_type(const std::string& state, const std::string& server) {
  if (state == server) return true;
  return state.find('.') == std::string::npos && server.ends_with("." + state);
}

}  // namespace

Agreement& Agreement::operator+=(const Agreement& other) {
  objects += other.objects;
  equal += other.equal;
  unknown += other.unknown;
  uncertain_relations += other.uncertain_relations;
  differences.insert(differences.end(), other.differences.begin(), other.differences.end());
  return *this;
}

void fold_part(SchemaState& state, const Part& part) {
  Parser parser, body_parser;
  Script script(part.file, part.section);
  for (const StatementSpan& span : script.statements()) {
    auto statement = parser.parse(script, span);
    if (!statement || !statement->node) continue;
    auto body = body_of(*statement);
    if (!body || body->origin != Origin::do_block) {
      state.apply(*statement);
      continue;
    }
    for_each_statement_in(
        *body, statement->source, body_parser,
        [&](const Statement& inner, const BodyPiece& piece) { state.apply(inner, piece.conditional); },
        [](const SyntaxError&) {});
  }
}

Agreement compare_with_server(const SchemaState& state, Connection& observer) {
  Agreement result;
  Objects server = server_objects(observer), ours;
  for (const RelationState* relation : state.all_relations()) {
    if (relation->persistence == Persistence::temporary || relation->kind == RelationKind::composite_type) continue;
    if (relation->complete && !relation->uncertain) {
      add_relation(state, *relation, ours);
      continue;
    }
    ++result.uncertain_relations;
    std::string name = " " + relation->name.schema + "." + relation->name.name;
    std::erase_if(server, [&](const auto& object) {
      size_t at = object.first.find(' ');
      std::string_view rest = std::string_view(object.first).substr(at);
      return rest == name || rest.starts_with(name + ".");
    });
  }
  for (const auto& [name, theirs] : server) {
    ++result.objects;
    auto found = ours.find(name);
    if (found == ours.end()) {
      result.differences.push_back(name + ": only on the server");
      continue;
    }
    const Properties& own = found->second;
    bool same = true;
    for (const auto& [property, value] : theirs.values) {
      auto said = own.values.find(property);
      if (said == own.values.end()) continue;
      if (property == "type" && (own.type_unknown || same_type(said->second, value))) continue;
      if (said->second == value) continue;
      same = false;
      result.differences.push_back(name + ": " + property + ": state \"" + said->second + "\", server \"" + value +
                                   "\"");
    }
    result.equal += same;
    result.unknown += same && own.type_unknown;
  }
  for (const auto& [name, properties] : ours) {
    if (server.contains(name)) continue;
    ++result.objects;
    result.differences.push_back(name + ": only in the state");
  }
  return result;
}

}  // namespace pgrehearse::test
