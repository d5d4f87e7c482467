// SPDX-License-Identifier: Apache-2.0
#include "migration/schema_query.h"

#include <algorithm>
#include <array>

#include "migration/schema_fold.h"
#include "migration/schema_types.h"

namespace pgrehearse {
namespace {

constexpr int deepest = 60;  ///< sub-queries and expressions beyond are left unknown

ColumnType builtin(std::string_view name) {
  ColumnType type;
  type.text = type.name.name = type.base = name;
  type.kind = ColumnType::Kind::builtin;
  return type;
}

ColumnType without_modifiers(ColumnType type) {
  if (type.modifiers.empty() || type.kind == ColumnType::Kind::domain) return type;
  type.modifiers.clear();
  set_type_text(type);
  return type;
}

ColumnType array_of(ColumnType type) {
  if (type.kind == ColumnType::Kind::unknown || type.array) return {};
  type = without_modifiers(std::move(type));
  type.array = true;
  type.text += "[]";
  return type;
}

bool is_known(const ColumnType& type) { return type.kind != ColumnType::Kind::unknown || !type.name.name.empty(); }

/// Functions of pg_catalog whose result type does not depend on the arguments.
constexpr std::array<std::pair<std::string_view, std::string_view>, 66> fixed_results{{
    {"array_length", "integer"},
    {"array_to_string", "text"},
    {"bool_and", "boolean"},
    {"bool_or", "boolean"},
    {"btrim", "text"},
    {"char_length", "integer"},
    {"clock_timestamp", "timestamp with time zone"},
    {"concat", "text"},
    {"concat_ws", "text"},
    {"count", "bigint"},
    {"cume_dist", "double precision"},
    {"current_database", "name"},
    {"current_setting", "text"},
    {"date_part", "double precision"},
    {"dense_rank", "bigint"},
    {"every", "boolean"},
    {"extract", "numeric"},
    {"format", "text"},
    {"gen_random_uuid", "uuid"},
    {"initcap", "text"},
    {"json_agg", "json"},
    {"json_build_array", "json"},
    {"json_build_object", "json"},
    {"json_object_agg", "json"},
    {"jsonb_agg", "jsonb"},
    {"jsonb_array_length", "integer"},
    {"jsonb_build_array", "jsonb"},
    {"jsonb_build_object", "jsonb"},
    {"jsonb_object_agg", "jsonb"},
    {"jsonb_typeof", "text"},
    {"left", "text"},
    {"length", "integer"},
    {"lower", "text"},
    {"lpad", "text"},
    {"ltrim", "text"},
    {"make_date", "date"},
    {"make_interval", "interval"},
    {"md5", "text"},
    {"nextval", "bigint"},
    {"now", "timestamp with time zone"},
    {"ntile", "integer"},
    {"octet_length", "integer"},
    {"percent_rank", "double precision"},
    {"pg_relation_size", "bigint"},
    {"pg_total_relation_size", "bigint"},
    {"quote_ident", "text"},
    {"quote_literal", "text"},
    {"random", "double precision"},
    {"rank", "bigint"},
    {"regexp_replace", "text"},
    {"repeat", "text"},
    {"replace", "text"},
    {"reverse", "text"},
    {"right", "text"},
    {"row_number", "bigint"},
    {"row_to_json", "json"},
    {"rpad", "text"},
    {"rtrim", "text"},
    {"split_part", "text"},
    {"statement_timestamp", "timestamp with time zone"},
    {"strpos", "integer"},
    {"to_char", "text"},
    {"to_json", "json"},
    {"to_jsonb", "jsonb"},
    {"to_tsvector", "tsvector"},
    {"transaction_timestamp", "timestamp with time zone"},
}};

/// Numbers in the order in which PostgreSQL prefers them; -1 for other types.
int number_rank(const ColumnType& type) {
  static constexpr std::array<std::string_view, 6> ranks{"smallint", "integer", "bigint",
                                                         "numeric",  "real",    "double precision"};
  if (type.array || type.kind != ColumnType::Kind::builtin) return -1;
  auto found = std::ranges::find(ranks, type.name.name);
  return found == ranks.end() ? -1 : static_cast<int>(found - ranks.begin());
}

struct Source {
  std::string_view alias;
  std::vector<ColumnState> columns;
  bool complete = true;
  bool joined = false;  ///< its columns come from sources listed before: for stars only
};

class Query {
 public:
  explicit Query(const SchemaState& state) : state_(state) {}

