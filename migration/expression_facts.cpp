// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_state.h"

namespace pgrehearse {
namespace {

void add_unique(std::vector<std::string>& list, std::string_view value) {
  if (std::ranges::find(list, value) == list.end()) list.emplace_back(value);
}

const Node* without_casts(const Node* node) {
  while (auto* cast = as<TypeCast>(node)) node = cast->arg;
  return node;
}

std::optional<std::string> constant_text(const Node* node) {
  node = without_casts(node);
  // -1 arrives as a folded constant; - '1' does not and is left to the general case.
  auto* constant = as<A_Const>(node);
  if (!constant || constant->isnull) return std::nullopt;
  switch (constant->val.node.type) {
    case T_Integer: return std::to_string(constant->val.ival.ival);
    case T_Float: return std::string(view(constant->val.fval.fval));
    case T_Boolean: return constant->val.boolval.boolval ? "true" : "false";
    case T_String: return std::string(view(constant->val.sval.sval));
    case T_BitString: return std::string(view(constant->val.bsval.bsval));
    default: return std::nullopt;
  }
}

std::optional<std::string> column_name(const Node* node) {
  node = without_casts(node);
  auto* column = as<ColumnRef>(node);
  if (!column) return std::nullopt;
  std::string_view name = last_name(column->fields);
  return name.empty() ? std::nullopt : std::optional(std::string(name));
}

std::string_view mirrored(std::string_view op) {
  if (op == "<") return ">";
  if (op == ">") return "<";
  if (op == "<=") return ">=";
  if (op == ">=") return "<=";
  return op;
}

/// One AND arm; false when it is of another form.
bool add_comparison(const Node* node, ExpressionFacts& facts) {
  if (auto* null_test = as<NullTest>(node)) {
    auto column = column_name(reinterpret_cast<const Node*>(null_test->arg));
    if (!column || null_test->nulltesttype != IS_NOT_NULL) return false;
    add_unique(facts.proves_not_null, *column);
    facts.comparisons.push_back({std::move(*column), "is not null", {}});
    return true;
  }
  auto* expression = as<A_Expr>(node);
  if (!expression) return false;
  std::string op(last_name(expression->name));
  if (expression->kind == AEXPR_IN && op == "=") {
    auto column = column_name(expression->lexpr);
    auto* list = as<List>(expression->rexpr);
    if (!column || !list) return false;
    ExpressionFacts::Comparison comparison{*column, "in", {}};
    for (const Node& item : each<Node>(list)) {
      auto value = constant_text(&item);
      if (!value) return false;
      comparison.values.push_back(*value);
    }
    facts.comparisons.push_back(std::move(comparison));
    return true;
  }
  if (expression->kind == AEXPR_BETWEEN) {
    auto column = column_name(expression->lexpr);
    auto* list = as<List>(expression->rexpr);
    if (!column || length(list) != 2) return false;
    auto low = constant_text(static_cast<const Node*>(list->elements[0].ptr_value));
    auto high = constant_text(static_cast<const Node*>(list->elements[1].ptr_value));
    if (!low || !high) return false;
    facts.comparisons.push_back({*column, ">=", {*low}});
    facts.comparisons.push_back({*column, "<=", {*high}});
    return true;
  }
  static constexpr std::string_view operators[] = {"=", "<>", "<", "<=", ">", ">="};
  if (expression->kind != AEXPR_OP || std::ranges::find(operators, op) == std::end(operators)) return false;
  if (auto column = column_name(expression->lexpr)) {
    if (auto value = constant_text(expression->rexpr)) {
      facts.comparisons.push_back({*column, op, {*value}});
      return true;
    }
  } else if (auto right = column_name(expression->rexpr)) {
    if (auto value = constant_text(expression->lexpr)) {
      facts.comparisons.push_back({*right, std::string(mirrored(op)), {*value}});
      return true;
    }
  }
  return false;
}

std::string_view value_function(SQLValueFunctionOp op) {
  switch (op) {
    case SVFOP_CURRENT_DATE:
    case SVFOP_CURRENT_TIME:
    case SVFOP_CURRENT_TIME_N:
    case SVFOP_CURRENT_TIMESTAMP:
    case SVFOP_CURRENT_TIMESTAMP_N:
    case SVFOP_LOCALTIME:
    case SVFOP_LOCALTIME_N:
    case SVFOP_LOCALTIMESTAMP:
    case SVFOP_LOCALTIMESTAMP_N: return "now";
    case SVFOP_CURRENT_CATALOG: return "current_database";
    case SVFOP_CURRENT_SCHEMA: return "current_schema";
    default: return "current_user";
  }
}

void add_function(ExpressionFacts& facts, QualifiedName name) {
  if (std::ranges::find(facts.functions, name) == facts.functions.end()) facts.functions.push_back(std::move(name));
}

void add_node(const Node* node, ExpressionFacts& facts) {
  if (auto* call = as<FuncCall>(node)) {
    add_function(facts, qualified_name(call->funcname));
    const char* sequence = last_name(call->funcname) == "nextval" ? constant_string(first(call->args)) : nullptr;
    if (sequence) {
      std::string text(sequence);
      std::erase(text, '"');
      size_t dot = text.rfind('.');
      bool qualified = dot != std::string::npos;
      facts.sequences.push_back(
          {qualified ? text.substr(0, dot) : std::string(), text.substr(qualified ? dot + 1 : 0)});
    }
  } else if (auto* value = as<SQLValueFunction>(node)) {
    add_function(facts, {"pg_catalog", std::string(value_function(value->op))});
  } else if (auto* column = as<ColumnRef>(node)) {
    std::string_view name = last_name(column->fields);
    if (name.empty()) {
      facts.understood = false;  // whole-row references
    } else {
      add_unique(facts.columns, name);
    }
  } else if (node->type == T_SubLink || node->type == T_SelectStmt || node->type == T_ParamRef) {
    facts.understood = false;
  }
}

}  // namespace

/// Nothing stands below it.
static bool is_bare(const FuncCall& call) { return !call.args && !call.agg_order && !call.agg_filter && !call.over; }

/// Of an AND; nullptr for other nodes.
static const List* arms_of(const Node* node) {
  auto* boolean = as<BoolExpr>(node);
  return boolean && boolean->boolop == AND_EXPR ? boolean->args : nullptr;
}

ExpressionFacts expression_facts(const Node* expression) {
  ExpressionFacts facts;
  if (!expression) return facts;
  if (auto* constant = as<A_Const>(without_casts(expression))) {
    facts.is_constant = true;
    facts.is_null = constant->isnull;
    facts.constant = constant_text(expression).value_or("");
    if (as<A_Const>(expression)) return facts;  // the types of casts may hold more
  }
  if (auto* call = as<FuncCall>(expression); call && is_bare(*call)) {  // now(), most of all
    add_node(expression, facts);
    return facts;
  }
  for (const Node* node : all_nodes(expression)) add_node(node, facts);
  facts.only_comparisons = true;
  auto take = [&](const Node* arm) { facts.only_comparisons = add_comparison(arm, facts) && facts.only_comparisons; };
  if (!arms_of(expression)) {
    take(expression);
    return facts;
  }
  // The AND tree is flat as the parser builds it, but parentheses may nest it.
  std::vector<const Node*> arms{expression};
  while (!arms.empty()) {
    const Node* arm = arms.back();
    arms.pop_back();
    if (const List* inner = arms_of(arm)) {
      for (const Node& arg : each<Node>(inner)) arms.push_back(&arg);
    } else {
      take(arm);
    }
  }
  return facts;
}

}  // namespace pgrehearse
