// SPDX-License-Identifier: Apache-2.0
#include "linter/engine.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "impact/impact.h"
#include "linter/frame.h"
#include "sql/body.h"

namespace pgrehearse {
namespace {

/// A relation's name as PostgreSQL prints it, taken apart.
QualifiedName parts_of(std::string_view shown) {
  QualifiedName name;
  bool quoted = false;
  for (size_t i = 0; i < shown.size(); ++i) {
    if (shown[i] == '"') {
      if (quoted && i + 1 < shown.size() && shown[i + 1] == '"') {
        name.name += shown[++i];
      } else {
        quoted = !quoted;
      }
    } else if (shown[i] == '.' && !quoted) {
      name.schema = std::move(name.name);
      name.name.clear();
    } else {
      name.name += shown[i];
    }
  }
  return name;
}

class Engine {
 public:
  Engine(const MigrationSet& set, const RuleSet& rules, const Settings& settings, Report& report)
      : rules_(rules.chosen) {
    frame_.set = &set;
    frame_.settings = &settings;
    frame_.report = &report;
    for (const Rule& rule : *rules.all) known_ids_.insert(rule.info.id);
  }

  SchemaState run() {
    uint32_t index = 0;
    for (const Migration& migration : frame_.set->migrations) {
      frame_.migration = &migration;
      frame_.state.begin_migration(index++);
      lint_migration(migration);
    }
    frame_.migration = nullptr;
    for (const auto& file : frame_.set->other_files) {
      Part part{file, {0, static_cast<uint32_t>(file->text().size())}, RunMode::statements, false};
      Migration stray;
      stray.up = part;
      frame_.migration = &stray;
      check_text(part);
      Script script(file);
      suppressions_ = read_suppressions(script);
      settle();
    }
    return std::move(frame_.state);
  }

 private:
  void lint_migration(const Migration& migration) {
    bool silent = migration.context_only;
    lint_part(migration.up, false);
    enter(migration.up, false);
    frame_.whole_file = true;
    for_each_rule([&](const Rule& rule, Context& context) {
      if (rule.check_migration) rule.check_migration(migration, context);
    });
    frame_.whole_file = false;
    check_text(migration.up);
    if (silent) frame_.findings.clear();
    settle();
    if (!migration.down || silent) return;

    frame_.state.checkpoint();
    lint_part(*migration.down, true);
    if (migration.down->file != migration.up.file) check_text(*migration.down);
    settle();
    frame_.state.rewind();
  }

  void enter(const Part& part, bool down) {
    frame_.part = &part;
    frame_.file = part.file;
    frame_.down = down;
    frame_.statement = nullptr;
    frame_.file_ended_transaction = false;
    forget_locks();
    frame_.conditional = false;
    frame_.loop_depth = 0;
  }

  void lint_part(const Part& part, bool down) {
    enter(part, down);
    frame_.report->add_file(part.file);
    Script script(part.file, part.section);
    suppressions_ = read_suppressions(script);
    frame_.statements_in_part = script.statements().size();
    frame_.report->statements += static_cast<uint32_t>(script.statements().size());
    for (const Problem& problem : script.problems()) report_problem(problem);
    for (const StatementSpan& span : script.statements()) {
      auto statement = parser_.parse(script, span);
      if (!statement) {
        report_syntax_error(statement.error());
      } else if (statement->node) {
        visit(*statement);
      }
    }
  }

  void visit(const Statement& statement) {
    check(statement);
    if (auto* transaction = statement.as<TransactionStmt>()) {
      frame_.file_ended_transaction |=
          transaction->kind == TRANS_STMT_COMMIT || transaction->kind == TRANS_STMT_ROLLBACK;
      if (ends_transaction(*transaction)) forget_locks();
    }
    auto body = body_of(statement);
    if (!body) {
      if (in_transaction()) hold_locks(statement);
      frame_.state.apply(statement, frame_.conditional);
      return;
    }
    bool runs_now = body->origin == Origin::do_block;
    if (!runs_now) frame_.state.apply(statement);
    for_each_statement_in(
        *body, statement.source, body_parser_,
        [&](const Statement& inner, const BodyPiece& piece) {
          frame_.conditional = piece.conditional;
          frame_.loop_depth = piece.loop_depth;
          check(inner);
          if (runs_now) hold_locks(inner);
          if (runs_now) frame_.state.apply(inner, piece.conditional);
        },
        [&](const SyntaxError& error) { report_syntax_error(error); });
    frame_.conditional = false;
    frame_.loop_depth = 0;
    if (!in_transaction()) forget_locks();
  }

