// SPDX-License-Identifier: Apache-2.0
#include "linter/engine.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "core/ascii.h"
#include "impact/impact.h"
#include "linter/dispatch.h"
#include "linter/frame.h"
#include "migration/expansion.h"
#include "migration/markdown.h"
#include "sql/body.h"

namespace pgrehearse {
namespace {

constexpr size_t most_neighbours = 500;
constexpr uint32_t most_neighbour_bytes = 1 << 20;

class Engine {
 public:
  Engine(const MigrationSet& set, const RuleSet& rules, const Settings& settings, Report& report)
      : rules_(rules.chosen),
        dispatch_(rules.chosen, set, settings),
        only_somewhere_(rules.only_somewhere),
        all_(*rules.all) {
    frame_.set = &set;
    read_only_ = is_read_only(set);
    frame_.settings = &settings;
    frame_.report = &report;
    frame_.state.use_stats(settings.stats);
    with_text_ = rules_with(&Rule::check_text);
    with_migration_ = rules_with(&Rule::check_migration);
    wants_round_trips_ = !rules_with(&Rule::check_round_trip).empty();
  }

  SchemaState run() {
    constexpr size_t usual_findings = 8;  // of a migration; memory that stays unused costs nothing
    auto& findings = frame_.report->findings;
    if (findings.empty()) findings.reserve(usual_findings * frame_.set->migrations.size());
    uint32_t index = 0;
    for (const Migration& migration : frame_.set->migrations) {
      frame_.migration = &migration;
      // The blocks of a document do not follow each other as migrations do.
      if (read_only_) frame_.state = SchemaState();
      frame_.state.begin_migration(index++);
      lint_migration(migration);
    }
    for (const auto& file : frame_.set->removed_files) {
      Part part{file, {}, RunMode::statements, false};
      Migration stray;
      stray.up = part;
      frame_.migration = &stray;
      enter(part, false);
      call_each(&Rule::check_removed, *file);
      settle();
    }
    // What stands in no section of its file.
    for (auto& [file, left] : text_findings_) {
      std::ranges::move(left, std::back_inserter(frame_.findings));
    }
    text_findings_.clear();
    settle();
    frame_.migration = nullptr;
    for (const auto& file : frame_.set->other_files) {
      if (frame_.set->migrations.empty()) frame_.report->add_file(file);
      Part part{file, {0, static_cast<uint32_t>(file->text().size())}, RunMode::statements, false};
      Migration stray;
      stray.up = part;
      frame_.migration = &stray;
      check_text(part);
      enter_suppressions(Script(file));
      settle();
    }
    for (auto& [file, suppressions] : file_suppressions_) {
      frame_.file = file;
      frame_.down = false;
      report_suppressions(suppressions);
    }
    return std::move(frame_.state);
  }

 private:
  void lint_migration(const Migration& migration) {
    bool silent = migration.context_only;
    bool round_trip = migration.down && !silent && wants_round_trips_;
    PartEffects up_effects;
    if (round_trip) {
      frame_.state.checkpoint();
      frame_.effects = &up_effects;
    }
    lint_part(migration.up, false);
    frame_.effects = nullptr;
    enter(migration.up, false);
    frame_.whole_file = true;
    call_each(with_migration_, &Rule::check_migration, migration);
    frame_.whole_file = false;
    check_text(migration.up);
    if (silent) {
      forget_findings();
      text_findings_[migration.up.file.get()].clear();
      suppressions_.clear();
    }
    settle();
    if (!migration.down || silent) return;

    frame_.state.checkpoint();
    frame_.state.begin_migration(frame_.state.migration());  // a session of its own
    PartEffects down_effects;
    if (round_trip) frame_.effects = &down_effects;
    lint_part(*migration.down, true);
    frame_.effects = nullptr;
    if (round_trip) check_round_trip(std::move(up_effects), std::move(down_effects));
    check_text(*migration.down);
    settle();
    frame_.state.rewind();
    if (round_trip) frame_.state.keep();
  }

  void check_round_trip(PartEffects up, PartEffects down) {
    RoundTrip trip = round_trip(frame_.state);
    trip.up = std::move(up);
    trip.down = std::move(down);
    frame_.whole_file = true;
    call_each(&Rule::check_round_trip, trip);
    frame_.whole_file = false;
  }

  void forget_findings() {
    frame_.findings.clear();
    frame_.reported.clear();
  }

