// SPDX-License-Identifier: Apache-2.0
#include "rules/support/dml.h"

#include <algorithm>
#include <array>

#include "rules/support/locks.h"

namespace pgrehearse {
namespace {

const WithClause* with_clause_of(const Node* node) {
  if (auto* update = as<UpdateStmt>(node)) return update->withClause;
  if (auto* remove = as<DeleteStmt>(node)) return remove->withClause;
  if (auto* insert = as<InsertStmt>(node)) return insert->withClause;
  if (auto* select = as<SelectStmt>(node)) return select->withClause;
  if (auto* merge = as<MergeStmt>(node)) return merge->withClause;
  return nullptr;
}

template <class T>
const List* joined(const T& change) {
  if constexpr (std::is_same_v<T, UpdateStmt>) {
    return change.fromClause;
  } else {
    return change.usingClause;
  }
}

bool is_used(const RangeVar& relation, const Context& context) {
  if (!context.existed_before(relation)) return false;
  auto* known = context.find(relation);
  return !known || known->persistence != Persistence::temporary;
}

template <class T>
std::vector<RowChange> changes_of(const Statement& statement, const Context& context) {
  std::vector<RowChange> found;
  auto take = [&](const Node* node, const CommonTableExpr* cte) {
    auto* change = as<T>(node);
    if (!change || !is_used(*change->relation, context)) return;
    found.push_back({change->relation, change->whereClause, joined(*change), with_clause_of(statement.node), cte});
  };
  take(statement.node, nullptr);
  // PostgreSQL allows data-modifying CTEs in the outermost WITH only.
  if (auto* with = with_clause_of(statement.node)) {
    for (const auto& cte : each<CommonTableExpr>(with->ctes)) take(cte.ctequery, &cte);
  }
  return found;
}

bool limits(const Node* root) {
  bool limited = false;
  for_each_node<SelectStmt>(root, [&](const SelectStmt& select) {
    auto* constant = as<A_Const>(select.limitCount);
    limited = limited || (select.limitCount && !(constant && constant->isnull));
  });
  return limited;
}

bool has_values_list(const Node* root) {
  bool found = false;
  for_each_node<SelectStmt>(root, [&](const SelectStmt& select) { found = found || select.valuesLists; });
  return found;
}

/// What a WHERE clause pins down, one AND arm after the other.
class Bounds {
 public:
  Bounds(const RowChange& change, const Statement& statement, const Context& context)
      : change_(change), in_body_(statement.origin != Origin::top_level), table_(context.find(*change.relation)) {}

  bool are_tight(const Node* condition) {
    pinned_.clear();
    lower_.clear();
    upper_.clear();
    if (read(condition)) return true;
    if (std::ranges::any_of(pinned_, names_one_row)) return true;
    if (std::ranges::any_of(lower_, [&](std::string_view column) { return std::ranges::count(upper_, column) > 0; }))
      return true;
    return covers_a_key();
  }

 private:
  /// True when this arm alone is bound enough.
  bool read(const Node* node) {
    if (!node) return false;
    if (node->type == T_CurrentOfExpr) return true;
    if (auto* constant = as<A_Const>(node))
      return constant->isnull || (is_boolean(*constant) && !constant->val.boolval.boolval);
    if (auto* logic = as<BoolExpr>(node)) return read_logic(*logic);
    if (auto* comparison = as<A_Expr>(node)) return read_comparison(*comparison);
    auto* link = as<SubLink>(node);
    if (!link || link->subLinkType != ANY_SUBLINK) return false;
    return limits(link->subselect) || has_values_list(link->subselect);
  }

  static bool is_boolean(const A_Const& constant) { return constant.val.node.type == T_Boolean; }

  bool read_logic(const BoolExpr& logic) {
    if (logic.boolop == NOT_EXPR) return false;
    if (logic.boolop == AND_EXPR) {
      bool tight = false;
      for (const Node& arm : each<Node>(logic.args)) tight = read(&arm) || tight;
      return tight;
    }
    auto pinned = std::move(pinned_);
    auto lower = std::move(lower_);
    auto upper = std::move(upper_);
    bool all = true;
    for (const Node& arm : each<Node>(logic.args)) all = are_tight(&arm) && all;
    pinned_ = std::move(pinned);
    lower_ = std::move(lower);
    upper_ = std::move(upper);
    return all;
  }

  bool read_comparison(const A_Expr& comparison) {
    std::string_view column = own_column(comparison.lexpr);
    const Node* other = comparison.rexpr;
    std::string_view op = last_name(comparison.name);
    if (column.empty() && comparison.kind == AEXPR_OP) {
      column = own_column(comparison.rexpr);
      other = comparison.lexpr;
      op = op == "<" ? ">" : op == ">" ? "<" : op == "<=" ? ">=" : op == ">=" ? "<=" : op;
    }
    if (column.empty() || !is_outside_value(other)) return false;
    switch (comparison.kind) {
      case AEXPR_BETWEEN:
      case AEXPR_BETWEEN_SYM: return true;
      case AEXPR_IN:
      case AEXPR_OP_ANY:
        if (op == "=") pinned_.push_back(column);
        return false;
      case AEXPR_OP:
        if (op == "=") pinned_.push_back(column);
        if (op == ">" || op == ">=") lower_.push_back(column);
        if (op == "<" || op == "<=") upper_.push_back(column);
        return false;
      default: return false;
    }
  }

