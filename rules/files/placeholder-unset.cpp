// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "linter/rule.h"
#include "migration/markdown.h"
#include "rules/support/roles.h"
#include "rules/support/secret_values.h"
#include "rules/support/settings.h"
#include "sql/markers.h"

namespace pgrehearse::rules::placeholder_unset {
namespace {

bool is_one_of(std::string_view layout, std::initializer_list<std::string_view> layouts) {
  return std::ranges::find(layouts, layout) != layouts.end();
}

/// Whether the tool itself (or psql) puts values in for marks of that form: which ones are set is not in the files.
bool is_filled_in(std::string_view mark, const Context& context) {
  std::string_view layout = context.set().layout;
  switch (mark.front()) {
    case ':': return has_own_session(context) || layout == "graphile-migrate";
    case '$':
      return is_one_of(layout, {"flyway", "flyway-undo", "liquibase"}) ||
             (layout == "goose" && contains_ignoring_case(context.part().file->text(), "+goose envsub on"));
    case '{':
      return is_one_of(layout, {"atlas", "pop", "tern"}) ||
             (layout == "dbmate" && contains_ignoring_case(context.part().file->text(), " env:"));
    default: return false;
  }
}

/// The first mark outside of strings and comments that the parser could not take as it stands. Marks that it can take
/// (`5 %s`, a slice `[a:b]`) are SQL.
Span first_bridged(const Statement& statement) {
  std::string_view source = statement.span.in(statement.source);
  bool as_it_stands = statement.text.data() == source.data() || statement.text == source;
  if (as_it_stands || statement.text.size() != source.size()) return {};
  Lexer lexer(source);
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    if (token.is_comment()) continue;
    Span mark = token.span;
    if (token.kind != TokenKind::variable) {
      std::optional<Marker> marker;
      for (uint32_t i = first_possible_marker(source, token); i < token.span.end && !marker; ++i)
        marker = marker_at(source, i);
      if (!marker) continue;
      mark = marker->span;
      lexer.seek(mark.end);
    }
    if (mark.in(statement.text) == mark.in(source)) continue;
    return {statement.span.begin + mark.begin, statement.span.begin + mark.end};
  }
  return {};
}

/// The password of a role that is a mark and nothing else: it becomes the password.
Span password_mark(const Statement& statement) {
  const DefElem* option = role_option(statement, "password");
  if (!option || !as<String>(option->arg)) return {};
  std::string_view password = string_value(option->arg);
  auto mark = marker_at(password, 0);
  if (!mark || mark->block || mark->name.empty() || mark->span.size() != password.size()) return {};
  size_t at = statement.source.find(password, statement.file_offset(option->location));
  if (at == std::string_view::npos || at > statement.span.end) return {};
  return {static_cast<uint32_t>(at), static_cast<uint32_t>(at + password.size())};
}

std::string name_in(std::string_view mark) {
  size_t begin = 0;
  while (begin < mark.size() && !is_identifier_start(mark[begin])) ++begin;
  size_t end = begin;
  while (end < mark.size() && is_identifier_part(mark[end])) ++end;
  return std::string(mark.substr(begin, end - begin));
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  if (statement.origin != Origin::top_level || is_read_only(context.set())) return;
  bool is_role = statement.as<CreateRoleStmt>() || statement.as<AlterRoleStmt>();
  Span span = is_role ? password_mark(statement) : Span();
  bool is_password = !span.empty();
  if (!is_password) span = first_bridged(statement);
  if (span.empty() || context.already_reported()) return;
  std::string_view mark = span.in(statement.source);
  if (is_filled_in(mark, context)) return;
  bool by_hand = has_own_session(context) || context.set().layout == "plain";
  std::string shown = "the mark " + std::string(mark.substr(0, 40)) + " has no value";
  auto& finding = context.report(
      span, shown + (by_hand ? " here" : ": " + context.set().layout + " fills none in") +
                (is_password ? ", and becomes the password as it stands" : ", and the server refuses it as it stands"));
  if (by_hand) finding.severity = Severity::warning;
  std::string name = name_in(mark);
  finding.help = "Write the value, or render the file before it is run. Where something renders it, --variables " +
                 (name.empty() ? std::string("NAME") : name) +
                 "=VALUE tells lint and the rehearsal what it stands for.";
  if (mark.front() == '$' && context.set().layout == "goose") finding.help += " goose needs -- +goose ENVSUB ON.";
  if (mark.front() == ':') finding.help += " Only psql knows :name.";
}

Rule rule() {
  return {
      .info =
          {.id = "placeholder-unset",
           .title = "A template mark that nobody fills in",
           .category = Category::files,
           .severity = Severity::error,
           .why = R"(
`${name}`, `{{ name }}`, `<%= name %>`, `%(name)s` and psql's `:name` stand for a value that some program puts in before the server
sees the file. Most migration tools put in nothing: they send the mark as it stands. PostgreSQL refuses it (SQLSTATE 42601), and in
a file without a transaction what stands above it is applied by then. Inside the quotes of a password it is worse: nothing fails,
and the role gets a password that everybody who can read the repository knows.

The rule keeps silent where the tool knows that kind of mark: `${}` of Flyway and Liquibase, and of goose behind `ENVSUB ON`; `{{ }}`
of Atlas, pop and tern; `:name` of psql, Sqitch and graphile-migrate. In a folder of plain SQL, which anything may render, it is a
warning. Marks in other strings and in comments are text. It speaks once a part of a migration.

For all other rules the mark is a name or a value, so the rest of the statement is checked.)",
           .instead = R"(
Write what is meant: names of schemas and roles seldom differ between databases. What does differ belongs into the connection
(`search_path`, the role that runs the migration) or into a setting that the migration reads with `current_setting()`.

Where a program does render the files, give lint and the rehearsal values: `--variables name=value`, or `variables` in
`.pgrehearse.toml`.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .fails_for_certain = true,
           .bad = {{.sql = "CREATE TABLE ${schema}.orders (id bigint);", .sqlstate = "42601"},
                   {.sql = "-- for {{ tenant }}\nGRANT SELECT ON orders TO {{ role }};", .sqlstate = "42601"},
                   {.sql = "CREATE TABLE :name (id bigint);", .sqlstate = "42601"},
                   {.sql = "UPDATE orders SET state = %(state)s WHERE id = 1;", .sqlstate = "42601"},
                   {.sql = "CREATE ROLE report LOGIN PASSWORD '${REPORT_PASSWORD}';"},
                   {.sql = "-- file: 001_orders.up.sql\nCREATE TABLE ${SCHEMA}.orders (id bigint);\n"
                           "-- file: 001_orders.down.sql\nDROP TABLE orders;\n"}},
           .good =
               {{.sql = "CREATE TABLE :name (id bigint);", .in_transaction = false},
                {.sql =
                     "SELECT 5 %s, 6 %(s), (ARRAY[1, 2, 3])[1:x], now()::date, '12:30:00'::time FROM (SELECT 2 AS s, "
                     "2 AS x) AS t;"},
                {.sql = "-- ${name} and :name\nINSERT INTO letters (body) VALUES ('Dear {{ name }}, ${sum} :x');"},
                {.sql =
                     "CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN '{{ }} ${x} :y'; END $$;"},
                {.sql = "SELECT \":x\" FROM jsonb_path_query('{}', '$.a ? (@ == 1)'), (VALUES (1)) AS v (\":x\");"},
                {.sql = "CREATE ROLE report LOGIN PASSWORD NULL;"},
                {.sql = "-- file: V1__orders.sql\nCREATE TABLE ${schema}.orders (id bigint);\n"},
                {.sql = "-- file: 001_orders.sql\n-- +goose Up\n-- +goose ENVSUB ON\nCREATE TABLE ${SCHEMA}.orders (id "
                        "bigint);\n-- +goose Down\nDROP TABLE orders;\n"}}},
      .check = check};
}

}  // namespace pgrehearse::rules::placeholder_unset
