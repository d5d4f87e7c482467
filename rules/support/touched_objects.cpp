// SPDX-License-Identifier: Apache-2.0
#include "rules/support/touched_objects.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "migration/schema_types.h"
#include "rules/support/alter_table.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

std::string shown(QualifiedName name) {
  if (name.schema == "public") name.schema.clear();
  return display_name(name);
}

/// The tokens with a blank between each, words in lower case.
std::string essence(std::string_view text) {
  std::string result;
  Lexer lexer(text);
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    std::string_view word = token.span.in(text);
    if (!result.empty()) result += ' ';
    for (char c : word) result += token.kind == TokenKind::word ? lower_case(c) : c;
  }
  return result;
}

std::string signature(const CreateFunctionStmt& create) {
  std::string types;
  for (const FunctionParameter& parameter : each<FunctionParameter>(create.parameters)) {
    if (parameter.mode == FUNC_PARAM_OUT || parameter.mode == FUNC_PARAM_TABLE) continue;
    ColumnType type = plain_type(*parameter.argType);
    types += (types.empty() ? "" : ", ") +
             (type.kind == ColumnType::Kind::builtin ? type.name.name : display_name(type.name)) +
             (type.array ? "[]" : "");
  }
  return shown(qualified_name(create.funcname)) + "(" + types + ")";
}

/// The object that the whole statement is about.
std::string object_of(const Statement& statement) {
  if (auto* create = statement.as<CreateStmt>()) return "table " + shown(qualified_name(*create->relation));
  if (auto* create = statement.as<CreateTableAsStmt>()) return "table " + shown(qualified_name(*create->into->rel));
  if (auto* create = statement.as<ViewStmt>()) return "view " + shown(qualified_name(*create->view));
  if (auto* create = statement.as<CreateFunctionStmt>()) return "function " + signature(*create);
  if (auto* create = statement.as<CreateEnumStmt>()) return "type " + shown(qualified_name(create->typeName));
  if (auto* create = statement.as<CreateDomainStmt>()) return "type " + shown(qualified_name(create->domainname));
  if (auto* create = statement.as<CompositeTypeStmt>()) return "type " + shown(qualified_name(*create->typevar));
  if (auto* create = statement.as<CreateSeqStmt>()) return "sequence " + shown(qualified_name(*create->sequence));
  if (auto* create = statement.as<IndexStmt>(); create && create->idxname) {
    return "index " + quote_identifier(view(create->idxname));
  }
  auto on_table = [](std::string_view kind, std::string_view name, const RangeVar& table) {
    return std::string(kind) + " " + quote_identifier(name) + " of " + shown(qualified_name(table));
  };
  if (auto* create = statement.as<CreateTrigStmt>()) {
    return on_table("trigger", view(create->trigname), *create->relation);
  }
  if (auto* create = statement.as<CreatePolicyStmt>()) {
    return on_table("policy", view(create->policy_name), *create->table);
  }
  if (auto* alter = statement.as<AlterPolicyStmt>()) return on_table("policy", view(alter->policy_name), *alter->table);
  auto* rename = statement.as<RenameStmt>();
  if (!rename || !rename->relation) return {};
  switch (rename->renameType) {
    case OBJECT_TABLE: return "table " + shown(qualified_name(*rename->relation));
    case OBJECT_VIEW: return "view " + shown(qualified_name(*rename->relation));
    case OBJECT_COLUMN: return on_table("column", view(rename->subname), *rename->relation);
    default: return {};
  }
}

std::string_view kind_of_dropped(ObjectType kind) {
  switch (kind) {
    case OBJECT_TABLE: return "table ";
    case OBJECT_VIEW:
    case OBJECT_MATVIEW: return "view ";
    case OBJECT_TYPE:
    case OBJECT_DOMAIN: return "type ";
    case OBJECT_SEQUENCE: return "sequence ";
    default: return {};
  }
}

void add_commands(const Statement& statement, const AlterTableStmt& alter, std::vector<TouchedObject>& found) {
  static constexpr std::array kinds{AT_AddColumn,  AT_DropColumn,  AT_AlterColumnType, AT_ColumnDefault,
                                    AT_SetNotNull, AT_DropNotNull, AT_AddConstraint,   AT_DropConstraint};
  if (alter.objtype != OBJECT_TABLE) return;
  std::string table = shown(qualified_name(*alter.relation));
  for (AlterTableType kind : kinds) {
    for (const Command& command : commands(statement, kind)) {
      std::string_view name = view(command.node->name);
      if (kind == AT_AddColumn) name = view(command.column()->colname);
      if (kind == AT_AddConstraint) name = command.constraint() ? view(command.constraint()->conname) : "";
      if (name.empty()) continue;
      bool constraint = kind == AT_AddConstraint || kind == AT_DropConstraint;
      Span span = command_span(statement, command);
      std::string_view text = span.in(statement.source);
      if (span == statement.span) text = text.substr(std::min(text.find(view(alter.relation->relname)), text.size()));
      found.push_back({std::string(constraint ? "constraint " : "column ") + quote_identifier(name) + " of " + table,
                       essence(text), span});
    }
  }
}

}  // namespace

std::vector<TouchedObject> touched_objects(const Statement& statement) {
  std::vector<TouchedObject> found;
  if (auto* alter = statement.as<AlterTableStmt>()) {
    add_commands(statement, *alter, found);
    return found;
  }
  if (auto* drop = statement.as<DropStmt>()) {
    std::string_view kind = kind_of_dropped(drop->removeType);
    if (kind.empty()) return found;
    for (const Node& object : each<Node>(drop->objects)) {
      auto* type = as<TypeName>(&object);
      auto* names = type ? type->names : as<List>(&object);
      found.push_back({std::string(kind) + shown(qualified_name(names)), "drop", statement.span});
    }
    return found;
  }
  if (std::string object = object_of(statement); !object.empty()) {
    found.push_back({std::move(object), essence(statement.span.in(statement.source)), statement.span});
  }
  return found;
}

}  // namespace pgrehearse