  void enter(const Part& part, bool down) {
    frame_.part = &part;
    frame_.file = part.file;
    frame_.down = down;
    frame_.statement = nullptr;
    frame_.file_ended_transaction = false;
    frame_.held.clear();
    frame_.conditional = false;
    frame_.caught = false;
    frame_.loop_depth = 0;
  }

  void lint_part(const Part& part, bool down) {
    enter(part, down);
    frame_.departures.clear();
    frame_.met_kinds.reset();
    frame_.met_commands.reset();
    frame_.report->add_file(part.file);
    Script script = script_of(part);
    enter_suppressions(script);
    frame_.expansion = part.expansion.get();
    suppressions_expansion_ = frame_.expansion;
    frame_.statements_in_part = script.statements().size();
    frame_.report->statements += static_cast<uint32_t>(script.statements().size());
    for (const Problem& problem : script.problems()) report_problem(problem);
    // Most parts are small: all their trees at once, so that rules can look at a statement's neighbours.
    bool together = script.statements().size() <= most_neighbours && script.section().size() <= most_neighbour_bytes;
    if (read_only_) {
      visit_shortened(script);
    } else if (together) {
      auto all = parser_.parse_all(script);
      frame_.neighbours = all;
      for (size_t i = 0; i < all.size(); ++i) visit(all[i], i);
    } else {
      for (size_t i = 0; i < script.statements().size(); ++i) visit(parser_.parse(script, script.statements()[i]), i);
    }
    frame_.neighbours = {};
    for (const MetaCommand& command : script.commands()) {
      static constexpr std::string_view reading[] = {"i", "ir", "include", "include_relative", "gexec"};
      bool reads = std::ranges::find(reading, command.name) != std::end(reading);
      if (frame_.effects && reads) frame_.effects->unclear = true;
      call_each(&Rule::check_command, command, command.span.in(script.text()));
    }
    frame_.expansion = nullptr;
    check_included(part);
  }

  /// The texts of files that psql reads from this one.
  void check_included(const Part& part) {
    if (!part.expansion) return;
    std::vector<const SourceFile*> done{part.file.get()};
    for (const Expansion::Piece& piece : part.expansion->pieces) {
      if (std::ranges::find(done, piece.file.get()) != done.end()) continue;
      done.push_back(piece.file.get());
      frame_.file = piece.file;
      call_each(&Rule::check_text, *piece.file);
    }
    frame_.file = part.file;
  }

  /// Those for the whole file stay until the end: it may hold several parts, and the comment may stand in none.
  void enter_suppressions(const Script& script) {
    const std::vector<std::string>& compat = frame_.settings->compat_suppressions;
    suppressions_ = read_suppressions(script, today_, compat);
    bool silent = frame_.migration && frame_.migration->context_only;
    auto for_file = [](const Suppression& suppression) { return suppression.reach == Suppression::Reach::file; };
    bool as_it_stands = !frame_.part || !frame_.part->expansion;
    bool whole = as_it_stands && script.section().size() == script.text().size();
    auto mentions = [&](std::string_view word) { return contains_ignoring_case(script.text(), word); };
    bool mentioned = whole ? std::ranges::any_of(suppressions_, for_file)
                           : mentions("allow-file") || (!compat.empty() && mentions("ignore-file"));
    const auto& source = as_it_stands ? script.shared_file() : frame_.part->file;
    if (mentioned && !silent && !of_file(source.get())) {
      auto& [file, list] = file_suppressions_.emplace_back(source, std::vector<Suppression>());
      list = whole ? suppressions_ : read_suppressions(Script(file), today_, compat);
      std::erase_if(list, std::not_fn(for_file));
    }
    std::erase_if(suppressions_, for_file);
  }

  std::vector<Suppression>* of_file(const SourceFile* wanted) {
    for (auto& [file, suppressions] : file_suppressions_) {
      if (file.get() == wanted) return &suppressions;
    }
    return nullptr;
  }

  bool silenced_for_its_file(const Context::Frame::Pending& pending) {
    if (file_suppressions_.empty()) return false;
    auto* of_its_file = of_file(frame_.report->files[pending.finding.file].get());
    return of_its_file && suppresses(*of_its_file, pending.finding, pending.whole_file);
  }

