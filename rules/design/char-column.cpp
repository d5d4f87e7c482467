// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/new_columns.h"
#include "sql/lexer.h"

namespace pgrehearse::rules::char_column {

/// n of char(n); 0 for what is padded nowhere: bpchar without a length, one letter.
static int padded_length(const TypeName& type) {
  if (builtin_type(type) != "bpchar" || length(type.typmods) != 1) return 0;
  auto* constant = as<A_Const>(first(type.typmods));
  if (!constant || constant->isnull || constant->val.node.type != T_Integer) return 0;
  return constant->val.ival.ival > 1 ? constant->val.ival.ival : 0;
}

static void check(const Statement& statement, Context& context) {
  for (const NewColumn& added : new_columns(statement, context)) {
    const ColumnDef& column = *added.column;
    int padded = padded_length(*column.typeName);
    if (!padded) continue;
    std::string n = std::to_string(padded);
    Span span = statement.token_at(column.typeName->location);
    auto& finding = context.report(span, quote_identifier(view(column.colname)) + " of " +
                                             shown_name(context, *added.table) + " is char(" + n +
                                             "): values are filled up with blanks, which LIKE and "
                                             "concatenation do not treat alike");
    finding.help = "Write text, with CHECK (length(" + quote_identifier(view(column.colname)) + ") = " + n +
                   ") where the length matters, or varchar(" + n + ").";
    std::string_view word = span.in(statement.source);
    if (equals_ignoring_case(word, "char") || equals_ignoring_case(word, "character")) {
      finding.fix = Fix{"Make it varchar(" + n + ")", Fix::Safety::unsafe, {{span, "varchar"}}};
    }
  }
}

Rule rule() {
  return {
      .info =
          {.id = "char-column",
           .title = "A char(n) column",
           .category = Category::design,
           .severity = Severity::warning,
           .why = R"(
`char(n)` fills each value up with blanks to n characters. `=` passes over them, `LIKE`, regular expressions and drivers do
not: `code LIKE 'ab'` finds nothing in a char(4) that holds 'ab', and the application reads 'ab  '. It saves no space and no
time. Every later change of its length, also to a longer one, writes the table anew under ACCESS EXCLUSIVE, where varchar(n)
and text change only the catalog (12 to 18).

Only columns that the migration creates are looked at. `char(1)` and the internal `"char"` are not filled up and not meant.)",
           .instead = R"(
`text`, with `CHECK (length(code) = 4)` where the length matters.)",
           .since = "0.1.0",
           .on_by_default = false,
           .bad =
               {{.sql = "CREATE TABLE items (code char(4));\nINSERT INTO items VALUES ('ab');\n"
                        "SELECT 1 / count(*) FROM items WHERE code LIKE 'ab';",
                 .sqlstate = "22012"},
                {.sql = "CREATE TABLE items (a int, code CHARACTER(36) NOT NULL);"},
                {.sql =
                     "CREATE TABLE items (a int);\nALTER TABLE items ADD COLUMN codes char(4)[], ADD code bpchar(4);"}},
           .good = {{.sql = "CREATE TABLE items (code varchar(4));\nINSERT INTO items VALUES ('ab');\n"
                            "SELECT 1 / count(*) FROM items WHERE code LIKE 'ab';"},
                    {.sql = "CREATE TABLE items (flag char(1), sort char, kind \"char\", note character varying(9));"},
                    {.sql = "CREATE TABLE items (code bpchar);"},
                    {.sql = "CREATE TEMP TABLE load (code char(4));"},
                    {.sql = "CREATE VIEW codes AS SELECT 'ab'::char(4) AS code;"}}},
      .nodes = {T_CreateStmt, T_AlterTableStmt},
      .commands = {AT_AddColumn},
      .words = {"char"},
      .check = check};
}

}  // namespace pgrehearse::rules::char_column
