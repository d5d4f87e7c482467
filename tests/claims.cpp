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
    Entry{"add-column-unknown-function-default", "made_elsewhere",
          "CREATE FUNCTION made_elsewhere() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'"},
    Entry{"attach-partition-scans-default", "not_seen",
          "CREATE TABLE not_seen (a int) PARTITION BY LIST (a); CREATE TABLE not_seen_1 (a int)"},
    Entry{"object-changed-on-both-branches", "SET DEFAULT", "CREATE TABLE orders (id bigint, note text)"},
    Entry{"object-changed-on-both-branches", "ADD COLUMN", "CREATE TABLE orders (id bigint)"},
    Entry{"placeholder-unset", "orders",
          "CREATE TABLE orders (id bigint, state text); CREATE TABLE letters (body text)"},
    Entry{"placeholder-unset", "letters", "CREATE TABLE letters (body text)"},
    Entry{"unresolved-merge-marker", "log", "CREATE TABLE log (line text)"},
    Entry{"alter-system", "DATABASE shop", "CREATE DATABASE shop"},
    Entry{"alter-system", "ROLE report", "CREATE ROLE report"},
    Entry{"if-not-exists-hides-drift", "not_seen", "CREATE TABLE not_seen (id bigint)"},
    Entry{"load-library", "ROLE report", "CREATE ROLE report"},
    Entry{"on-conflict-without-key", "not_seen", "CREATE TABLE not_seen (name text)"},
    Entry{"set-role-not-reset", "owner", "CREATE ROLE owner SUPERUSER"},
    Entry{"alter-column-type-unknown-source", "not_seen_here",
          "CREATE TABLE not_seen_here (id integer, code varchar(20), note text)"},
    Entry{"attach-partition-scan", "made_by_others", "CREATE TABLE made_by_others (at date NOT NULL, line text)"},
    Entry{"cluster", "others_made",
          "CREATE TABLE orders_that_others_made (id bigint PRIMARY KEY); "
          "CLUSTER orders_that_others_made USING orders_that_others_made_pkey"},
    Entry{"create-partition-locks-parent", "made_by_others",
          "CREATE TABLE made_by_others (a int) PARTITION BY LIST (a)"},
    Entry{"detach-partition-not-concurrent", "made_by_others",
          "CREATE TABLE made_by_others (a int) PARTITION BY LIST (a); "
          "CREATE TABLE made_by_others_1 PARTITION OF made_by_others FOR VALUES IN (1)"},
    Entry{"drop-without-if-exists", "totals", "CREATE MATERIALIZED VIEW totals AS SELECT 1 AS id"},
    Entry{"drop-without-if-exists", "somebody", "CREATE ROLE somebody"},
    Entry{"refresh-matview-not-concurrent", "somebody_made",
          "CREATE MATERIALIZED VIEW somebody_made_this_one AS SELECT 1 AS id"},
    Entry{"refresh-concurrently-no-unique-index", "somebody_made",
          "CREATE MATERIALIZED VIEW somebody_made_this_one AS SELECT 1 AS id; "
          "CREATE UNIQUE INDEX ON somebody_made_this_one (id)"},
    Entry{"create-index-not-concurrent", "others_partitioned",
          "CREATE TABLE logs_that_others_partitioned (at date) PARTITION BY RANGE (at)"},
    Entry{"drop-index-not-concurrent", "somebody_made",
          "CREATE TABLE theirs (id bigint); CREATE INDEX somebody_made_this_one ON theirs (id)"},
    Entry{"expired-suppression", "", "CREATE TABLE countries (id bigint)"},
    Entry{"grant-all", "SEQUENCE", "CREATE ROLE app; CREATE SEQUENCE order_numbers"},
    Entry{"grant-all", "", "CREATE ROLE app"},
    Entry{"grant-to-public", "DATABASE", "CREATE DATABASE shop"},
    Entry{"grant-to-public", "", "CREATE ROLE app; CREATE ROLE public_reports"},
    Entry{"not-valid-never-validated", "REFERENCES b",
          "CREATE TABLE b (id bigint PRIMARY KEY); CREATE TABLE orders (id bigint, a bigint); "
          "CREATE TABLE other (id bigint); ALTER TABLE other ADD CONSTRAINT d CHECK (id > 0) NOT VALID"},
    Entry{"not-valid-never-validated", "CREATE TABLE orders", ""},
    Entry{"not-valid-never-validated", "", "CREATE TABLE orders (id bigint)"},
    Entry{"non-utf8-or-bom", "orders", "CREATE TABLE orders (id bigint)"},
    Entry{"non-utf8-or-bom", "cities", "CREATE TABLE cities (name text)"},
    Entry{"policy-without-rls", "unknown_table", "CREATE TABLE unknown_table (id bigint)"},
    Entry{"role-bypassrls", "ALTER ROLE reports", "CREATE ROLE reports"},
    Entry{"role-password-literal", "CREATE ", ""},
    Entry{"role-password-literal", "", "CREATE ROLE app"},
    Entry{"role-superuser", "ALTER ROLE app", "CREATE ROLE app"},
    Entry{"set-role-not-reset", "", "CREATE ROLE owner SUPERUSER"},
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
    Entry{"add-column-inline-unique", "number bigint PRIMARY KEY", "23502"},  // there are rows
    Entry{"concurrently-in-transaction", "", "25001"},
    Entry{"ddl-dml-mixed", "INSERT INTO orders (id) VALUES (1)", "23505"},      // that row is there
    Entry{"drop-without-if-exists", "DROP POLICY mine", "42704"},               // there is none: what the rule is about
    Entry{"enum-value-used-in-same-transaction", "CREATE TYPE size", "55P04"},  // before 17
    Entry{"prepared-transaction", "ROLLBACK PREPARED", "42704"},
    Entry{"prepared-transaction", "PREPARE TRANSACTION", "55000"},    // max_prepared_transactions is 0
    Entry{"sleep-or-remote-call-in-transaction", "dblink", "42883"},  // without the extensions
    Entry{"sleep-or-remote-call-in-transaction", "http_get", "42883"},
    Entry{"psql-runs-program", ":owner", "42601"},                              // psql fills it in
    Entry{"drop-without-if-exists", "DROP CONSTRAINT positive, ADD", "23514"},  // a row is against it
    Entry{"enum-value-used-in-same-transaction", "CREATE TYPE size", "55P04"},  // goes well since 17
    Entry{"prepared-transaction", "left by somebody", "42704"},                 // nobody left one
    Entry{"placeholder-unset", "CREATE ROLE", ""},
    Entry{"placeholder-unset", "CREATE TABLE :name", "42601"},         // psql fills it in
    Entry{"placeholder-unset", "V1__", "42601"},                       // Flyway does
    Entry{"placeholder-unset", "ENVSUB", "42601"},                     // goose does
    Entry{"set-tablespace", "fast", "42704"},                          // there is none of that name
    Entry{"syntax-newer-than-target", "", "42601"},                    // goes well on newer servers
    Entry{"insert-not-idempotent", "SELECT line FROM log;", "23505"},  // both tables hold the same row
    Entry{"non-utf8-or-bom", "M\xfcnchen", "22021"},
    Entry{"role-password-literal", ":'", "42601"},  // psql fills it in
    Entry{"unparsable-statement", "LOOP", "42601"},
    Entry{"unparsable-statement", ":schema", "42601"},
};

