// SPDX-License-Identifier: Apache-2.0
#include "impact/forecast.h"

#include <algorithm>
#include <memory>

#include "impact/impact.h"
#include "migration/expansion.h"
#include "sql/body.h"
#include "sql/parser.h"
#include "sql/script.h"

namespace pgrehearse {
namespace {

/// "app"."orders" or orders, as PostgreSQL prints it, taken apart.
QualifiedName parse_display_name(std::string_view text) {
  QualifiedName name;
  std::string part;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      if (quoted && i + 1 < text.size() && text[i + 1] == '"') {
        part += text[i++];
      } else {
        quoted = !quoted;
      }
    } else if (text[i] == '.' && !quoted) {
      name.schema = std::move(part);
      part.clear();
    } else {
      part += text[i];
    }
  }
  name.name = std::move(part);
  return name;
}

std::string observer_name(QualifiedName name) {
  if (name.schema == "public") name.schema.clear();
  return display_name(name);
}

/// What the statement does depends on rows, or on whether something is there that the files do not tell of.
bool depends_on_more(const Node* node) {
  switch (node->type) {
    case T_DropStmt: return as<DropStmt>(node)->missing_ok;
    case T_RenameStmt: return as<RenameStmt>(node)->missing_ok;
    case T_AlterTableStmt: return as<AlterTableStmt>(node)->missing_ok;
    case T_AlterSeqStmt: return as<AlterSeqStmt>(node)->missing_ok;
    case T_AlterObjectSchemaStmt: return as<AlterObjectSchemaStmt>(node)->missing_ok;
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
    case T_SelectStmt:
    case T_CopyStmt:
    case T_CreateTableAsStmt:
    case T_RefreshMatViewStmt:
    case T_ExplainStmt: return true;
    default: return false;
  }
}

void merge(Impact& all, const Impact& one, bool conditional) {
  if (!one.known && all.known) {
    all.known = false;
    all.unknown_reason = one.unknown_reason;
  }
  if (!one.sqlstate.empty() && !conditional && all.sqlstate.empty()) all.sqlstate = one.sqlstate;
  for (const RelationImpact& relation : one.relations) {
    auto found = std::ranges::find(all.relations, relation.name, &RelationImpact::name);
    if (found == all.relations.end()) {
      all.relations.push_back(relation);
      continue;
    }
    found->lock = std::max(found->lock, relation.lock);
    found->rewrite |= relation.rewrite;
    found->index_rebuild = (found->index_rebuild || relation.index_rebuild) && !found->rewrite;
    found->scan |= relation.scan;
    found->existing |= relation.existing;
  }
}

/// Statements that keep no lock, or that no transaction encloses.
bool stands_alone(const Statement& statement) {
  if (auto* index = statement.as<IndexStmt>()) return index->concurrent;
  if (auto* drop = statement.as<DropStmt>()) return drop->concurrent;
  if (auto* vacuum = statement.as<VacuumStmt>()) return vacuum->is_vacuumcmd;
  return false;
}

class Walk {
 public:
  Walk(const Part& part, SchemaState& state, int pg_version)
      : script_(script_of(part)), state_(state), before_(state), version_(pg_version), mode_(part.mode) {}

  std::vector<Forecast> run() {
    size_t count = script_.statements().size();
    enclosed_ = count > 0 && runs_in_transaction(mode_, count, count - 1);
    size_t next = 0;
    for (const StatementSpan& span : script_.statements()) {
      bool begins = next++ == (mode_ == RunMode::pipeline ? 1 : 0);  // the first of a pipeline is on its own
      if (enclosed_ && begins && !state_.in_transaction()) control("BEGIN");
      auto statement = parser_.parse(script_, span);
      if (statement && statement->node) visit(*statement);
    }
    bool open = state_.in_transaction();
    close(0, mode_ == RunMode::all_pending && open);
    if (enclosed_ && open) control("COMMIT");
    return std::move(forecasts_);
  }

 private:
  void control(const char* sql) {
    Script script(std::make_shared<const SourceFile>("", sql));
    auto parsed = control_parser_.parse(script, script.statements().front());
    if (parsed) state_.apply(*parsed);
  }

  void visit(const Statement& statement) {
    Forecast& next = forecasts_.emplace_back();
    size_t index = forecasts_.size() - 1;
    next.span = statement.span;
    next.held_until = index;
    next.impact = impact(statement, state_, version_);
    next.may_do_less = depends_on_more(statement.node) && !names_known(statement, next.impact);
    next.controls_transaction = statement.as<TransactionStmt>() != nullptr;
    next.in_transaction = state_.in_transaction() && !stands_alone(statement);
    name(next, 0);
    note_lookups(statement, next);
    auto body = body_of(statement);
    if (body && body->origin == Origin::do_block) {
      fold_body(*body, statement, next);
    } else {
      end_transaction(statement, index);
      state_.apply(statement);
      if (auto* transaction = statement.as<TransactionStmt>(); transaction && enclosed_) reopen(*transaction);
    }
    if (next.in_transaction) holding_.push_back(index);
  }