  /// From the text as it runs to where that stands.
  void place(Context::Frame::Pending& pending) {
    if (!pending.expansion) return;
    Finding& finding = pending.finding;
    uint32_t part_file = finding.file;
    Expansion::Place place = pending.expansion->place_of(finding.span);
    finding.span = place.span;
    finding.file = frame_.report->add_file(place.file);
    for (Span& span : finding.redact) span = pending.expansion->place_of(span).span;
    for (RelatedSpan& related : finding.related) {
      if (related.file != part_file) continue;
      Expansion::Place there = pending.expansion->place_of(related.span);
      related.span = there.span;
      related.file = frame_.report->add_file(there.file);
    }
    if (!finding.fix) return;
    for (Edit& edit : finding.fix->edits) {
      Expansion::Place there = pending.expansion->place_of(edit.span);
      if (!there.verbatim || there.file != place.file) {
        finding.fix.reset();  // it would have to change a value, or two files
        return;
      }
      edit.span = there.span;
    }
  }

  /// The statements of a document's block. What a document leaves out ("...") is no error of its SQL.
  void visit_shortened(const Script& script) {
    for (size_t i = 0; i < script.statements().size(); ++i) {
      Span span = script.statements()[i].span;
      ParsedStatement statement = parser_.parse(script, script.statements()[i]);
      std::string shortened = statement ? "" : without_ellipses(span.in(script.text()));
      if (!shortened.empty()) {
        statement = parser_.parse_piece(script.text(), shortened, span.begin, nullptr, Origin::top_level);
        if (!statement) continue;
      }
      visit(statement, i);
    }
  }

  void visit(const ParsedStatement& statement, size_t index) {
    frame_.index_in_part = index;
    if (!statement) {
      report_syntax_error(statement.error());
    } else if (statement->node) {
      visit(*statement);
    }
  }

  void visit(const Statement& statement) {
    check(statement);
    if (auto* transaction = statement.as<TransactionStmt>()) {
      frame_.file_ended_transaction |=
          transaction->kind == TRANS_STMT_COMMIT || transaction->kind == TRANS_STMT_ROLLBACK;
      if (ends_transaction(*transaction)) frame_.held.clear();
    }
    auto body = body_of(statement);
    if (!body) {
      if (in_transaction()) hold_locks(statement);
      frame_.departures.note(statement, frame_.state);
      if (frame_.effects) frame_.effects->note(statement, frame_.state, false);
      frame_.state.apply(statement, frame_.conditional);
      return;
    }
    bool runs_now = body->origin == Origin::do_block;
    if (frame_.effects && runs_now && holds_unknown_sql(*body)) frame_.effects->unclear = true;
    if (!runs_now) frame_.state.apply(statement);
    for_each_statement_in(
        *body, statement.source, body_parser_,
        [&](const Statement& inner, const BodyPiece& piece) {
          frame_.conditional = piece.conditional;
          frame_.caught = piece.caught;
          frame_.loop_depth = piece.loop_depth;
          size_t before = frame_.findings.size();
          check(inner);
          if (runs_now) hold_locks(inner);
          if (piece.kind == BodyPiece::Kind::execute) forget_fixes(before);
          if (runs_now) frame_.departures.note(inner, frame_.state);
          if (runs_now && frame_.effects) frame_.effects->note(inner, frame_.state, piece.conditional);
          if (runs_now) frame_.state.apply(inner, piece.conditional);
        },
        [&](const SyntaxError& error) { report_syntax_error(error); });
    frame_.conditional = false;
    frame_.caught = false;
    frame_.loop_depth = 0;
    if (!in_transaction()) frame_.held.clear();
  }

  /// Whether the body runs SQL that is put together at run time.
  static bool holds_unknown_sql(const Body& body) {
    if (body.language == "sql") return false;
    auto is_unknown = [&](const BodyPiece& piece) {
      return piece.kind == BodyPiece::Kind::execute && !constant_sql(body, piece);
    };
    return body.language != "plpgsql" || std::ranges::any_of(plpgsql_pieces(body.text), is_unknown);
  }

  /// Edits would stand inside a string of the body, whose quotes they do not know.
  void forget_fixes(size_t from) {
    for (size_t i = from; i < frame_.findings.size(); ++i) frame_.findings[i]->finding.fix.reset();
  }

