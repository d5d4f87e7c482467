// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::empty_migration {

static void check_migration(const Migration& migration, Context& context) {
  if (context.statements_in_part() > 0) return;
  std::string_view text = migration.up.section.in(migration.up.file->text());
  if (text.find_first_not_of(" \t\r\n\f\v;") != std::string_view::npos)
    return;  // a comment may say why, a command may do it
  Span place{migration.up.section.begin, migration.up.section.begin};
  context.report(place, "migration " + migration.display_name() + " holds nothing").help =
      "Write its statements, or remove it. If it must be there and do nothing, say why in a comment.";
}

Rule rule() {
  return {
      .info = {.id = "empty-migration",
               .title = "A migration that holds nothing",
               .category = Category::files,
               .severity = Severity::warning,
               .why = R"(
The tool records it as applied. When the statements that were meant to be there come later, they run on new databases only.

A file, or an up section, without a statement and without a comment counts as empty.)",
               .instead = R"(The statements, or a comment that says why there are none, or no file.)",
               .since = "0.1.0",
               .bad = {{.sql = "-- file: V1__orders.sql\nCREATE TABLE orders (id bigint);\n-- file: V2__carts.sql\n\n"},
                       {.sql = "-- file: 20240101000000_a.sql\n-- migrate:up\nCREATE TABLE a (id bigint);\n-- "
                               "migrate:down\nDROP TABLE a;\n"
                               "-- file: 20240102000000_b.sql\n-- migrate:up\n\n-- migrate:down\n"}},
               .good = {{.sql = "-- file: V1__orders.sql\nCREATE TABLE orders (id bigint);\n-- file: V2__carts.sql\n-- "
                                "was taken back\n"}}},
      .check_migration = check_migration};
}

}  // namespace pgrehearse::rules::empty_migration