  /// IF EXISTS of what is there.
  bool names_known(const Statement& statement, const Impact& impact) const {
    auto* drop = statement.as<DropStmt>();
    bool alters = statement.as<AlterTableStmt>() || statement.as<RenameStmt>() || statement.as<AlterSeqStmt>() ||
                  statement.as<AlterObjectSchemaStmt>();
    if (!drop && !alters) return false;
    if (drop && impact.relations.size() < static_cast<size_t>(length(drop->objects))) return false;
    return std::ranges::all_of(impact.relations, [&](const RelationImpact& relation) {
      QualifiedName name = parse_display_name(relation.name);
      return state_.index(name) || state_.exists(name) == Known::yes;
    });
  }

  void fold_body(const Body& body, const Statement& statement, Forecast& whole) {
    for_each_statement_in(
        body, statement.source, body_parser_,
        [&](const Statement& inner, const BodyPiece& piece) {
          Impact one = impact(inner, state_, version_);
          size_t before = whole.impact.relations.size();
          merge(whole.impact, one, piece.conditional);
          name(whole, before);
          note_lookups(inner, whole);
          bool less = piece.conditional || piece.loop_depth > 0 || depends_on_more(inner.node);
          whole.may_do_less = whole.may_do_less || less;
          state_.apply(inner, piece.conditional);
        },
        [](const SyntaxError&) {});
  }

  /// The names of the relations from `begin` on.
  void name(Forecast& of, size_t begin) {
    for (size_t i = begin; i < of.impact.relations.size(); ++i) {
      QualifiedName written = parse_display_name(of.impact.relations[i].name);
      QualifiedName resolved = state_.resolve(written);
      QualifiedName at_start = resolved;
      if (const RelationState* now = state_.find(written)) {
        at_start = now->name;
        if (const RelationState* then = before_.relation(now->id)) at_start = then->name;
      } else if (auto index = state_.index(written)) {
        at_start = {index.table->name.schema, index.index->name};
        if (auto then = before_.index(index.index->id)) at_start = {then.table->name.schema, then.index->name};
      }
      of.names_at_start.push_back(observer_name(std::move(at_start)));
    }
  }

  /// In an ALTER TABLE, scans of other tables are those of foreign keys.
  void note_lookups(const Statement& statement, Forecast& of) const {
    size_t named = of.looked_up.size();
    of.looked_up.resize(of.impact.relations.size(), false);
    auto* alter = statement.as<AlterTableStmt>();
    if (!alter || !alter->relation) return;
    for (const AlterTableCmd& command : each<AlterTableCmd>(alter->cmds)) {
      if (command.subtype == AT_AttachPartition) return;
    }
    const RelationState* table = state_.find(*alter->relation);
    std::vector<std::string> own;
    if (table) {
      for (const RelationState* below : state_.descendants(table->id)) own.push_back(state_.display_name(*below));
    }
    for (size_t i = named; i < of.looked_up.size(); ++i) {
      const std::string& name = of.impact.relations[i].name;
      of.looked_up[i] = table ? std::ranges::find(own, name) == own.end() : name != display_name(*alter->relation);
    }
  }

  /// COMMIT and ROLLBACK let go of everything, ROLLBACK TO of what came after the savepoint.
  void end_transaction(const Statement& statement, size_t index) {
    auto* transaction = statement.as<TransactionStmt>();
    if (!transaction) return;
    switch (transaction->kind) {
      case TRANS_STMT_COMMIT:
      case TRANS_STMT_ROLLBACK:
      case TRANS_STMT_PREPARE: return close(index, false);
      case TRANS_STMT_SAVEPOINT: savepoints_.emplace_back(transaction->savepoint_name, holding_.size()); return;
      case TRANS_STMT_ROLLBACK_TO: {
        auto found = std::ranges::find(savepoints_.rbegin(), savepoints_.rend(), view(transaction->savepoint_name),
                                       &std::pair<std::string, size_t>::first);
        if (found == savepoints_.rend()) return;
        for (size_t i = found->second; i < holding_.size(); ++i) forecasts_[holding_[i]].held_until = index;
        holding_.resize(std::min(found->second, holding_.size()));
        savepoints_.erase(found.base(), savepoints_.end());
        return;
      }
      default: return;
    }
  }

  /// After COMMIT a query string goes on in a new implicit transaction; a tool's transaction is over.
  void reopen(const TransactionStmt& transaction) {
    bool ends = transaction.kind == TRANS_STMT_COMMIT || transaction.kind == TRANS_STMT_ROLLBACK;
    bool implicit = mode_ == RunMode::query_string || mode_ == RunMode::pipeline;
    if (ends && implicit && !state_.in_transaction()) control("BEGIN");
  }

  void close(size_t index, bool beyond) {
    size_t last = index > 0 ? index : forecasts_.empty() ? 0 : forecasts_.size() - 1;
    for (size_t held : holding_) {
      forecasts_[held].held_until = last;
      forecasts_[held].beyond_part = beyond;
    }
    holding_.clear();
    savepoints_.clear();
  }

  Script script_;
  SchemaState& state_;
  SchemaState before_;
  int version_;
  RunMode mode_;
  bool enclosed_ = false;
  Parser parser_, body_parser_, control_parser_;
  std::vector<Forecast> forecasts_;
  std::vector<size_t> holding_;                             ///< statements whose locks are held
  std::vector<std::pair<std::string, size_t>> savepoints_;  ///< name, how many were held then
};

}  // namespace

std::vector<Forecast> forecast(const Part& part, SchemaState& state, int pg_version) {
  return Walk(part, state, pg_version).run();
}

}  // namespace pgrehearse