  QueryColumns columns_of(const SelectStmt& select, int depth) {
    if (depth > deepest) return {{}, false};
    size_t outer_ctes = ctes_.size();
    if (select.withClause) {
      for (const CommonTableExpr& cte : each<CommonTableExpr>(select.withClause->ctes)) {
        QueryColumns columns{{}, false};
        if (auto* inner = as<SelectStmt>(cte.ctequery)) {
          // A recursive one is known by its first arm.
          columns = columns_of(inner->larg && select.withClause->recursive ? *inner->larg : *inner, depth + 1);
        }
        rename(columns, cte.aliascolnames);
        ctes_.emplace_back(view(cte.ctename), std::move(columns));
      }
    }
    QueryColumns result = body(select, depth);
    ctes_.resize(outer_ctes);
    return result;
  }

 private:
  static void rename(QueryColumns& columns, const List* names) {
    std::vector<std::string> given = names_of(names);
    for (size_t i = 0; i < given.size() && i < columns.list.size(); ++i) columns.list[i].name = given[i];
  }

  QueryColumns body(const SelectStmt& select, int depth) {
    if (select.larg) {
      QueryColumns left = columns_of(*select.larg, depth + 1);
      QueryColumns right = columns_of(*select.rarg, depth + 1);
      for (size_t i = 0; i < left.list.size() && i < right.list.size(); ++i) {
        left.list[i].type = common(left.list[i].type, right.list[i].type);
      }
      return left;
    }
    QueryColumns result;
    size_t outer = sources_.size();
    if (select.valuesLists) {
      int number = 0;
      for (const Node& value : each<Node>(as<List>(first(select.valuesLists)))) {
        ColumnState column;
        column.name = "column" + std::to_string(++number);
        column.type = type_of(&value, depth + 1);
        result.list.push_back(std::move(column));
      }
      return result;
    }
    for (const Node& item : each<Node>(select.fromClause)) add_source(&item, depth + 1);
    for (const ResTarget& target : each<ResTarget>(select.targetList)) {
      if (result.list.size() >= most_columns) {
        result.complete = false;
        break;
      }
      add_target(target, outer, result, depth);
    }
    sources_.resize(outer);
    return result;
  }

  void add_target(const ResTarget& target, size_t outer, QueryColumns& result, int depth) {
    auto* reference = as<ColumnRef>(target.val);
    if (reference && last_name(reference->fields).empty()) return add_star(*reference, outer, result);
    ColumnState column;
    if (reference) {
      if (const ColumnState* found = find(*reference)) {
        column.type = found->type;
        column.collation = found->collation;
      }
    } else {
      column.type = type_of(target.val, depth + 1);
    }
    column.name = target.name ? view(target.name) : figure_name(target.val);
    result.list.push_back(std::move(column));
  }

  void add_star(const ColumnRef& star, size_t outer, QueryColumns& result) {
    int fields = length(star.fields);
    auto* before = fields > 1 ? static_cast<const Node*>(star.fields->elements[fields - 2].ptr_value) : nullptr;
    std::string_view alias = string_value(before);
    for (size_t i = alias.empty() ? outer : 0; i < sources_.size(); ++i) {
      const Source& source = sources_[i];
      if (alias.empty() ? source.joined : source.alias != alias) continue;
      result.complete = result.complete && source.complete;
      for (const ColumnState& column : source.columns) {
        if (result.list.size() < most_columns) result.list.push_back(column);
      }
    }
  }

  const ColumnState* find(const ColumnRef& reference) const {
    int fields = length(reference.fields);
    auto* before = fields > 1 ? static_cast<const Node*>(reference.fields->elements[fields - 2].ptr_value) : nullptr;
    std::string_view alias = string_value(before), name = last_name(reference.fields);
    for (size_t i = sources_.size(); i-- > 0;) {
      if (!alias.empty() && sources_[i].alias != alias) continue;
      auto found = std::ranges::find(sources_[i].columns, name, &ColumnState::name);
      if (found != sources_[i].columns.end()) return &*found;
    }
    return nullptr;
  }

