// SPDX-License-Identifier: Apache-2.0
#include "rules/support/not_valid.h"

#include "rules/support/advice.h"

namespace pgrehearse {

void advise_not_valid(Finding& finding, const Statement& statement, const Context& context, const Command& command) {
  std::string_view written = view(command.constraint()->conname);
  std::string name = written.empty() ? "with its name" : quote_identifier(written);
  std::string validate =
      "ALTER TABLE " + shown_name(context, *command.table->relation) + " VALIDATE CONSTRAINT " + name;
  finding.help = "Add NOT VALID, so that only new rows are checked, then " + validate +
                 " in a later migration: it reads the old rows while reads and writes go on.";
  uint32_t end = command_span(statement, command).end;
  // Outside a transaction the next statement is its own: reads and writes go on between the two.
  bool two_steps = !written.empty() && length(command.table->cmds) == 1 && !is_in_transaction(statement, context);
  if (two_steps) {
    finding.fix = Fix{"Add NOT VALID, and VALIDATE CONSTRAINT as the next statement",
                      Fix::Safety::safe,
                      {{{end, end}, " NOT VALID;\n" + validate}}};
  } else {
    finding.fix = Fix{"Add NOT VALID, to be validated later", Fix::Safety::unsafe, {{{end, end}, " NOT VALID"}}};
  }
}

}  // namespace pgrehearse
