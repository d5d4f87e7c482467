// SPDX-License-Identifier: Apache-2.0
#include "rules/support/key_history.h"

#include <algorithm>

#include "core/ascii.h"
#include "migration/expansion.h"
#include "migration/markdown.h"
#include "rules/support/new_columns.h"
#include "rules/support/security_history.h"
#include "sql/body.h"

namespace pgrehearse {
namespace {

using Kind = KeyMention::Kind;
using Take = std::function<void(KeyMention)>;

bool mentions_keys(std::string_view text) {
  static constexpr std::string_view words[] = {"index",  "primary", "unique",  "drop",
                                               "rename", "attach",  "inherit", "set schema"};
  return std::ranges::any_of(words, [&](std::string_view word) { return contains_ignoring_case(text, word); });
}

KeyMention about(const Statement& statement, const RangeVar& table, Kind kind, std::vector<std::string> columns = {}) {
  return {kind, qualified_name(table), statement.span, std::move(columns), {}};
}

void take_index(const Statement& statement, const IndexStmt& index, const Take& take) {
  std::string_view method = view(index.accessMethod);
  if (!method.empty() && method != "btree" && method != "hash") return;
  std::vector<std::string> columns;
  for (const auto& element : each<IndexElem>(index.indexParams)) columns.emplace_back(view(element.name));
  bool unique = index.unique && !index.whereClause;
  KeyMention mention = about(statement, *index.relation, unique ? Kind::unique : Kind::index, std::move(columns));
  if (index.whereClause) mention.predicate_columns = expression_facts(index.whereClause).columns;
  take(std::move(mention));
}

void take_constraint(const Statement& statement, const RangeVar& table, const Constraint& constraint,
                     std::vector<std::string> columns, const Take& take) {
  if (constraint.contype != CONSTR_PRIMARY && constraint.contype != CONSTR_UNIQUE) return;
  take(about(statement, table, Kind::unique, std::move(columns)));
}

void take_alter(const Statement& statement, const AlterTableStmt& alter, const Take& take) {
  const RangeVar& table = *alter.relation;
  for (const auto& command : each<AlterTableCmd>(alter.cmds)) {
    switch (command.subtype) {
      case AT_AddConstraint:
        if (auto* constraint = as<Constraint>(command.def)) {
          take_constraint(statement, table, *constraint, string_list(constraint->keys), take);
        }
        break;
      case AT_AddColumn:
        if (auto* column = as<ColumnDef>(command.def)) {
          for (const auto& constraint : each<Constraint>(column->constraints)) {
            take_constraint(statement, table, constraint, {std::string(view(column->colname))}, take);
          }
        }
        break;
      case AT_DropColumn:
      case AT_DropConstraint: take(about(statement, table, Kind::drop_part, {std::string(view(command.name))})); break;
      case AT_AddInherit: take(about(statement, table, Kind::other_table)); break;
      case AT_AttachPartition:
        if (auto* partition = as<PartitionCmd>(command.def)) {
          take(about(statement, *partition->name, Kind::other_table));
        }
        break;
      default: break;
    }
  }
}

void take_statement(const Statement& statement, const Take& take) {
  if (auto* index = statement.as<IndexStmt>()) take_index(statement, *index, take);
  if (auto* alter = statement.as<AlterTableStmt>()) take_alter(statement, *alter, take);
  auto* rename = statement.as<RenameStmt>();
  if (rename && rename->renameType == OBJECT_TABLE) take(about(statement, *rename->relation, Kind::other_table));
  auto* move = statement.as<AlterObjectSchemaStmt>();
  if (move && move->relation) take(about(statement, *move->relation, Kind::other_table));
  auto* drop = statement.as<DropStmt>();
  if (!drop || drop->removeType != OBJECT_TABLE) return;
  for (const List& names : each<List>(drop->objects)) {
    take({Kind::other_table, qualified_name(&names), statement.span, {}, {}});
  }
}

void read(const Part& part, const Take& take) {
  if (!part.expansion && !mentions_keys(part.section.in(part.file->text()))) return;
  Script script = script_of(part);
  Parser parser, body_parser;
  for (const StatementSpan& span : script.statements()) {
    if (!mentions_keys(span.span.in(script.text()))) continue;
    auto statement = parser.parse(script, span);
    if (!statement || !statement->node) continue;
    take_statement(*statement, take);
    auto body = body_of(*statement);
    if (!body || body->origin != Origin::do_block) continue;
    for_each_statement_in(
        *body, statement->source, body_parser,
        [&](const Statement& inner, const BodyPiece&) { take_statement(inner, take); }, [](const SyntaxError&) {});
  }
}

}  // namespace

KeyHistory::KeyHistory(const MigrationSet& set) {
  for (size_t i = 0; i < set.migrations.size(); ++i) {
    read(set.migrations[i].up, [&](KeyMention mention) {
      auto& placed = by_table_[mention.table.name];
      placed.push_back({i, std::move(mention)});
    });
  }
}

bool KeyHistory::follows(const Context& context, const Statement& statement, const QualifiedName& table,
                         const std::function<bool(const KeyMention&)>& wanted) const {
  auto found = by_table_.find(table.name);
  if (found == by_table_.end()) return false;
  size_t here = static_cast<size_t>(&context.migration() - context.set().migrations.data());
  bool ordered = !is_read_only(context.set());  // a document's blocks do not follow each other
  return std::ranges::any_of(found->second, [&](const Placed& placed) {
    bool behind =
        placed.migration == here ? placed.mention.span.begin >= statement.span.end : ordered && placed.migration > here;
    return behind && may_be_same(placed.mention.table, table) && wanted(placed.mention);
  });
}

const KeyHistory& key_history(Context& context) {
  static constexpr char key = 0;
  auto& kept = context.kept(&key);
  if (!kept) kept = std::make_shared<KeyHistory>(context.set());
  return *static_cast<const KeyHistory*>(kept.get());
}

}  // namespace pgrehearse