  void add_source(const Node* item, int depth) {
    if (auto* relation = as<RangeVar>(item)) return add_relation(*relation);
    if (auto* subselect = as<RangeSubselect>(item)) {
      QueryColumns columns{{}, false};
      if (auto* select = as<SelectStmt>(subselect->subquery)) columns = columns_of(*select, depth + 1);
      if (subselect->alias) rename(columns, subselect->alias->colnames);
      std::string_view alias = subselect->alias ? view(subselect->alias->aliasname) : std::string_view();
      sources_.push_back({alias, std::move(columns.list), columns.complete, false});
      return;
    }
    if (auto* join = as<JoinExpr>(item)) return add_join(*join, depth);
    Source unknown;
    unknown.complete = false;
    if (auto* function = as<RangeFunction>(item); function && function->alias) {
      unknown.alias = view(function->alias->aliasname);
    }
    sources_.push_back(std::move(unknown));
  }

  void add_relation(const RangeVar& relation) {
    Source source;
    source.alias = relation.alias ? view(relation.alias->aliasname) : view(relation.relname);
    auto is_it = [&](const auto& cte) { return cte.first == view(relation.relname); };
    auto cte = std::find_if(ctes_.rbegin(), ctes_.rend(), is_it);
    if (!relation.schemaname && cte != ctes_.rend()) {
      source.columns = cte->second.list;
      source.complete = cte->second.complete;
    } else if (const RelationState* found = state_.find(relation)) {
      for (const ColumnState& column : found->columns) {
        ColumnState plain;
        plain.name = column.name;
        plain.type = column.type;
        plain.collation = column.collation;
        source.columns.push_back(std::move(plain));
      }
      source.complete = found->complete;
    } else {
      source.complete = false;
    }
    if (relation.alias) {
      std::vector<std::string> names = names_of(relation.alias->colnames);
      for (size_t i = 0; i < names.size() && i < source.columns.size(); ++i) source.columns[i].name = names[i];
    }
    sources_.push_back(std::move(source));
  }

  /// JOIN USING gives its columns once and first, so a star is answered by a source of its own.
  void add_join(const JoinExpr& join, int depth) {
    if (depth > deepest) return;
    size_t left = sources_.size();
    add_source(join.larg, depth + 1);
    size_t right = sources_.size();
    add_source(join.rarg, depth + 1);
    if (join.isNatural) {
      for (size_t i = left; i < sources_.size(); ++i) sources_[i].complete = false;
    }
    if (!join.usingClause && !join.alias) return;
    std::vector<std::string> shared = names_of(join.usingClause);
    Source merged;
    if (join.alias) merged.alias = view(join.alias->aliasname);
    auto is_shared = [&](const ColumnState& column) { return std::ranges::find(shared, column.name) != shared.end(); };
    for (const std::string& name : shared) {
      for (size_t i = left; i < right; ++i) {
        auto found = std::ranges::find(sources_[i].columns, name, &ColumnState::name);
        if (found == sources_[i].columns.end()) continue;
        merged.columns.push_back(*found);
        break;
      }
    }
    for (size_t i = left; i < sources_.size(); ++i) {
      Source& source = sources_[i];
      if (source.joined) continue;
      merged.complete = merged.complete && source.complete;
      for (const ColumnState& column : source.columns) {
        if (!is_shared(column)) merged.columns.push_back(column);
      }
      source.joined = true;
    }
    sources_.push_back(std::move(merged));
  }

  /// Of the arms of UNION, CASE and COALESCE.
  static ColumnType common(const ColumnType& a, const ColumnType& b) {
    if (!is_known(a) || !is_known(b)) return {};
    if (a == b) return a;
    if (a.name == b.name && a.array == b.array) return without_modifiers(a);
    int a_rank = number_rank(a), b_rank = number_rank(b);
    if (a_rank >= 0 && b_rank >= 0) return without_modifiers(a_rank > b_rank ? a : b);
    auto is_string = [](const ColumnType& type) {
      return !type.array && (type.name.name == "text" || type.name.name == "character varying");
    };
    if (is_string(a) && is_string(b)) return builtin("text");
    return {};
  }

