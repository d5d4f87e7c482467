// SPDX-License-Identifier: Apache-2.0
#include "migration/schema_types.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pgrehearse {
namespace {

using Spelling = std::pair<std::string_view, std::string_view>;

/// The column types of pg_catalog, 12 to 18, sorted, with format_type()'s spelling.
// clang-format off
constexpr std::array<Spelling, 76> spellings{{
    {"aclitem", "aclitem"}, {"bit", "bit"}, {"bool", "boolean"}, {"box", "box"}, {"bpchar", "character"},
    {"bytea", "bytea"}, {"char", "\"char\""}, {"cid", "cid"}, {"cidr", "cidr"}, {"circle", "circle"},
    {"date", "date"}, {"datemultirange", "datemultirange"}, {"daterange", "daterange"}, {"float4", "real"},
    {"float8", "double precision"}, {"gtsvector", "gtsvector"}, {"inet", "inet"}, {"int2", "smallint"},
    {"int2vector", "int2vector"}, {"int4", "integer"}, {"int4multirange", "int4multirange"},
    {"int4range", "int4range"}, {"int8", "bigint"}, {"int8multirange", "int8multirange"}, {"int8range", "int8range"},
    {"interval", "interval"}, {"json", "json"}, {"jsonb", "jsonb"}, {"jsonpath", "jsonpath"}, {"line", "line"},
    {"lseg", "lseg"}, {"macaddr", "macaddr"}, {"macaddr8", "macaddr8"}, {"money", "money"}, {"name", "name"},
    {"numeric", "numeric"}, {"nummultirange", "nummultirange"}, {"numrange", "numrange"}, {"oid", "oid"},
    {"oidvector", "oidvector"}, {"path", "path"}, {"pg_lsn", "pg_lsn"}, {"pg_snapshot", "pg_snapshot"},
    {"point", "point"}, {"polygon", "polygon"}, {"refcursor", "refcursor"}, {"regclass", "regclass"},
    {"regcollation", "regcollation"}, {"regconfig", "regconfig"}, {"regdictionary", "regdictionary"},
    {"regnamespace", "regnamespace"}, {"regoper", "regoper"}, {"regoperator", "regoperator"}, {"regproc", "regproc"},
    {"regprocedure", "regprocedure"}, {"regrole", "regrole"}, {"regtype", "regtype"}, {"text", "text"},
    {"tid", "tid"}, {"time", "time without time zone"}, {"timestamp", "timestamp without time zone"},
    {"timestamptz", "timestamp with time zone"}, {"timetz", "time with time zone"}, {"tsmultirange", "tsmultirange"},
    {"tsquery", "tsquery"}, {"tsrange", "tsrange"}, {"tstzmultirange", "tstzmultirange"}, {"tstzrange", "tstzrange"},
    {"tsvector", "tsvector"}, {"txid_snapshot", "txid_snapshot"}, {"uuid", "uuid"}, {"varbit", "bit varying"},
    {"varchar", "character varying"}, {"xid", "xid"}, {"xid8", "xid8"}, {"xml", "xml"},
}};
// clang-format on

std::string modifier_text(const ColumnType& type) {
  std::string text = "(";
  for (int32_t modifier : type.modifiers) {
    if (text.size() > 1) text += ",";
    text += std::to_string(modifier);
  }
  return text + ")";
}

}  // namespace

static const Spelling* find_spelling(std::string_view pg_type_name) {
  // Where the names of each first letter begin.
  static constexpr auto first_of = [] {
    std::array<uint8_t, 'z' - 'a' + 2> first{};
    for (size_t letter = 0; letter < first.size(); ++letter) {
      while (first[letter] < spellings.size() && spellings[first[letter]].first[0] < static_cast<char>('a' + letter)) {
        ++first[letter];
      }
    }
    return first;
  }();
  if (pg_type_name.empty() || pg_type_name[0] < 'a' || pg_type_name[0] > 'z') return nullptr;
  auto letter = static_cast<size_t>(pg_type_name[0] - 'a');
  for (size_t i = first_of[letter]; i < first_of[letter + 1]; ++i) {
    if (spellings[i].first == pg_type_name) return &spellings[i];
  }
  return nullptr;
}

