// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "migration/migration.h"

namespace pgrehearse {

/// The insides of the fenced code blocks that say they hold SQL (```sql, ```postgresql, ```psql, ...), in order. Fences
/// as CommonMark has them, at any indentation, since lists hold them too; one that is not closed goes on to the end.
std::vector<Span> sql_blocks(std::string_view markdown);

/// By its name: .md, .markdown, .mdx.
bool is_markdown(std::string_view name);
/// By its name: what psql or a migration tool reads as SQL. Other text files are searched for secrets only.
bool is_sql_script(std::string_view name);

/// Each SQL block of the document as a migration that stands for itself, in order.
MigrationSet markdown_set(std::shared_ptr<const SourceFile> file);
/// A text that is no SQL at all: no migration, the file stands among the others.
MigrationSet text_set(std::shared_ptr<const SourceFile> file);
/// Whether the set is one of these two, which are read and never run.
bool is_read_only(const MigrationSet& set);
/// The text with blanks where it says "..." for what it leaves out, as documents do: CREATE TABLE orders (...). Empty
/// when it does not.
std::string without_ellipses(std::string_view sql);

}  // namespace pgrehearse