  /// A string or NULL without a cast takes the type of what stands beside it.
  static bool adapts(const Node* node) {
    auto* constant = as<A_Const>(node);
    return constant && (constant->isnull || constant->val.node.type == T_String);
  }

  ColumnType common_of(const std::vector<const Node*>& arms, int depth) {
    std::optional<ColumnType> type;
    for (const Node* arm : arms) {
      if (!arm || adapts(arm)) continue;
      ColumnType next = type_of(arm, depth + 1);
      type = type ? common(*type, next) : next;
    }
    return type ? *type : builtin("text");
  }

  ColumnType type_of(const Node* node, int depth) {
    if (!node || depth > deepest) return {};
    if (auto* reference = as<ColumnRef>(node)) {
      const ColumnState* found = find(*reference);
      return found ? *found->type : ColumnType();
    }
    if (auto* cast = as<TypeCast>(node)) return state_.resolve_type(*cast->typeName);
    if (auto* constant = as<A_Const>(node)) {
      if (constant->isnull) return builtin("text");
      switch (constant->val.node.type) {
        case T_Integer: return builtin("integer");
        case T_Float:
          return view(constant->val.fval.fval).find_first_of(".eE") == std::string_view::npos ? ColumnType()
                                                                                              : builtin("numeric");
        case T_Boolean: return builtin("boolean");
        case T_String: return builtin("text");
        default: return {};
      }
    }
    if (as<BoolExpr>(node) || as<NullTest>(node) || as<BooleanTest>(node)) return builtin("boolean");
    if (auto* collate = as<CollateClause>(node)) return type_of(collate->arg, depth + 1);
    if (auto* call = as<FuncCall>(node)) return type_of_call(*call, depth);
    if (auto* expression = as<A_Expr>(node)) return type_of_operator(*expression, depth);
    if (auto* link = as<SubLink>(node)) {
      if (link->subLinkType != EXPR_SUBLINK && link->subLinkType != ARRAY_SUBLINK) return builtin("boolean");
      auto* select = as<SelectStmt>(link->subselect);
      QueryColumns columns = select ? columns_of(*select, depth + 1) : QueryColumns();
      if (columns.list.empty()) return {};
      ColumnType type = columns.list[0].type;
      return link->subLinkType == ARRAY_SUBLINK ? array_of(type) : type;
    }
    if (auto* coalesce = as<CoalesceExpr>(node)) return common_of(nodes(coalesce->args), depth);
    if (auto* minmax = as<MinMaxExpr>(node)) return common_of(nodes(minmax->args), depth);
    if (auto* array = as<A_ArrayExpr>(node)) return array_of(common_of(nodes(array->elements), depth));
    if (auto* choice = as<CaseExpr>(node)) {
      std::vector<const Node*> arms;
      if (choice->defresult) arms.push_back(reinterpret_cast<const Node*>(choice->defresult));
      for (const CaseWhen& when : each<CaseWhen>(choice->args)) {
        arms.push_back(reinterpret_cast<const Node*>(when.result));
      }
      return common_of(arms, depth);
    }
    if (auto* value = as<SQLValueFunction>(node)) {
      switch (value->op) {
        case SVFOP_CURRENT_DATE: return builtin("date");
        case SVFOP_CURRENT_TIMESTAMP: return builtin("timestamp with time zone");
        case SVFOP_LOCALTIMESTAMP: return builtin("timestamp without time zone");
        case SVFOP_CURRENT_USER:
        case SVFOP_SESSION_USER:
        case SVFOP_USER:
        case SVFOP_CURRENT_ROLE:
        case SVFOP_CURRENT_CATALOG:
        case SVFOP_CURRENT_SCHEMA: return builtin("name");
        default: return {};
      }
    }
    return {};
  }

  static std::vector<const Node*> nodes(const List* list) {
    std::vector<const Node*> result;
    for (const Node& node : each<Node>(list)) result.push_back(&node);
    return result;
  }

