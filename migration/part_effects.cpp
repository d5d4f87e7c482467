// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "migration/round_trip.h"

namespace pgrehearse {
namespace {

/// Functions of pg_catalog that files call at the top of a SELECT and that change no schema.
constexpr std::string_view harmless[] = {"setval",
                                         "nextval",
                                         "set_config",
                                         "pg_sleep",
                                         "now",
                                         "count",
                                         "max",
                                         "min",
                                         "coalesce",
                                         "version",
                                         "lo_unlink",
                                         "pg_notify",
                                         "pg_advisory_xact_lock",
                                         "pg_advisory_lock",
                                         "pg_advisory_unlock",
                                         "format",
                                         "current_setting",
                                         "current_database",
                                         "has_table_privilege",
                                         "to_regclass"};

bool is_harmless(const FuncCall& call) {
  QualifiedName name = qualified_name(call.funcname);
  if (name.schema == "pg_catalog") return true;
  return name.schema.empty() && std::ranges::find(harmless, name.name) != std::end(harmless);
}

bool may_change_schema(const SelectStmt& select) {
  for (const Node* node : all_nodes(reinterpret_cast<const Node*>(&select))) {
    auto* call = as<FuncCall>(node);
    if (call && !is_harmless(*call)) return true;
  }
  return false;
}

}  // namespace

void PartEffects::note(const Statement& statement, const SchemaState& state, bool conditional) {
  auto fills = [&](const RangeVar* relation, std::string_view column) {
    if (relation) written.emplace_back(state.resolve(qualified_name(*relation)), std::string(column));
  };
  auto erases = [&](const RangeVar& relation, bool truncate) {
    QualifiedName table = state.resolve(qualified_name(relation));
    if (state.existed_before(table) && state.exists(table) != Known::no)
      erased.push_back({table, state.display_name(table), truncate});
  };
  switch (statement.node->type) {
    case T_SelectStmt: unclear = unclear || may_change_schema(*statement.as<SelectStmt>()); return;
    case T_InsertStmt: return fills(statement.as<InsertStmt>()->relation, "");
    case T_CopyStmt: return fills(statement.as<CopyStmt>()->relation, "");
    case T_MergeStmt: return fills(statement.as<MergeStmt>()->relation, "");
    case T_UpdateStmt:
      for (const ResTarget& target : each<ResTarget>(statement.as<UpdateStmt>()->targetList)) {
        fills(statement.as<UpdateStmt>()->relation, view(target.name));
      }
      return;
    case T_DeleteStmt: return erases(*statement.as<DeleteStmt>()->relation, false);
    case T_TruncateStmt:
      for (const RangeVar& relation : each<RangeVar>(statement.as<TruncateStmt>()->relations)) erases(relation, true);
      return;
    case T_CallStmt:
    case T_ExecuteStmt:
    case T_ImportForeignSchemaStmt:
    case T_DoStmt:  // in a language that nobody here reads
    case T_DropOwnedStmt: unclear = true; return;
    case T_VariableSetStmt:
    case T_TransactionStmt: return;
    default: unclear = unclear || conditional; return;
  }
}

}  // namespace pgrehearse
