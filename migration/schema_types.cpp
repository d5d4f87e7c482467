// SPDX-License-Identifier: Apache-2.0
#include "migration/schema_types.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pgrehearse {
namespace {

using Spelling = std::pair<std::string_view, std::string_view>;

/// Types that format_type() spells by the SQL standard.
constexpr std::array<Spelling, 14> standard_spellings{{{"bit", "bit"},
                                                       {"bool", "boolean"},
                                                       {"bpchar", "character"},
                                                       {"char", "\"char\""},
                                                       {"float4", "real"},
                                                       {"float8", "double precision"},
                                                       {"int2", "smallint"},
                                                       {"int4", "integer"},
                                                       {"int8", "bigint"},
                                                       {"time", "time without time zone"},
                                                       {"timestamp", "timestamp without time zone"},
                                                       {"timestamptz", "timestamp with time zone"},
                                                       {"timetz", "time with time zone"},
                                                       {"varbit", "bit varying"}}};

/// The other column types of pg_catalog, 12 to 18, sorted.
constexpr std::array<std::string_view, 59> plain_names{"aclitem",
                                                       "box",
                                                       "bytea",
                                                       "cid",
                                                       "cidr",
                                                       "circle",
                                                       "date",
                                                       "datemultirange",
                                                       "daterange",
                                                       "gtsvector",
                                                       "inet",
                                                       "int2vector",
                                                       "int4multirange",
                                                       "int4range",
                                                       "int8multirange",
                                                       "int8range",
                                                       "interval",
                                                       "json",
                                                       "jsonb",
                                                       "jsonpath",
                                                       "line",
                                                       "lseg",
                                                       "macaddr",
                                                       "macaddr8",
                                                       "money",
                                                       "name",
                                                       "numeric",
                                                       "nummultirange",
                                                       "numrange",
                                                       "oid",
                                                       "oidvector",
                                                       "path",
                                                       "pg_lsn",
                                                       "pg_snapshot",
                                                       "point",
                                                       "polygon",
                                                       "refcursor",
                                                       "regclass",
                                                       "regcollation",
                                                       "regconfig",
                                                       "regdictionary",
                                                       "regnamespace",
                                                       "regoper",
                                                       "regoperator",
                                                       "regproc",
                                                       "regprocedure",
                                                       "regrole",
                                                       "regtype",
                                                       "text",
                                                       "tid",
                                                       "tsmultirange",
                                                       "tsquery",
                                                       "tsrange",
                                                       "tstzmultirange",
                                                       "tstzrange",
                                                       "tsvector",
                                                       "txid_snapshot",
                                                       "uuid",
                                                       "xid"};

std::string modifier_text(const ColumnType& type) {
  std::string text = "(";
  for (int32_t modifier : type.modifiers) {
    if (text.size() > 1) text += ",";
    text += std::to_string(modifier);
  }
  return text + ")";
}

}  // namespace

std::string_view builtin_type(std::string_view pg_type_name) {
  for (const auto& [name, spelling] : standard_spellings) {
    if (name == pg_type_name) return spelling;
  }
  if (pg_type_name == "varchar") return "character varying";
  if (pg_type_name == "xml" || pg_type_name == "xid8") return pg_type_name == "xml" ? "xml" : "xid8";
  auto found = std::ranges::lower_bound(plain_names, pg_type_name);
  return found != plain_names.end() && *found == pg_type_name ? *found : std::string_view();
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
  type.name = qualified_name(name.names);
  type.array = name.arrayBounds != nullptr;
  if (type.name.schema.empty() || type.name.schema == "pg_catalog") {
    std::string_view builtin = builtin_type(type.name.name);
    if (!builtin.empty() && !name.setof && !name.pct_type) {
      type.name = {"", std::string(builtin)};
      type.kind = ColumnType::Kind::builtin;
    }
  }
  type.base = type.name.name;
  for (const A_Const& modifier : each<A_Const>(name.typmods)) {
    if (modifier.val.node.type == T_Integer) type.modifiers.push_back(modifier.val.ival.ival);
  }
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

std::string_view serial_base(const TypeName& name) {
  if (length(name.names) != 1 || name.setof || name.pct_type) return {};
  std::string_view written = last_name(name.names);
  if (written == "serial" || written == "serial4") return "integer";
  if (written == "bigserial" || written == "serial8") return "bigint";
  if (written == "smallserial" || written == "serial2") return "smallint";
  return {};
}

}  // namespace pgrehearse