constexpr std::array not_run_here{
    Entry{"copy-program", "", "a superuser's server would start programs"},
    Entry{"server-side-copy-file", "", "a superuser's server would write files of this machine"},
};

constexpr std::array without_claims{
    Entry{"missing-lock-timeout", "", "about the time-out: each of its locks is claimed by another rule"},
    Entry{"add-column-unknown-function-default", "", "about what cannot be known"},
    Entry{"set-tablespace", "", "needs another disk; cases.txt has it"},
    Entry{"not-valid-never-validated", "", "about what never comes: add-check-validating claims the locks"},
    Entry{"session-replication-role", "", "about triggers that do not fire: a setting takes no lock"},
    Entry{"vacuum-full", "", "runs alone and lets go before anybody can look; cases.txt has it"},
};

template <size_t N>
std::string_view find(const std::array<Entry, N>& entries, std::string_view rule, std::string_view example) {
  for (const Entry& entry : entries) {
    if (entry.rule == rule && example.find(entry.part) != std::string_view::npos) return entry.value;
  }
  return {};
}

}  // namespace

std::string_view context_of(std::string_view rule, std::string_view example) { return find(contexts, rule, example); }
std::string_view expected_failure(std::string_view rule, std::string_view example) {
  return find(failures, rule, example);
}
std::string_view why_not_run(std::string_view rule) { return find(not_run_here, rule, {}); }
std::string_view why_without_claims(std::string_view rule) { return find(without_claims, rule, {}); }

}  // namespace pgrehearse::test
