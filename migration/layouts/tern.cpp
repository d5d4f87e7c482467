// SPDX-License-Identifier: Apache-2.0
// tern: migrate/migrate.go, versions 1 and 2.
#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace tern {

constexpr std::string_view divider = "---- create above / drop below ----";
constexpr std::string_view disable_transaction = "---- tern: disable-tx ----";

Match detect(const FolderView& folder) {
  size_t marked = count_texts(folder, [](std::string_view text) {
    return text.find(divider) != std::string_view::npos || text.find(disable_transaction) != std::string_view::npos;
  });
  if (marked > 0) return {Confidence::strong, "files with " + std::string(divider)};
  if (folder.has_file("tern.conf")) return {Confidence::strong, "tern.conf"};
  return {};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "tern");
  builder.set.expects_down = true;
  builder.set.leave_transaction = "Write `---- tern: disable-tx ----` on a line of its own at the top of the file.";
  builder.set.bookkeeping_sql = "CREATE TABLE IF NOT EXISTS public.schema_version (version int4 NOT NULL)";
  for (const NamedFile& named : numbered_files(folder)) {
    SharedFile file = builder.read(folder, named.name);
    if (!file) continue;
    std::string_view text = file->text();
    RunMode mode = RunMode::transaction;
    for (const Line& line : lines_of(text)) {
      if (line.text == disable_transaction) mode = RunMode::statements;
    }
    auto size = static_cast<uint32_t>(text.size());
    auto cut = static_cast<uint32_t>(std::min(text.find(divider), text.size()));
    std::optional<Part> down;
    if (cut < size) {
      down = Part{.file = file, .section = {cut + static_cast<uint32_t>(divider.size()), size}, .mode = mode};
    }
    builder.add(named, {.file = file, .section = {0, cut}, .mode = mode}, std::move(down));
  }
  return builder.finish();
}

}  // namespace tern

Layout tern_layout() {
  return {"tern", "001_name.sql with ---- create above / drop below ----", tern::detect, tern::load};
}

}  // namespace pgrehearse
