// SPDX-License-Identifier: Apache-2.0
#include "report/step_rule.h"

#include <array>

namespace pgrehearse {
namespace {

RuleInfo make(std::string_view id, Category category, std::string_view title, std::string_view why,
              std::string_view instead) {
  return own_rule(id, category, Severity::error, title, why, instead);
}

}  // namespace

const RuleInfo& step_rule(Step step) {
  static const std::array<RuleInfo, step_count> rules{
      make("rehearsal-apply", Category::files, "The migration cannot be applied",
           "The migration was run on a PostgreSQL server, on the schema that the migrations before it built, and a "
           "statement failed or left the session in another state than it found.",
           "Mend the statement that the server refused. Its message is the finding's text."),
      make("rehearsal-reapply", Category::idempotency, "The migration cannot be applied twice",
           "The migration was run again right after it had succeeded. It failed, or it changed the schema or rows once "
           "more. A deployment that stops half way and is started again does the same.",
           "Write `CREATE ... IF NOT EXISTS`, `CREATE OR REPLACE`, `INSERT ... ON CONFLICT`, or check the catalogs "
           "first."),
      make("rehearsal-rollback", Category::rollback, "The migration cannot be rolled back",
           "The down part was run after the up part. It failed, or it did not bring back the schema and the rows that "
           "were there before.",
           "Undo in the down part each change of the up part, in reverse order."),
      make("rehearsal-rollback-again", Category::rollback, "The roll-back cannot be run twice",
           "The down part was run again right after it had succeeded, and failed. A roll-back that stops half way is "
           "started again in the worst hour.",
           "Write `DROP ... IF EXISTS` in the down part."),
      make("rehearsal-apply-again", Category::rollback, "The migration cannot be applied after its roll-back",
           "The up part was run once more after the down part. It failed, or it led to another schema than the first "
           "time: the down part left something behind or took too much.",
           "Undo in the down part exactly what the up part does."),
  };
  return rules[static_cast<size_t>(step)];
}

Severity step_severity(Verdict verdict) { return verdict == Verdict::failed ? Severity::error : Severity::warning; }

std::string step_message(const Outcome& outcome) {
  std::string message(step_name(outcome.step));
  if (outcome.verdict == Verdict::failed) message += " failed";
  if (!outcome.reason.empty()) message += ": " + outcome.reason;
  if (!outcome.sqlstate.empty()) message += " (" + outcome.sqlstate + ')';
  return message;
}

Place place_of(const Outcome& outcome, const MigrationReport& migration) {
  if (outcome.file) return {*outcome.file, outcome.span, true};
  return {migration.file, {}, false};
}

}  // namespace pgrehearse
