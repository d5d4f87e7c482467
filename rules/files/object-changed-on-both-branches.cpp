// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "core/ascii.h"
#include "linter/rule.h"
#include "rules/support/touched_objects.h"

namespace pgrehearse::rules::object_changed_on_both_branches {
namespace {

struct Elsewhere {
  std::string how;
  std::string file;
};
using Elsewheres = std::multimap<std::string, Elsewhere, std::less<>>;

/// The file down to the line that begins its down part, in the words of goose, sql-migrate, dbmate, node-pg-migrate and
/// tern.
uint32_t end_of_up_part(std::string_view text) {
  static constexpr std::string_view words[] = {"goose down", "+migrate down", "migrate:down", "down migration",
                                               "drop below"};
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.starts_with("--") &&
        std::ranges::any_of(words, [&](std::string_view word) { return contains_ignoring_case(line, word); })) {
      return static_cast<uint32_t>(at);
    }
    at = end + 1;
  }
  return static_cast<uint32_t>(text.size());
}

/// What the files do that the base's branch has added; read once for the set.
const Elsewheres& elsewhere(Context& context) {
  static const char key = 0;
  std::shared_ptr<void>& kept = context.kept(&key);
  if (!kept) {
    auto found = std::make_shared<Elsewheres>();
    Parser parser;
    for (const auto& file : context.set().added_on_base) {
      Script script(file, {0, end_of_up_part(file->text())});
      for (const StatementSpan& span : script.statements()) {
        auto statement = parser.parse(script, span);
        if (!statement || !statement->node) continue;
        for (TouchedObject& touched : touched_objects(*statement)) {
          found->emplace(std::move(touched.object), Elsewhere{std::move(touched.how), file->path()});
        }
      }
    }
    kept = found;
  }
  return *static_cast<const Elsewheres*>(kept.get());
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  if (statement.origin != Origin::top_level) return;
  for (const TouchedObject& touched : touched_objects(statement)) {
    auto [begin, end] = elsewhere(context).equal_range(touched.object);
    auto other = std::find_if(begin, end, [&](const auto& entry) { return entry.second.how != touched.how; });
    if (other == end) continue;
    const std::string& base = context.set().base;
    auto& finding = context.report(touched.span, other->second.file + ", which " + base +
                                                     " got meanwhile, does something else with " + touched.object);
    finding.help = "Take in " + base +
                   ", make one definition of the two, and give this migration a version after that one: whichever runs "
                   "last replaces the other, does nothing, or fails.";
  }
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info =
          {.id = "object-changed-on-both-branches",
           .title = "Two branches that change one object",
           .category = Category::files,
           .severity = Severity::warning,
           .why = R"(
Since this branch left the base, somebody has added a migration there that makes, replaces, changes or drops the same table,
column, constraint, index, view, function, trigger, policy, type or sequence as this one, in another way. Git merges the two
without a conflict, since they are two files. Then the one that runs last decides: `CREATE OR REPLACE` takes the other's change
back without a word, `IF NOT EXISTS` leaves the other's shape in place, and the rest fails. Databases that have run one of them
already get the other order than new ones.

Seen with `--diff-base` only. Statements that do the same are no finding.)",
           .instead = R"(
Merge or rebase onto the base, write one definition that has both changes, and rehearse it after the other migration. In a merge
queue the check with `--diff-base` against the branch that is merged into sees what came in between.)",
           .since = "0.1.0",
           .bad = {{.sql = "-- file: 001_total.up.sql [added]\nCREATE OR REPLACE FUNCTION total(a int) RETURNS int "
                           "LANGUAGE sql AS 'SELECT a';\n"
                           "-- file: 001_total.down.sql\nDROP FUNCTION total(int);\n"
                           "-- file: 002_total.up.sql [added on the base]\nCREATE OR REPLACE FUNCTION total(a int) "
                           "RETURNS int LANGUAGE sql AS 'SELECT a + 1';\n"},
                   {.sql = "-- file: V1__carts.sql [added]\nCREATE TABLE IF NOT EXISTS carts (id bigint, code "
                           "text);\n"
                           "-- file: V2__carts.sql [added on the base]\nCREATE TABLE IF NOT EXISTS carts (id "
                           "bigint);\n"},
                   {.sql = "-- file: V2__note.sql [added]\nALTER TABLE orders ALTER COLUMN note SET DEFAULT '';\n"
                           "-- file: V3__note.sql [added on the base]\nALTER TABLE orders DROP COLUMN note;\n"}},
           .good = {{.sql =
                         "-- file: V1__carts.sql [added]\nCREATE TABLE IF NOT EXISTS carts (id bigint);\n"
                         "-- file: V2__carts.sql [added on the base]\ncreate table if not exists carts\n(id bigint); "
                         "-- ours\n"},
                    {.sql = "-- file: V2__note.sql [added]\nALTER TABLE orders ADD COLUMN note text;\n"
                            "-- file: V3__sum.sql [added on the base]\nALTER TABLE orders ADD COLUMN sum numeric;\n"},
                    {.sql =
                         "-- file: V1__f.sql [added]\nCREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT "
                         "1';\n"
                         "-- file: V2__f.sql [added on the base]\nCREATE FUNCTION f(a text) RETURNS int LANGUAGE sql "
                         "AS 'SELECT 2';\n"}}},
      .nodes = {T_CreateStmt, T_CreateTableAsStmt, T_ViewStmt, T_CreateFunctionStmt, T_CreateEnumStmt,
                T_CreateDomainStmt, T_CompositeTypeStmt, T_CreateSeqStmt, T_IndexStmt, T_CreateTrigStmt,
                T_CreatePolicyStmt, T_AlterPolicyStmt, T_RenameStmt, T_AlterTableStmt, T_DropStmt},
      .concerns = [](const MigrationSet& set, const Settings&) { return !set.added_on_base.empty(); },
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::object_changed_on_both_branches