  void check(const Statement& statement) {
    frame_.statement = &statement;
    frame_.impact.reset();
    frame_.used_relation = nullptr;
    for (const Rule* rule : rules_for(statement.node->type)) {
      if (frame_.down && !rule->info.applies_to_down) continue;
      if (statement.origin == Origin::function_body && !rule->info.applies_to_function_bodies) continue;
      Context context(frame_, rule->info);
      rule->check(statement, context);
    }
    frame_.statement = nullptr;
  }

  bool in_transaction() {
    static const RuleInfo nobody;
    return Context(frame_, nobody).in_transaction();
  }

  static bool ends_transaction(const TransactionStmt& statement) {
    return statement.kind == TRANS_STMT_COMMIT || statement.kind == TRANS_STMT_ROLLBACK ||
           statement.kind == TRANS_STMT_PREPARE;
  }

  /// What it names and the state does not know is an index, not a table.
  static bool names_an_index(const Statement& statement) {
    if (auto* drop = statement.as<DropStmt>()) return drop->removeType == OBJECT_INDEX;
    if (auto* reindex = statement.as<ReindexStmt>()) return reindex->kind == REINDEX_OBJECT_INDEX;
    if (auto* rename = statement.as<RenameStmt>()) return rename->renameType == OBJECT_INDEX;
    if (auto* alter = statement.as<AlterTableStmt>()) return alter->objtype == OBJECT_INDEX;
    return false;
  }

  void forget_locks() {
    frame_.held.clear();
    frame_.held_places.clear();
  }

  /// Remembers what the statement locks until its transaction ends. Statements about rows lock nobody's writes out.
  void hold_locks(const Statement& statement) {
    switch (statement.node->type) {
      case T_SelectStmt:
      case T_InsertStmt:
      case T_UpdateStmt:
      case T_DeleteStmt:
      case T_MergeStmt:
      case T_TransactionStmt:
      case T_VariableSetStmt:
      case T_CommentStmt:
        return;
      default:
        break;
    }
    if (!frame_.impact) frame_.impact = impact(statement, frame_.state, frame_.settings->pg_version);
    for (const RelationImpact& relation : frame_.impact->relations) {
      if (!relation.existing || !blocks_writes(relation.lock)) continue;
      QualifiedName name = frame_.state.resolve(parts_of(relation.name));
      if (frame_.state.index(name)) continue;
      const RelationState* known = frame_.state.find(name);
      if (known ? known->kind == RelationKind::sequence : names_an_index(statement)) continue;
      auto [place, is_new] = frame_.held_places.try_emplace(relation.name, frame_.held.size());
      if (is_new) {
        frame_.held.push_back({std::move(name), relation.name, relation.lock, statement.span});
      } else {
        HeldLock& held = frame_.held[place->second];
        if (relation.lock <= held.mode) continue;
        held.mode = relation.lock;
        held.statement = statement.span;
      }
    }
  }

  const std::vector<const Rule*>& rules_for(NodeTag kind) {
    auto [place, is_new] = rules_by_kind_.try_emplace(kind);
    if (is_new) {
      for (const Rule* rule : rules_) {
        bool wanted = rule->nodes.empty() || std::ranges::find(rule->nodes, kind) != rule->nodes.end();
        if (rule->check && wanted) place->second.push_back(rule);
      }
    }
    return place->second;
  }

  template <class Call>
  void for_each_rule(Call call) {
    for (const Rule* rule : rules_) {
      if (frame_.down && !rule->info.applies_to_down) continue;
      Context context(frame_, rule->info);
      call(*rule, context);
    }
  }

  void check_text(const Part& part) {
    enter(part, frame_.down);
    for_each_rule([&](const Rule& rule, Context& context) {
      if (rule.check_text) rule.check_text(*part.file, context);
    });
  }

  void report_problem(const Problem& problem) {
    switch (problem.kind) {
      case Problem::Kind::nul_byte:
      case Problem::Kind::byte_order_mark:
      case Problem::Kind::invalid_utf8:
        for_each_rule([&](const Rule& rule, Context& context) {
          if (rule.check_problem) rule.check_problem(problem, context);
        });
        break;
      default: report_syntax_error({problem.message, "42601", problem.span});
    }
  }

  void report_syntax_error(const SyntaxError& error) {
    for_each_rule([&](const Rule& rule, Context& context) {
      if (rule.check_syntax_error) rule.check_syntax_error(error, context);
    });
  }