/// Of the built-in type that the name can only be; nullptr for others.
static const Spelling* spelling_of(const TypeName& name) {
  int names = length(name.names);
  std::string_view schema = names > 1
                                ? string_value(static_cast<const Node*>(name.names->elements[names - 2].ptr_value))
                                : std::string_view();
  bool may_be_builtin = !name.setof && !name.pct_type && (schema.empty() || schema == "pg_catalog");
  return may_be_builtin ? find_spelling(last_name(name.names)) : nullptr;
}

std::string_view builtin_type(std::string_view pg_type_name) {
  const Spelling* found = find_spelling(pg_type_name);
  return found ? found->second : std::string_view();
}

void set_type_text(ColumnType& type) {
  std::string name =
      type.name.schema.empty() && type.kind == ColumnType::Kind::builtin ? type.name.name : display_name(type.name);
  if (!type.modifiers.empty()) {
    // "timestamp(3) with time zone": the modifier goes before the words that follow the first one.
    bool time = name.starts_with("time");
    size_t at = time ? name.find(' ') : std::string::npos;
    if (at == std::string::npos) at = name.size();
    name.insert(at, modifier_text(type));
  }
  if (type.array) name += "[]";
  type.text = std::move(name);
}

ColumnType plain_type(const TypeName& name) {
  ColumnType type;
  type.array = name.arrayBounds != nullptr;
  const Spelling* spelling = spelling_of(name);
  if (spelling) {
    type.name.name = spelling->second;
    type.kind = ColumnType::Kind::builtin;
  } else {
    type.name = qualified_name(name.names);
  }
  type.base = type.name.name;
  for (const A_Const& modifier : each<A_Const>(name.typmods)) {
    if (modifier.val.node.type == T_Integer) type.modifiers.push_back(modifier.val.ival.ival);
  }
  if (type.kind != ColumnType::Kind::builtin) return type;
  if (type.base == "interval" && !type.modifiers.empty()) {
    // interval(3) arrives as (range mask, 3); a mask alone (interval year) is no precision.
    type.modifiers.erase(type.modifiers.begin());
  } else if (type.base == "numeric" && type.modifiers.size() == 1) {
    type.modifiers.push_back(0);
  } else if (type.base == "bit" && type.modifiers.empty()) {
    type.modifiers.push_back(1);
  }
  set_type_text(type);
  return type;
}

const Common<ColumnType>& BuiltinTypes::plain(size_t name) {
  if (plain_.empty()) plain_.resize(spellings.size());
  Common<ColumnType>& type = plain_[name];
  if (type->kind == ColumnType::Kind::unknown) {
    ColumnType made;
    made.text = made.name.name = made.base = spellings[name].second;
    made.kind = ColumnType::Kind::builtin;
    type = std::move(made);
  }
  return type;
}

const Common<ColumnType>& BuiltinTypes::spelled(std::string_view spelling) {
  auto found = std::ranges::find(spellings, spelling, &Spelling::second);
  return plain(static_cast<size_t>(found - spellings.begin()));
}

const Common<ColumnType>* BuiltinTypes::find(const TypeName& name) {
  const Spelling* spelling = spelling_of(name);
  if (!spelling) return nullptr;
  auto place = static_cast<size_t>(spelling - spellings.data());
  if (!name.typmods && !name.arrayBounds && spelling->second != "bit") return &plain(place);
  Written written{place, name.arrayBounds != nullptr, 0, {}};
  for (const A_Const& modifier : each<A_Const>(name.typmods)) {
    bool fits = modifier.val.node.type == T_Integer && written.modifiers < 2;
    if (!fits) return nullptr;
    written.modifier[static_cast<size_t>(written.modifiers++)] = modifier.val.ival.ival;
  }
  for (const auto& [known, type] : modified_) {
    if (known == written) return &type;
  }
  constexpr size_t most = 64;  // of a schema where each column has another length
  if (modified_.size() == most) modified_.pop_back();
  return &modified_.emplace_back(written, plain_type(name)).second;
}

std::string_view serial_base(const TypeName& name) {
  if (length(name.names) != 1 || name.setof || name.pct_type) return {};
  std::string_view written = last_name(name.names);
  if (written == "serial" || written == "serial4") return "integer";
  if (written == "bigserial" || written == "serial8") return "bigint";
  if (written == "smallserial" || written == "serial2") return "smallint";
  return {};
}

}  // namespace pgrehearse
