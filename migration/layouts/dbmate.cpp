// SPDX-License-Identifier: Apache-2.0
// dbmate: pkg/dbmate/migration.go.
#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace dbmate {

struct Block {
  bool up = true;
  RunMode mode = RunMode::transaction;
  Span line;
  Span section;
};

/// `^--\s*migrate:(up|down)` and its options, `transaction:false` being the one that counts.
std::optional<Block> parse_marker(const Line& line) {
  auto comment = comment_text(line.text);
  if (!comment || !comment->starts_with("migrate:")) return std::nullopt;
  std::string_view rest = comment->substr(8);
  Block block;
  if (rest.starts_with("down")) {
    block.up = false;
    rest.remove_prefix(4);
  } else if (rest.starts_with("up")) {
    rest.remove_prefix(2);
  } else {
    return std::nullopt;
  }
  if (!rest.empty() && rest.front() != ' ' && rest.front() != '\t') return std::nullopt;
  while (!(rest = trimmed(rest)).empty()) {
    std::string_view option = rest.substr(0, rest.find_first_of(" \t"));
    if (option == "transaction:false") block.mode = RunMode::query_string;
    rest.remove_prefix(option.size());
  }
  block.line = line.span;
  block.section = {line.next, line.next};
  return block;
}

/// Blocks in the order of the file. Each pair of up and down is a migration; newer versions allow several.
void add_file(SetBuilder& builder, const NamedFile& named, const SharedFile& file) {
  auto refuse = [&](uint32_t offset, std::string message) {
    builder.error(*file, offset, "dbmate refuses the file: " + std::move(message));
  };
  std::vector<Block> blocks;
  for (const Line& line : lines_of(file->text())) {
    auto block = parse_marker(line);
    if (!block) {
      if (blocks.empty() && !is_blank_or_comment(line.text)) {
        return refuse(line.span.begin, "statements stand before '-- migrate:up'");
      }
      continue;
    }
    if (!blocks.empty()) blocks.back().section.end = block->line.begin;
    blocks.push_back(*block);
  }
  if (blocks.empty()) return refuse(0, "it has no '-- migrate:up'");
  blocks.back().section.end = static_cast<uint32_t>(file->text().size());
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (!blocks[i].up) return refuse(blocks[i].line.begin, "'-- migrate:down' must follow '-- migrate:up'");
    Part up{.file = file, .section = blocks[i].section, .mode = blocks[i].mode};
    std::optional<Part> down;
    if (i + 1 < blocks.size() && !blocks[i + 1].up) {
      ++i;
      down = Part{.file = file, .section = blocks[i].section, .mode = blocks[i].mode};
    }
    builder.add(named, std::move(up), std::move(down));
  }
}

/// A name that begins with a digit; the version is its digits.
std::vector<NamedFile> files_of(const FolderView& folder) {
  std::vector<NamedFile> files;
  for (const std::string& name : folder.files()) {
    std::string_view version = leading_digits(name);
    auto stem = without_suffix(name, ".sql");
    if (version.empty() || !stem) continue;
    files.push_back({.folder = folder,
                     .name = name,
                     .version = std::string(version),
                     .description = words(stem->substr(version.size()))});
  }
  return files;  // dbmate sorts by name, as the folder is listed
}

Match detect(const FolderView& folder) {
  size_t marked =
      count_texts(folder, [](std::string_view text) { return text.find("migrate:up") != std::string_view::npos; });
  if (marked == 0) return {};
  return {Confidence::strong, "files with -- migrate:up"};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "dbmate");
  builder.set.expects_down = true;
  builder.set.leave_transaction =
      "Write `-- migrate:up transaction:false` and keep the statement alone in its block: dbmate sends a block as one "
      "query string, which is a transaction when it holds several statements.";
  builder.set.bookkeeping_sql = "CREATE TABLE IF NOT EXISTS schema_migrations (version varchar NOT NULL PRIMARY KEY)";
  for (const NamedFile& named : files_of(folder)) {
    if (SharedFile file = builder.read(folder, named.name)) add_file(builder, named, file);
  }
  return builder.finish();
}

}  // namespace dbmate

Layout dbmate_layout() {
  return {"dbmate", "VERSION_name.sql with -- migrate:up and -- migrate:down", dbmate::detect, dbmate::load};
}

}  // namespace pgrehearse