  ColumnType type_of_call(const FuncCall& call, int depth) {
    QualifiedName name = qualified_name(call.funcname);
    int arguments = length(call.args);
    if (const FunctionState* own = state_.function(name, arguments)) return own->returns;
    if (!name.schema.empty() && name.schema != "pg_catalog") return {};
    auto fixed =
        std::ranges::lower_bound(fixed_results, name.name, {}, &std::pair<std::string_view, std::string_view>::first);
    if (fixed != fixed_results.end() && fixed->first == name.name) {
      ColumnType argument = type_of(first(call.args), depth + 1);
      // The same name is another function for bytea and tsvector.
      bool other = argument.name.name == "bytea" || argument.name.name == "tsvector" || argument.name.name == "bit";
      return other ? ColumnType() : builtin(fixed->second);
    }
    ColumnType argument = arguments > 0 ? type_of(first(call.args), depth + 1) : ColumnType();
    int rank = number_rank(argument);
    if (name.name == "min" || name.name == "max") {
      return argument.name.name == "character varying" ? builtin("text") : without_modifiers(argument);
    }
    if (name.name == "array_agg") return array_of(argument);
    if (name.name == "sum" && rank >= 0) {
      return rank <= 1 ? builtin("bigint") : rank <= 3 ? builtin("numeric") : without_modifiers(argument);
    }
    if (name.name == "avg" && rank >= 0) return builtin(rank <= 3 ? "numeric" : "double precision");
    if ((name.name == "abs" || name.name == "mod") && rank >= 0) return without_modifiers(argument);
    if ((name.name == "lag" || name.name == "lead" || name.name == "first_value" || name.name == "last_value") &&
        arguments == 1) {
      return without_modifiers(argument);
    }
    if (name.name == "string_agg" && argument.name.name != "bytea" && is_known(argument)) return builtin("text");
    if (name.name == "date_trunc" && arguments == 2) {
      auto* second = static_cast<const Node*>(call.args->elements[1].ptr_value);
      return adapts(second) ? builtin("timestamp with time zone") : without_modifiers(type_of(second, depth + 1));
    }
    return {};
  }

  ColumnType type_of_operator(const A_Expr& expression, int depth) {
    switch (expression.kind) {
      case AEXPR_OP: break;
      case AEXPR_NULLIF: return adapts(expression.lexpr) ? builtin("text") : type_of(expression.lexpr, depth + 1);
      default: return builtin("boolean");
    }
    std::string_view op = last_name(expression.name);
    static constexpr std::array<std::string_view, 14> tests{"=",  "<>", "<",   ">",  "<=", ">=", "~",
                                                            "!~", "~*", "!~*", "@>", "<@", "&&", "?"};
    if (std::ranges::find(tests, op) != tests.end()) return builtin("boolean");
    if (op == "->>" || op == "#>>") return builtin("text");
    ColumnType left = type_of(expression.lexpr, depth + 1), right = type_of(expression.rexpr, depth + 1);
    if (op == "->" || op == "#>") return left;
    if (op == "||") {
      bool strings = (left.name.name == "text" || left.name.name == "character varying") && !left.array;
      bool also = (right.name.name == "text" || right.name.name == "character varying") && !right.array;
      return strings || also ? builtin("text") : ColumnType();
    }
    if (op != "+" && op != "-" && op != "*" && op != "/" && op != "%") return {};
    if (!expression.lexpr) return number_rank(right) >= 0 ? without_modifiers(right) : ColumnType();
    int left_rank = number_rank(left), right_rank = number_rank(right);
    if (left_rank >= 0 && right_rank >= 0 && left_rank <= 3 && right_rank <= 3) {
      return without_modifiers(left_rank > right_rank ? left : right);
    }
    if (left_rank == 5 && right_rank >= 0) return builtin("double precision");
    if (right_rank == 5 && left_rank >= 0) return builtin("double precision");
    bool time = left.name.name.starts_with("timestamp") && !left.array;
    if (time && right.name.name == "interval" && (op == "+" || op == "-")) return without_modifiers(left);
    if (time && right.name == left.name && op == "-") return builtin("interval");
    return {};
  }

  const SchemaState& state_;
  std::vector<std::pair<std::string_view, QueryColumns>> ctes_;
  std::vector<Source> sources_;
};

}  // namespace

QueryColumns query_columns(const SchemaState& state, const Node* query) {
  auto* select = as<SelectStmt>(query);
  return select ? Query(state).columns_of(*select, 0) : QueryColumns{{}, false};
}

}  // namespace pgrehearse
