// SPDX-License-Identifier: Apache-2.0
#include <unordered_set>

#include "linter/rule.h"

namespace pgrehearse::rules::bad_file_name {
namespace {

using Files = std::unordered_set<const SourceFile*>;

/// The SQL files of the folder that the tool passes over.
const Files& passed_over(Context& context) {
  static const char key = 0;
  std::shared_ptr<void>& kept = context.kept(&key);
  if (!kept) {
    auto files = std::make_shared<Files>();
    for (const auto& file : context.set().other_files) files->insert(file.get());
    kept = std::move(files);
  }
  return *static_cast<const Files*>(kept.get());
}

/// "V2", "12", "20240101120000": begins like the version of a migration.
bool begins_like_a_version(std::string_view name) {
  if (name.starts_with('V') || name.starts_with('v')) name.remove_prefix(1);
  return !name.empty() && name[0] >= '0' && name[0] <= '9';
}

}  // namespace

static void check_text(const SourceFile& file, Context& context) {
  if (context.set().other_files.empty() || context.set().migrations.empty() || !passed_over(context).contains(&file))
    return;
  std::string_view name = file.path();
  name = name.substr(name.rfind('/') + 1);
  if (!begins_like_a_version(name)) return;
  const std::string& example = context.set().migrations.back().up.file->path();
  context.report({}, context.set().layout + " does not take this file for a migration, and never runs it").help =
      "Name it like the others, such as " + example.substr(example.rfind('/') + 1) +
      ", or move it out of the folder when it is none.";
}

Rule rule() {
  return {.info = {.id = "bad-file-name",
                   .title = "A file that looks like a migration and is none for its tool",
                   .category = Category::files,
                   .severity = Severity::error,
                   .why = R"(
Tools know their migrations by the form of the name and pass over all others without a word: `V2_carts.sql` with one underscore
means nothing to Flyway. The change is then missing where it was wanted, and nobody is told.

It is reported for files beside migrations whose name begins with a number or with V and a number.)",
                   .instead = R"(Rename the file. What is no migration belongs into another folder.)",
                   .since = "0.1.0",
                   .bad = {{.sql = "-- file: V1__orders.sql\nCREATE TABLE orders (id bigint);\n"
                                   "-- file: V2_carts.sql\nCREATE TABLE carts (id bigint);\n"}},
                   .good = {{.sql = "-- file: V1__orders.sql\nCREATE TABLE orders (id bigint);\n"
                                    "-- file: V2__carts.sql\nCREATE TABLE carts (id bigint);\n"
                                    "-- file: seed.sql\nINSERT INTO carts VALUES (1);\n"}}},
          .check_text = check_text};
}

}  // namespace pgrehearse::rules::bad_file_name
