// SPDX-License-Identifier: Apache-2.0
#include "tests/claims.h"

#include <array>

namespace pgrehearse::test {
namespace {

struct Entry {
  std::string_view rule;
  std::string_view part;  ///< of the example's text; empty: any
  std::string_view value;
};

constexpr std::array contexts{
    Entry{"alter-column-type-unknown-source", "not_seen_here",
          "CREATE TABLE not_seen_here (id integer, code varchar(20), note text)"},
    Entry{"create-index-not-concurrent", "others_partitioned",
          "CREATE TABLE logs_that_others_partitioned (at date) PARTITION BY RANGE (at)"},
    Entry{"drop-index-not-concurrent", "somebody_made",
          "CREATE TABLE theirs (id bigint); CREATE INDEX somebody_made_this_one ON theirs (id)"},
    Entry{"expired-suppression", "", "CREATE TABLE countries (id bigint)"},
    Entry{"grant-all", "SEQUENCE", "CREATE ROLE app; CREATE SEQUENCE order_numbers"},
    Entry{"grant-all", "", "CREATE ROLE app"},
    Entry{"grant-to-public", "DATABASE", "CREATE DATABASE shop"},
    Entry{"grant-to-public", "", "CREATE ROLE app; CREATE ROLE public_reports"},
    Entry{"non-utf8-or-bom", "orders", "CREATE TABLE orders (id bigint)"},
    Entry{"non-utf8-or-bom", "cities", "CREATE TABLE cities (name text)"},
    Entry{"policy-without-rls", "unknown_table", "CREATE TABLE unknown_table (id bigint)"},
    Entry{"role-bypassrls", "ALTER ROLE reports", "CREATE ROLE reports"},
    Entry{"role-password-literal", "CREATE ", ""},
    Entry{"role-password-literal", "", "CREATE ROLE app"},
    Entry{"role-superuser", "ALTER ROLE app", "CREATE ROLE app"},
    Entry{"secret-in-literal", "settings", "CREATE TABLE settings (name text, value text)"},
    Entry{"secret-in-literal", "keys", "CREATE TABLE keys (pem text)"},
    Entry{"secret-in-literal", "images", "CREATE TABLE images (url text, hash text)"},
    Entry{"secret-in-literal", "users", "CREATE TABLE users (hash text)"},
    Entry{"security-definer-no-search-path", "CREATE FUNCTION",
          "CREATE TABLE orders (amount numeric); CREATE SCHEMA app; CREATE TABLE app.orders (amount numeric)"},
    Entry{"security-definer-no-search-path", "ALTER FUNCTION",
          "CREATE FUNCTION total() RETURNS numeric LANGUAGE sql AS 'SELECT 1.0'"},
    Entry{"suppression-without-reason", "", "CREATE TABLE orders (id bigint); CREATE TABLE countries (id bigint)"},
    Entry{"unknown-suppression", "", "CREATE TABLE countries (id bigint)"},
    Entry{"unnamed-index", "not_seen_here", "CREATE TABLE not_seen_here (id bigint)"},
    Entry{"unparsable-statement", "", "CREATE TABLE orders (id bigint, status text, total numeric)"},
    Entry{"unused-suppression", "", "CREATE ROLE app; CREATE TABLE countries (id bigint)"},
};

constexpr std::array failures{
    Entry{"concurrently-in-transaction", "", "25001"},
    Entry{"copy-program", "", "38000"},  // the server runs in a place without the program or the network
    Entry{"insert-not-idempotent", "SELECT line FROM log;", "23505"},  // both tables hold the same row
    Entry{"non-utf8-or-bom", "M\xfcnchen", "22021"},
    Entry{"role-password-literal", ":'", "42601"},  // psql fills it in
    Entry{"unparsable-statement", "LOOP", "42601"},
    Entry{"unparsable-statement", ":schema", "42601"},
};

constexpr std::array without_claims{
    Entry{"missing-lock-timeout", "", "about the time-out: each of its locks is claimed by another rule"},
};

template <size_t N>
std::string_view find(const std::array<Entry, N>& entries, std::string_view rule, std::string_view example) {
  for (const Entry& entry : entries) {
    if (entry.rule == rule && example.find(entry.part) != std::string_view::npos) return entry.value;
  }
  return {};
}

}  // namespace

std::string_view context_of(std::string_view rule, std::string_view example) {
  return find(contexts, rule, example);
}
std::string_view expected_failure(std::string_view rule, std::string_view example) {
  return find(failures, rule, example);
}
std::string_view why_without_claims(std::string_view rule) {
  return find(without_claims, rule, {});
}

}  // namespace pgrehearse::test
