// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "core/ascii.h"
#include "linter/rule.h"
#include "rules/support/dynamic_sql.h"
#include "sql/body.h"
#include "sql/lexer.h"

namespace pgrehearse::rules::dynamic_sql_unquoted {
namespace {

/// Functions whose result is quoted, or can hold nothing that needs it.
bool is_safe_function(std::string_view name) {
  static constexpr std::string_view names[] = {"quote_ident",
                                               "quote_literal",
                                               "quote_nullable",
                                               "to_char",
                                               "now",
                                               "length",
                                               "count",
                                               "md5",
                                               "pg_get_userbyid",
                                               "txid_current",
                                               "nextval",
                                               "lastval",
                                               "date_part",
                                               "extract",
                                               "gen_random_uuid",
                                               "floor",
                                               "ceil",
                                               "round",
                                               "abs",
                                               "random",
                                               "pg_get_constraintdef",
                                               "pg_get_indexdef",
                                               "pg_get_viewdef",
                                               "pg_get_functiondef",
                                               "pg_get_triggerdef",
                                               "format_type",
                                               "pg_get_function_identity_arguments",
                                               "current_database"};
  return std::ranges::find(names, name) != std::end(names);
}

bool is_safe_type(const TypeName& type) {
  static constexpr std::string_view names[] = {
      "int2",     "int4",    "int8",    "float4",       "float8",  "numeric",      "bool", "oid",
      "regclass", "regtype", "regproc", "regprocedure", "regrole", "regnamespace", "uuid", "date"};
  return std::ranges::find(names, last_name(type.names)) != std::end(names);
}

/// What a body declares, so that a variable without a text type can be told: its parameters by type.
struct Names {
  std::set<std::string, std::less<>> safe;        ///< parameters of safe types
  std::set<std::string, std::less<>> parameters;  ///< all parameters
};

/// The first part of the expression that goes into the SQL unquoted, or nullptr.
const Node* unquoted(const Node* expression, const Names& body, bool whole) {
  std::vector<std::pair<const Node*, bool>> pending{{expression, whole}};
  while (!pending.empty()) {
    auto [node, alone] = pending.back();
    pending.pop_back();
    if (!node) continue;
    if (auto* cast = as<TypeCast>(node)) {
      if (!is_safe_type(*cast->typeName)) pending.emplace_back(cast->arg, alone);
    } else if (auto* op = as<A_Expr>(node)) {
      if (op->kind == AEXPR_OP && last_name(op->name) == "||") {
        pending.emplace_back(op->rexpr, false);
        pending.emplace_back(op->lexpr, false);
      }
    } else if (auto* column = as<ColumnRef>(node)) {
      std::string_view name = last_name(column->fields);
      if (body.safe.contains(name)) continue;
      // A variable by itself may hold SQL that was put together well; a parameter comes from outside.
      if (!alone || (length(column->fields) == 1 && body.parameters.contains(name))) return node;
    } else if (node->type == T_ParamRef) {
      if (!alone) return node;
    } else if (auto* call = as<FuncCall>(node)) {
      std::string_view name = last_name(call->funcname);
      if (is_safe_function(name) || length(call->args) == 0) continue;
      if (name == "format") {
        auto* text = constant_string(first(call->args));
        if (!text) continue;
        for (const FormatSlot& slot : format_slots(text)) {
          if (slot.conversion != 's' || slot.argument >= length(call->args)) continue;
          pending.emplace_back(static_cast<const Node*>(call->args->elements[slot.argument].ptr_value), false);
        }
      } else if (name == "concat" || name == "replace" || name == "lower" || name == "upper" || name == "trim" ||
                 name == "btrim" || name == "substr" || name == "substring") {
        for (const Node& argument : each<Node>(call->args)) pending.emplace_back(&argument, false);
      }
    } else if (auto* coalesce = as<CoalesceExpr>(node)) {
      for (const Node& argument : each<Node>(coalesce->args)) pending.emplace_back(&argument, alone);
    }
  }
  return nullptr;
}

bool is_word(const Token& token, std::string_view text, std::string_view word) {
  return token.kind == TokenKind::word && equals_ignoring_case(token.span.in(text), word);
}

/// Variables that hold nothing but constants of the file: each := gives them one, and no INTO or FOR fills them.
void read_constants(std::string_view body, Names& names) {
  std::set<std::string, std::less<>> constant, other;
  std::string_view assigned;
  bool filling = false;
  size_t values = 0;
  bool all_constant = true;
  Lexer lexer(body);
  auto begins_statement = [&](const Token& behind) {
    if (behind.span.in(body) == ";") return true;
    return is_word(behind, body, "begin") || is_word(behind, body, "then") || is_word(behind, body, "else") ||
           is_word(behind, body, "loop");
  };
  Token first = lexer.next_significant(), before = first;
  for (Token token = first; token.kind != TokenKind::end;
       first = before, before = token, token = lexer.next_significant()) {
    std::string_view word = token.span.in(body);
    if (is_word(token, body, "into") || is_word(token, body, "for") || is_word(token, body, "foreach")) {
      filling = true;
    } else if (filling && token.kind == TokenKind::word) {
      other.emplace(word);
    } else {
      filling = filling && word == ",";
    }
    if (token.kind == TokenKind::op && (word == ":=" || word == "=") && before.kind == TokenKind::word &&
        begins_statement(first)) {
      assigned = before.span.in(body);
      values = 0;
      all_constant = true;
    } else if (word == ";") {
      if (!assigned.empty()) (values == 1 && all_constant ? constant : other).emplace(assigned);
      assigned = {};
    } else if (!assigned.empty()) {
      ++values;
      all_constant = all_constant && (token.kind == TokenKind::string || token.kind == TokenKind::number);
    }
  }
  for (const std::string& name : constant) {
    if (!other.contains(name) && !names.parameters.contains(name)) names.safe.insert(name);
  }
}

/// Variables of the body that need no quotes: declared with a type that holds none (a_number bigint;), or put together
/// by something that quotes (name := quote_ident(schema) || ...).
void read_variables(std::string_view body, Names& names) {
  Lexer lexer(body);
  Token before = lexer.next_significant();
  if (before.kind == TokenKind::end) return;
  std::string_view variable;  // being assigned
  bool quotes = false;
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end;
       before = token, token = lexer.next_significant()) {
    std::string_view word = token.span.in(body);
    if (token.kind == TokenKind::op && word == ":=" && before.kind == TokenKind::word) {
      variable = before.span.in(body);
      quotes = false;
    } else if (word == ";") {
      if (quotes && !variable.empty()) names.safe.emplace(variable);
      variable = {};
    } else if (token.kind == TokenKind::word && before.kind == TokenKind::word) {
      for (std::string_view type : {"int", "integer", "bigint", "smallint", "oid", "boolean", "numeric", "regclass",
                                    "regtype", "regprocedure", "regnamespace", "regrole", "uuid", "date"}) {
        if (equals_ignoring_case(word, type)) names.safe.emplace(before.span.in(body));
      }
    }
    for (std::string_view quoting : {"quote_ident", "quote_literal", "quote_nullable", "format"}) {
      quotes = quotes || is_word(token, body, quoting);
    }
  }
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  Names known;
  if (auto* create = statement.as<CreateFunctionStmt>()) {
    for (const auto& parameter : each<FunctionParameter>(create->parameters)) {
      if (!parameter.name) continue;
      known.parameters.emplace(view(parameter.name));
      if (parameter.argType && is_safe_type(*parameter.argType)) known.safe.emplace(view(parameter.name));
    }
  }
  if (!contains_ignoring_case(statement.text, "execute")) return;
  if (auto body = body_of(statement)) {
    read_constants(body->text, known);
    read_variables(body->text, known);
  }
  for_each_executed(statement, [&](const Statement& part, const Node* expression) {
    const Node* found = unquoted(expression, known, true);
    if (!found) return;
    auto* column = as<ColumnRef>(found);
    std::string name = column ? quote_identifier(last_name(column->fields)) : std::string("a value");
    context
        .report(part.token_at(column ? column->location : -1),
                "EXECUTE runs whatever " + name + " holds, because it is not quoted")
        .help = "Use format() with %I for names and %L for values, or pass values with USING.";
  });
}

Rule rule() {
  return {
      .info =
          {.id = "dynamic-sql-unquoted",
           .title = "SQL put together from values without quoting",
           .category = Category::privileges,
           .severity = Severity::warning,
           .why = R"(
`EXECUTE 'DROP TABLE ' || name` runs whatever `name` holds: a value with a quote or a semicolon in it becomes SQL, with the rights of
the function's owner if it is `SECURITY DEFINER`. `format()` with `%s` does the same. Names that need quotes (upper case, `order`) break
it without anybody's bad intent. It is the same on PostgreSQL 12 to 18.

Left alone are constants, numbers and casts to numbers, `::regclass` and its like, which quote by themselves, and values that stem from
`quote_ident()`, `quote_literal()`, `quote_nullable()` or `format()` with `%I` and `%L`.)",
           .instead = R"(
`EXECUTE format('DROP TABLE %I', name)` for names, `%L` or better `USING` for values: `EXECUTE 'SELECT count(*) FROM t WHERE a = $1' USING
value`.)",
           .since = "0.2.0",
           .security_severity = 7.5,
           .bad = {{.sql = "DO $$ DECLARE t text := 'a'; BEGIN EXECUTE 'DROP TABLE ' || t; END $$;"},
                   {.sql = "CREATE FUNCTION f(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE "
                           "format('TRUNCATE %s', t); END $$;"},
                   {.sql = "CREATE FUNCTION f(q text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE q; END $$;"},
                   {.sql = "CREATE FUNCTION f(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DELETE FROM a "
                           "WHERE b = ''' || t || ''''; END $$;"},
                   {.sql = "DO $$ DECLARE t text; BEGIN t := 'a'; SELECT relname INTO t FROM pg_class LIMIT 1; "
                           "EXECUTE 'DROP TABLE ' || t; END $$;"},
                   {.sql = "CREATE FUNCTION f(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE "
                           "format('TRUNCATE %1$s', t); END $$;"}},
           .good =
               {{.sql = "DO $$ DECLARE t text := 'a'; BEGIN EXECUTE format('DROP TABLE %I', t); EXECUTE 'DROP TABLE ' "
                        "|| quote_ident(t); END $$;"},
                {.sql = "CREATE FUNCTION f(t regclass, n text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE "
                        "'SELECT ' || n::int || ' FROM ' || n::regclass; END $$;"},
                {.sql = "CREATE FUNCTION f(v text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DELETE FROM a "
                        "WHERE b = $1' USING v; END $$;"},
                {.sql = "DO $$ BEGIN EXECUTE 'CREATE TABLE backup_' || to_char(CURRENT_DATE, 'YYYYMMDD') || ' AS "
                        "SELECT 1'; END $$;"},
                {.sql =
                     "DO $$ DECLARE d text; BEGIN IF now() > '2020-01-01' THEN d := 'ASC'; ELSE d := 'DESC'; END IF; "
                     "EXECUTE 'SELECT 1 ORDER BY 1 ' || d; END $$;"},
                {.sql = "DO $$ DECLARE n bigint := 1; BEGIN EXECUTE 'ALTER SEQUENCE s RESTART ' || n; END $$;"},
                {.sql =
                     "DO $$ DECLARE t text; BEGIN t := quote_ident('a') || '.b'; EXECUTE 'DROP TABLE ' || t; END $$;"},
                {.sql = "DO $$ DECLARE q text; BEGIN FOR q IN SELECT format('DROP VIEW %I', viewname) FROM pg_views "
                        "LOOP EXECUTE q; END LOOP; END $$;"}}},
      .nodes = {T_DoStmt, T_CreateFunctionStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::dynamic_sql_unquoted