  std::string_view own_column(const Node* node) const {
    auto* reference = as<ColumnRef>(node);
    if (!reference || length(reference->fields) > 2) return {};
    if (length(reference->fields) == 2 && string_value(first(reference->fields)) != own_name()) return {};
    if (length(reference->fields) == 1 && in_body_ && is_variable(string_value(first(reference->fields)))) return {};
    return last_name(reference->fields);
  }

  std::string_view own_name() const {
    return change_.relation->alias ? view(change_.relation->alias->aliasname) : view(change_.relation->relname);
  }

  /// In a PL/pgSQL body a bare name may be a variable; the state tells when the table has no such column.
  bool is_variable(std::string_view name) const { return table_ && table_->complete && !table_->column(name); }

  /// A value that is the same for all rows of the table: no column of it, and none of a table that it is joined to.
  bool is_outside_value(const Node* node) const {
    if (as<SubLink>(node)) return as<SubLink>(node)->subLinkType == EXPR_SUBLINK;
    if (as<List>(node)) {
      for (const Node& item : each<Node>(as<List>(node))) {
        if (!is_outside_value(&item)) return false;
      }
      return true;
    }
    bool outside = true;
    for_each_node<ColumnRef>(node, [&](const ColumnRef& reference) {
      bool variable = in_body_ && !change_.from &&
                      (length(reference.fields) == 2 ? string_value(first(reference.fields)) != own_name()
                                                     : !table_ || !table_->column(last_name(reference.fields)));
      outside = outside && variable;
    });
    return outside;
  }

  /// Names under which people keep what identifies a row. The state proves more (covers_a_key), but most sets do not
  /// begin with the first migration of their project.
  static bool names_one_row(std::string_view column) {
    static constexpr std::array names = {"id",   "ctid", "uuid", "guid",  "key",
                                         "name", "slug", "code", "email", "version"};
    return std::ranges::find(names, column) != names.end() || column.ends_with("_key") || column.ends_with("_uuid");
  }

  bool covers_a_key() const {
    if (!table_) return false;
    auto is_pinned = [&](const std::string& column) { return std::ranges::count(pinned_, column) > 0; };
    for (const ConstraintState& constraint : table_->constraints) {
      bool unique = constraint.kind == ConstraintKind::primary_key || constraint.kind == ConstraintKind::unique;
      if (unique && !constraint.columns.empty() && std::ranges::all_of(constraint.columns, is_pinned)) return true;
    }
    return std::ranges::any_of(table_->indexes, [&](const IndexState& index) {
      return index.unique && !index.partial && !index.has_expressions && std::ranges::all_of(index.columns, is_pinned);
    });
  }

  const RowChange& change_;
  bool in_body_;
  const RelationState* table_;
  std::vector<std::string_view> pinned_, lower_, upper_;
};

}  // namespace

std::vector<RowChange> updates_of_used_tables(const Statement& statement, const Context& context) {
  return changes_of<UpdateStmt>(statement, context);
}

std::vector<RowChange> deletes_of_used_tables(const Statement& statement, const Context& context) {
  return changes_of<DeleteStmt>(statement, context);
}

Span change_span(const Statement& statement, const RowChange& change) {
  return change.cte ? statement.token_at(change.cte->location) : statement.span;
}

bool touches_few_rows(const RowChange& change, const Statement& statement, const Context& context) {
  if (!change.where) return false;
  for (const Node& source : each<Node>(change.from)) {
    if (limits(&source) || has_values_list(&source)) return true;
  }
  if (change.with) {
    for (const auto& cte : each<CommonTableExpr>(change.with->ctes)) {
      if (limits(cte.ctequery) || (as<SelectStmt>(cte.ctequery) && has_values_list(cte.ctequery))) return true;
    }
  }
  return Bounds(change, statement, context).are_tight(change.where);
}

bool is_backfill_with_ddl(const RowChange& change, const Context& context) {
  if (change.cte) return false;
  auto* lock = held_on(context, context.state().resolve(qualified_name(*change.relation)));
  return lock && blocks_reads(lock->mode);
}

std::string batch_form(const RowChange& change, std::string_view verb, const Context& context) {
  std::string table = display_name(*change.relation);
  std::string key = "ctid";
  if (auto* known = context.find(*change.relation)) {
    auto* primary = known->primary_key();
    if (primary && primary->columns.size() == 1) key = quote_identifier(primary->columns[0]);
  }
  std::string head = verb == "UPDATE" ? "UPDATE " + table + " SET ..." : "DELETE FROM " + table;
  return head + " WHERE " + key + " IN (SELECT " + key + " FROM " + table +
         " WHERE ... LIMIT 5000 FOR UPDATE SKIP LOCKED)";
}

}  // namespace pgrehearse