  void check(const Statement& statement) {
    frame_.statement = &statement;
    frame_.impact.reset();
    frame_.named = {};
    frame_.met_kinds.set(statement.node->type);
    auto* alter = statement.as<AlterTableStmt>();
    for (const auto& command : each<AlterTableCmd>(alter ? alter->cmds : nullptr)) {
      frame_.met_commands.set(command.subtype);
    }
    dispatch_.for_each(statement, frame_.down, [&](Dispatch::Check check_of_rule, const RuleInfo& info) {
      Context context(frame_, info);
      check_of_rule(statement, context);
    });
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

  /// Remembers what the statement locks until its transaction ends.
  void hold_locks(const Statement& statement) {
    if (!HeldLocks::may_block_writes(statement)) return;
    if (!frame_.impact) frame_.impact = impact(statement, frame_.state, frame_.settings->pg_version);
    frame_.held.note(statement, *frame_.impact, frame_.state);
  }

  template <class Check>
  std::vector<const Rule*> rules_with(Check Rule::*check) const {
    std::vector<const Rule*> found;
    std::ranges::copy_if(rules_, std::back_inserter(found), [&](const Rule* rule) { return rule->*check != nullptr; });
    return found;
  }

  template <class Check, class... Arguments>
  void call_each(Check Rule::*check, const Arguments&... arguments) {
    call_each(rules_, check, arguments...);
  }

  template <class Check, class... Arguments>
  void call_each(const std::vector<const Rule*>& rules, Check Rule::*check, const Arguments&... arguments) {
    for (const Rule* rule : rules) {
      if (!(rule->*check) || (frame_.down && !applies_to_down(rule->info))) continue;
      Context context(frame_, rule->info);
      (rule->*check)(arguments..., context);
    }
  }

  /// Each file's text once; what is found in a section counts as found in that part, whose comments may silence it.
  void check_text(const Part& part) {
    enter(part, frame_.down);
    if (part.section.size() == part.file->text().size()) return call_each(with_text_, &Rule::check_text, *part.file);
    auto [place, is_new] = text_findings_.try_emplace(part.file.get());
    auto& found = place->second;
    if (is_new) {
      auto before = std::exchange(frame_.findings, {});
      call_each(with_text_, &Rule::check_text, *part.file);
      found = std::exchange(frame_.findings, std::move(before));
    }
    if (found.empty()) return;
    auto inside = std::stable_partition(found.begin(), found.end(), [&](const auto& pending) {
      uint32_t begin = pending->finding.span.begin;
      return begin < part.section.begin || begin >= part.section.end;
    });
    std::move(inside, found.end(), std::back_inserter(frame_.findings));
    found.erase(inside, found.end());
  }

  void report_problem(const Problem& problem) {
    switch (problem.kind) {
      case Problem::Kind::nul_byte:
      case Problem::Kind::byte_order_mark:
      case Problem::Kind::invalid_utf8: call_each(&Rule::check_problem, problem); break;
      default: report_syntax_error({problem.message, "42601", problem.span});
    }
  }

  void report_syntax_error(const SyntaxError& error) {
    if (frame_.effects) frame_.effects->unclear = true;
    call_each(&Rule::check_syntax_error, error);
  }

  /// A secret that is not reported is not shown either.
  void keep_unseen(const Finding& finding) {
    for (Span secret : finding.redact) frame_.report->silenced_secrets.emplace_back(finding.file, secret);
  }

  /// Moves the findings of the part at hand into the report, less those that a comment silences.
  void settle() {
    hand_over(true);
    frame_.expansion = suppressions_expansion_;
    report_suppressions(suppressions_);
    frame_.expansion = suppressions_expansion_ = nullptr;
    suppressions_.clear();
  }

  /// In the order that the report will have, as far as one migration goes: it then has little left to sort.
  static void sort(Context::Frame::Findings& findings) {
    auto before = [](const auto& a, const auto& b) {
      const Finding &x = a->finding, &y = b->finding;
      if (x.file != y.file) return x.file < y.file;
      if (x.span.begin != y.span.begin) return x.span.begin < y.span.begin;
      return x.span.end != y.span.end ? x.span.end < y.span.end : x.rule < y.rule;
    };
    if (!std::ranges::is_sorted(findings, before)) std::ranges::stable_sort(findings, before);
  }

  /// What is said about suppressions themselves cannot be silenced.
  void hand_over(bool may_be_silenced) {
    for (auto& pending : frame_.findings) {
      pending->silenced = may_be_silenced && suppresses(suppressions_, pending->finding, pending->whole_file);
      place(*pending);
    }
    sort(frame_.findings);
    for (auto& held : frame_.findings) {
      Context::Frame::Pending& pending = *held;
      Decision decision = decision_about(pending.finding.rule, frame_.report->files[pending.finding.file]->path());
      if (!decision.on) {
        keep_unseen(pending.finding);
        continue;
      }
      if (decision.severity) pending.finding.severity = *decision.severity;
      pending.finding.severity = weighed(pending.finding.severity, pending.weight);
      if (pending.capped && !decision.severity) {
        pending.finding.severity = std::min(pending.finding.severity, frame_.settings->down_severity);
      }
      if (may_be_silenced) pending.silenced |= silenced_for_its_file(pending);
      if (may_be_silenced) pending.silenced |= is_allowed_secret(pending.finding);
      if (pending.silenced) {
        ++frame_.report->suppressed;
        keep_unseen(pending.finding);
      } else {
        frame_.report->findings.push_back(std::move(pending.finding));
      }
    }
    forget_findings();
  }

  bool is_allowed_secret(const Finding& finding) const {
    const auto& allowed = frame_.settings->allowed_secrets;
    return !finding.fingerprint.empty() && std::ranges::find(allowed, finding.fingerprint) != allowed.end();
  }

  void report_suppressions(const std::vector<Suppression>& suppressions) {
    for (const Suppression& suppression : suppressions) {
      if (suppression.foreign) continue;
      if (!suppression.problem.empty()) {
        report_suppression("suppression-without-reason", suppression.comment, suppression.problem);
        continue;
      }
      if (suppression.reason.empty()) {
        report_suppression("suppression-without-reason", suppression.comment,
                           "this suppression gives no reason, so it silences nothing");
        continue;
      }
      if (suppression.expired) {
        report_suppression("expired-suppression", suppression.comment,
                           "this suppression ended on " + suppression.until + ", so it silences nothing");
        continue;
      }
      for (size_t i = 0; i < suppression.ids.size(); ++i) {
        const std::string& id = suppression.ids[i];
        if (!all_.find(id)) {
          std::vector<std::string_view> known;
          for (const Rule& rule : all_) known.push_back(rule.info.id);
          std::string_view near = nearest(id, known);
          report_suppression("unknown-suppression", suppression.comment,
                             "no rule is called \"" + id + "\"" +
                                 (near.empty() ? "" : "; the nearest is \"" + std::string(near) + "\""));
        } else if (!suppression.used[i] && runs(id)) {
          report_suppression("unused-suppression", suppression.comment,
                             "nothing here triggers " + id + ", so this suppression does nothing");
        }
      }
    }
    hand_over(false);
  }

  bool runs(std::string_view id) const {
    return std::ranges::any_of(rules_, [&](const Rule* rule) {
      return rule->info.id == id && (!frame_.down || applies_to_down(rule->info)) &&
             decision_about(id, frame_.file->path()).on;
    });
  }

  Decision decision_about(std::string_view rule, std::string_view file) const {
    return decide(*frame_.settings, rule, std::ranges::find(only_somewhere_, rule) == only_somewhere_.end(), file);
  }

  static Severity weighed(Severity severity, int weight) {
    int level = std::clamp(static_cast<int>(severity) + weight, 0, static_cast<int>(Severity::error));
    return static_cast<Severity>(level);
  }

  void report_suppression(std::string_view rule_id, Span span, std::string message) {
    for (const Rule* rule : rules_) {
      if (rule->info.id != rule_id) continue;
      Context(frame_, rule->info).report(span, std::move(message)).help = rule->info.instead;
      return;
    }
  }

  const std::vector<const Rule*>& rules_;
  Dispatch dispatch_;
  std::vector<const Rule*> with_text_, with_migration_;                            ///< the rules that have such a check
  std::unordered_map<const SourceFile*, Context::Frame::Findings> text_findings_;  // not settled yet
  const std::vector<std::string>& only_somewhere_;
  const Rules& all_;
  bool wants_round_trips_ = false;
  bool read_only_ = false;  ///< is_read_only() of the set
  Context::Frame frame_;
  Parser parser_;
  Parser body_parser_;
  std::vector<Suppression> suppressions_;  ///< of the part at hand
  const Expansion* suppressions_expansion_ = nullptr;
  std::vector<std::pair<std::shared_ptr<const SourceFile>, std::vector<Suppression>>> file_suppressions_;
  const std::string today_ = current_day();
};

}  // namespace

SchemaState lint(const MigrationSet& set, const RuleSet& rules, const Settings& settings, Report& report) {
  return Engine(set, rules, settings, report).run();
}

}  // namespace pgrehearse
