// SPDX-License-Identifier: Apache-2.0
#include "core/ascii.h"
#include "linter/rule.h"
#include "rules/support/drop_words.h"
#include "sql/edit.h"

namespace pgrehearse::rules::down_no_guard {
namespace {

/// The up part may stop in the middle: its statements run one by one, and it does not open a transaction itself.
bool can_stop_half_way(const Part& up) {
  std::string_view text = up.section.in(up.file->text());
  bool opens = contains_ignoring_case(text, "begin;") || contains_ignoring_case(text, "start transaction");
  size_t first = text.find(';');
  return up.mode == RunMode::statements && !opens && first != text.npos && text.find(';', first + 1) != text.npos;
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropStmt>();
  if (!context.is_down() || drop->missing_ok || statement.origin != Origin::top_level || context.set().may_run_again)
    return;
  if (context.in_transaction() || !can_stop_half_way(context.migration().up)) return;
  std::vector<std::string_view> words = drop_words(drop->removeType);
  if (words.empty()) return;
  auto& finding = context.report(statement.span, "this DROP stops the rollback of a migration that was applied half");
  finding.help = "Write IF EXISTS: the up part runs statement by statement, so it can fail before it made this object.";
  if (drop->concurrent) words.emplace_back("concurrently");
  auto keyword =
      words.size() == 2 ? find_keywords(statement, {words[0], words[1]}) : find_keywords(statement, {words[0]});
  if (keyword) finding.fix = Fix{"Add IF EXISTS", Fix::Safety::safe, {{{keyword->end, keyword->end}, " IF EXISTS"}}};
}

Rule rule() {
  return {
      .info =
          {.id = "down-no-guard",
           .title = "A down part that cannot clean up a migration that failed half-way",
           .category = Category::rollback,
           .severity = Severity::warning,
           .why = R"(
Where the tool sends each statement by itself, an up part that fails leaves what came before the failure. The down part is the way
back from there, and stops at the first DROP of something that was never made (SQLSTATE 42P01, 42704): all that stands below it is
not undone.

It is told where neither part runs in a transaction.)",
           .instead =
               R"(`DROP ... IF EXISTS` in such down parts. Or let the tool wrap the migration in a transaction, where it can.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .bad = {{.sql = "-- file: 001_f.sql\n-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE a (id bigint);\n"
                           "CREATE INDEX CONCURRENTLY a_id ON a (id);\n-- +goose Down\nDROP INDEX CONCURRENTLY a_id;\n"
                           "DROP TABLE IF EXISTS a;\n"}},
           .good = {{.sql = "-- file: 001_f.sql\n-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE a (id bigint);\n"
                            "CREATE INDEX CONCURRENTLY a_id ON a (id);\n-- +goose Down\nDROP INDEX CONCURRENTLY IF "
                            "EXISTS a_id;\n"
                            "DROP TABLE IF EXISTS a;\n"},
                    {.sql =
                         "-- file: 001_f.sql\n-- +goose Up\nCREATE TABLE a (id bigint);\nCREATE INDEX a_id ON a (id);\n"
                         "-- +goose Down\nDROP INDEX a_id;\nDROP TABLE a;\n"},
                    {.sql = "-- file: 001_f.sql\n-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY "
                            "a_id ON a (id);\n"
                            "-- +goose Down\nDROP INDEX CONCURRENTLY a_id;\n"}}},
      .nodes = {T_DropStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::down_no_guard