  /// Moves the findings of the part at hand into the report, less those that a comment silences.
  void settle() {
    for (auto& pending : frame_.findings) {
      if (suppresses(suppressions_, pending.finding, pending.whole_file)) {
        ++frame_.report->suppressed;
        for (Span secret : pending.finding.redact) {
          frame_.report->silenced_secrets.emplace_back(pending.finding.file, secret);
        }
      } else {
        frame_.report->findings.push_back(std::move(pending.finding));
      }
    }
    frame_.findings.clear();
    report_suppressions();
    suppressions_.clear();
  }

  void report_suppressions() {
    for (const Suppression& suppression : suppressions_) {
      if (suppression.malformed) {
        report_suppression("suppression-without-reason", suppression.comment,
                           "this comment is not a suppression that pgrehearse can read");
        continue;
      }
      if (suppression.reason.empty()) {
        report_suppression("suppression-without-reason", suppression.comment,
                           "this suppression gives no reason, so it silences nothing");
        continue;
      }
      for (size_t i = 0; i < suppression.ids.size(); ++i) {
        const std::string& id = suppression.ids[i];
        if (!known_ids_.contains(id)) {
          std::string_view near = nearest(id, {known_ids_.begin(), known_ids_.end()});
          report_suppression("unknown-suppression", suppression.comment,
                             "no rule is called \"" + id + "\"" +
                                 (near.empty() ? "" : "; the nearest is \"" + std::string(near) + "\""));
        } else if (!suppression.used[i] && runs(id)) {
          report_suppression("unused-suppression", suppression.comment,
                             "nothing here triggers " + id + ", so this suppression does nothing");
        }
      }
    }
    for (auto& pending : frame_.findings) frame_.report->findings.push_back(std::move(pending.finding));
    frame_.findings.clear();
  }

  bool runs(std::string_view id) const {
    return std::ranges::any_of(rules_, [&](const Rule* rule) {
      return rule->info.id == id && (!frame_.down || rule->info.applies_to_down);
    });
  }

  void report_suppression(std::string_view rule_id, Span span, std::string message) {
    for (const Rule* rule : rules_) {
      if (rule->info.id != rule_id) continue;
      Context(frame_, rule->info).report(span, std::move(message)).help = rule->info.instead;
      return;
    }
  }

  const std::vector<const Rule*>& rules_;
  std::unordered_map<NodeTag, std::vector<const Rule*>> rules_by_kind_;
  std::unordered_set<std::string_view> known_ids_;
  Context::Frame frame_;
  Parser parser_;
  Parser body_parser_;
  std::vector<Suppression> suppressions_;
};

}  // namespace

std::string_view nearest(std::string_view typed, const std::vector<std::string_view>& known) {
  std::string_view best;
  size_t best_distance = typed.size() / 3 + 2;
  std::vector<size_t> row;
  for (std::string_view candidate : known) {
    row.resize(candidate.size() + 1);
    for (size_t j = 0; j <= candidate.size(); ++j) row[j] = j;
    for (size_t i = 1; i <= typed.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = i;
      for (size_t j = 1; j <= candidate.size(); ++j) {
        size_t substitute = diagonal + (typed[i - 1] != candidate[j - 1]);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
      }
    }
    if (row.back() < best_distance || (row.back() == best_distance && candidate < best)) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

Result<RuleSet> choose_rules(const std::vector<Rule>& rules, const Settings& settings) {
  std::vector<std::string_view> known;
  for (const Rule& rule : rules) known.push_back(rule.info.id);
  for (const auto* ids : {&settings.select, &settings.extend_select, &settings.ignore}) {
    for (const std::string& id : *ids) {
      if (std::ranges::find(known, id) != known.end()) continue;
      std::string_view near = nearest(id, known);
      return usage_error("no rule is called \"" + id + "\"",
                         near.empty() ? "`pgrehearse rules` lists all of them."
                                      : "Did you mean \"" + std::string(near) + "\"?");
    }
  }
  RuleSet result{&rules, {}};
  auto contains = [](const std::vector<std::string>& ids, std::string_view id) {
    return std::ranges::find(ids, id) != ids.end();
  };
  for (const Rule& rule : rules) {
    bool on = settings.select.empty() ? rule.info.on_by_default : contains(settings.select, rule.info.id);
    on = (on || contains(settings.extend_select, rule.info.id)) && !contains(settings.ignore, rule.info.id);
    if (on) result.chosen.push_back(&rule);
  }
  return result;
}

SchemaState lint(const MigrationSet& set, const RuleSet& rules, const Settings& settings, Report& report) {
  return Engine(set, rules, settings, report).run();
}

}  // namespace pgrehearse
