// SPDX-License-Identifier: Apache-2.0
#include "runner/sample_values.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

namespace pgrehearse {
namespace {

constexpr long endless = std::numeric_limits<int>::max();
/// Longer ones do not fit into an index of the B-tree kind, which is a limit of its own.
constexpr size_t longest = 1000;

template <class... T>
bool is(const std::string& type, T... names) {
  return ((type == names) || ...);
}

template <class... T>
std::string print(const char* format, T... values) {
  std::array<char, 160> text;
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

struct Digits {
  int precision = 0;
  int scale = 0;
};
std::optional<Digits> digits_of(const ColumnShape& column) {
  if (column.type != "numeric" || column.modifier < 4) return std::nullopt;
  int packed = column.modifier - 4;
  int scale = packed & 0x7ff;  // a negative one has the sign bit of 11
  if (scale >= 1024) scale -= 2048;
  return Digits{packed >> 16 & 0xffff, scale};
}

std::string base36(long n) {
  std::string text;
  do {
    text.insert(text.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[n % 36]);
    n /= 36;
  } while (n > 0);
  return text;
}

long power(long base, size_t exponent) {
  long value = 1;
  for (size_t i = 0; i < exponent && value < endless; ++i) value *= base;
  return std::min(value, endless);
}

std::string text_value(const ColumnShape& column, long n) {
  std::string number = std::to_string(n);
  std::string value = "value " + number;
  auto named = [&](std::string_view part) { return column.plain.find(part) != std::string::npos; };
  if (named("mail"))
    value = "user" + number + "@example.com";
  else if (named("url") || named("uri") || named("link"))
    value = "https://example.com/" + number;
  else if (named("phone"))
    value = print("+1555%07ld", n);
  else if (named("slug") || named("key") || named("code"))
    value = "value-" + number;
  else if (named("uuid"))
    value = print("00000000-0000-4000-8000-%012lx", n);
  if (value.size() > longest_text(column)) value = base36(n);
  if (value.size() > longest_text(column)) value.erase(0, value.size() - longest_text(column));
  return value;
}

std::string timestamp(long n) {
  return print("20%02ld-%02ld-%02ld %02ld:30:00", 20 + n / 336 % 80, n / 28 % 12 + 1, n % 28 + 1, n / 26880 % 24);
}

std::optional<std::string> scalar(const ColumnShape& column, const std::string& type, long n, bool key) {
  if (is_text(type)) return text_value(column, n);
  if (type == "int2") return std::to_string(key ? 20'001 + n % 12'000 : 1 + n);
  if (is(type, "int4", "oid")) return std::to_string(key ? 1'000'001 + n : n % 50 == 40 ? 100'000 + n : 1 + n);
  if (type == "int8") return std::to_string(key ? 1'000'001 + n : n % 50 == 40 ? 3'000'000'000 + n : 1 + n);
  if (type == "numeric") {
    auto digits = digits_of(column);
    if (!digits) return print("%ld.%02ld", 1 + n, n % 100);
    long room = power(10, static_cast<size_t>(std::max(0, digits->precision - std::max(0, digits->scale))));
    auto after_point = [&](long value) {
      std::string text = std::to_string(value);
      auto wanted = static_cast<size_t>(std::max(1, digits->scale));
      return text.size() < wanted ? std::string(wanted - text.size(), '0') + text : text;
    };
    if (room <= 1) return "0." + after_point(n % power(10, static_cast<size_t>(std::max(1, digits->precision))));
    if (digits->scale <= 0) return std::to_string((1 + n) % room);
    return std::to_string((1 + n) % room) + "." + after_point(n % 10);
  }
  if (is(type, "float4", "float8")) return print("%ld.5", 1 + n);
  if (type == "money") return print("%ld.50", 1 + n);
  if (type == "bool") return n % 2 ? "t" : "f";
  if (type == "uuid") return print("00000000-0000-4000-8000-%012lx", n + 1);
  if (type == "date") return timestamp(n).substr(0, 10);
  if (is(type, "timestamp", "timestamptz")) return timestamp(n);
  if (is(type, "time", "timetz")) return print("%02ld:%02ld:00", n / 60 % 24, n % 60);
  if (type == "interval") return print("%ld hours", 1 + n);
  if (is(type, "json", "jsonb")) return print(R"({"n": %ld})", n);
  if (type == "bytea") return print("\\x%08lx", n);
  if (is(type, "inet", "cidr")) return print("10.%ld.%ld.%ld", n / 65536 % 256, n / 256 % 256, n % 256);
  if (type == "macaddr") return print("02:00:00:%02lx:%02lx:%02lx", n / 65536 % 256, n / 256 % 256, n % 256);
  if (type == "macaddr8") return print("02:00:00:00:00:%02lx:%02lx:%02lx", n / 65536 % 256, n / 256 % 256, n % 256);
  if (type == "xml") return print("<n>%ld</n>", n);
  if (is(type, "bit", "varbit")) {
    std::string bits;
    int length = column.modifier > 0 ? column.modifier : type == "bit" ? 1 : 16;
    for (int i = std::min(length, 30); i-- > 0;) bits += (n >> i & 1) ? '1' : '0';
    return std::string(static_cast<size_t>(length) - bits.size(), '0') + bits;
  }
  if (is(type, "tsvector", "tsquery")) return print("word%ld", n);
  if (type == "point") return print("(%ld,%ld)", n, n);
  if (is(type, "box", "lseg")) return print("(%ld,%ld),(%ld,%ld)", n + 1, n + 1, n, n);
  if (is(type, "path", "polygon")) return print("((%ld,0),(%ld,1),(0,1))", n, n + 1);
  if (type == "circle") return print("<(%ld,0),1>", n);
  if (type == "line") return print("{1,1,%ld}", n);
  if (type == "pg_lsn") return print("0/%lX", n + 1);
  if (is(type, "xid", "xid8", "cid")) return std::to_string(n + 3);
  if (type == "char") return std::string(1, static_cast<char>('a' + n % 26));
  if (type == "hstore") return print("\"key\"=>\"%ld\"", n);
  if (type == "ltree") return print("top.n%ld", n);
  if (is(type, "int4range", "int8range", "numrange")) return print("[%ld,%ld)", 10 * n, 10 * n + 5);
  if (type == "daterange") return "[" + timestamp(n).substr(0, 10) + "," + timestamp(n).substr(0, 10) + "]";
  if (is(type, "tsrange", "tstzrange")) {
    std::string day = timestamp(n).substr(0, 10);
    return "[" + day + " 01:00," + day + " 02:00)";
  }
  if (is(type, "int4multirange", "int8multirange", "nummultirange")) return print("{[%ld,%ld)}", 10 * n, 10 * n + 5);
  if (type.ends_with("multirange")) return "{}";
  return std::nullopt;
}

/// As an element of an array's text.
std::string element(const std::string& value) {
  std::string text = "{\"";
  for (char c : value) text.append(c == '"' || c == '\\' ? "\\" : "").push_back(c);
  return text + "\"}";
}

}  // namespace

bool is_text(const std::string& type) { return is(type, "text", "varchar", "bpchar", "citext", "name"); }

size_t longest_text(const ColumnShape& column) {
  if (is(column.type, "varchar", "bpchar") && column.modifier >= 4) return static_cast<size_t>(column.modifier - 4);
  if (column.type == "bpchar") return 1;
  return column.type == "name" ? 63 : longest;
}

long distinct_values(const ColumnShape& column) {
  if (!column.labels.empty() && column.element.empty()) return static_cast<long>(column.labels.size());
  if (column.type == "bool") return 2;
  if (column.type == "char") return 26;
  if (column.type == "int2") return 12'000;
  if (is(column.type, "time", "timetz")) return 1440;
  if (is(column.type, "date", "daterange", "tsrange", "tstzrange")) return 26'880;
  if (is_text(column.type)) return power(36, std::min<size_t>(longest_text(column), 6));
  if (column.type == "bit") return power(2, static_cast<size_t>(std::clamp(column.modifier, 1, 30)));
  if (auto digits = digits_of(column)) {
    int room = digits->precision - std::max(0, digits->scale);
    return power(10, static_cast<size_t>(std::max(1, room > 0 ? room : digits->scale)));
  }
  if (column.type.ends_with("multirange") && !is(column.type, "int4multirange", "int8multirange", "nummultirange"))
    return 1;
  return endless;
}

std::optional<std::string> plain_value(const ColumnShape& column, long n, bool key, bool digits) {
  if (digits && is_text(column.type)) return std::to_string(n);
  if (!column.element.empty()) {
    if (!column.labels.empty()) return element(column.labels[static_cast<size_t>(n) % column.labels.size()]);
    ColumnShape one;
    one.plain = column.plain;
    one.modifier = column.modifier;
    one.type = column.element;
    auto value = scalar(one, column.element, n, false);
    return value ? std::optional(element(*value)) : std::nullopt;
  }
  if (column.kind == 'e') {
    if (column.labels.empty()) return std::nullopt;
    return column.labels[static_cast<size_t>(n) % column.labels.size()];
  }
  return scalar(column, column.type, n, key);
}

std::vector<std::string> extreme_values(const ColumnShape& column) {
  const std::string& type = column.type;
  if (!column.element.empty()) return {"{}"};
  if (is_text(type)) return {"", std::string(longest_text(column), 'x'), "\xc3\xa4\xe2\x82\xac '\"\\ <&>"};
  if (type == "int2") return {"-32768", "32767", "0"};
  if (type == "int4") return {"-2147483648", "2147483647", "0"};
  if (type == "int8") return {"-9223372036854775808", "9223372036854775807", "0"};
  if (type == "numeric") {
    auto digits = digits_of(column);
    if (!digits) return {"-99999999999999999999.123456", "99999999999999999999.123456", "0"};
    std::string most(static_cast<size_t>(std::max(1, digits->precision - std::max(0, digits->scale))), '9');
    if (digits->precision <= digits->scale) most = "0";
    if (digits->scale > 0)
      most += "." + std::string(static_cast<size_t>(std::min(digits->scale, digits->precision)),
                                digits->precision >= digits->scale ? '9' : '0');
    return {"-" + most, most, "0"};
  }
  if (is(type, "float4", "float8")) return {"-1e30", "1e30", "0"};
  if (type == "date") return {"0001-01-01", "9999-12-31"};
  if (is(type, "timestamp", "timestamptz")) return {"0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"};
  if (is(type, "time", "timetz")) return {"00:00:00", "23:59:59.999999"};
  if (type == "interval") return {"-1000 years", "1000 years"};
  if (type == "json" || type == "jsonb") return {"null", "[]", "{}"};
  if (type == "bytea") return {""};
  return {};
}

}  // namespace pgrehearse
