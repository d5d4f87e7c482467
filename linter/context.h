// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/finding.h"
#include "core/impact.h"
#include "linter/departures.h"
#include "linter/settings.h"
#include "migration/migration.h"
#include "migration/schema_state.h"
#include "sql/parser.h"

namespace pgrehearse {

struct RuleInfo;

/// A lock that a statement took and that its transaction keeps until it ends.
struct HeldLock {
  QualifiedName relation;  ///< resolved; a table or view
  std::string shown;       ///< its name as PostgreSQL prints it
  LockMode mode = LockMode::none;
  Span statement;  ///< that took it, in this part's file
};

/// What a rule may ask and say about the statement (or migration, or file) at hand. Lives for one call of one rule.
class Context {
 public:
  /// What the set has built up to right before this statement.
  const SchemaState& state() const;
  /// What this statement does to a live server. Computed once per statement, on first use.
  const Impact& impact();
  const MigrationSet& set() const;
  const Migration& migration() const;
  const Part& part() const;
  const Settings& settings() const;

  bool is_down() const;
  /// Under an IF, CASE or exception handler of a DO block: the statement may not run.
  bool conditional() const;
  /// In a block of a DO body that has an EXCEPTION clause: its failure may be passed over.
  bool caught() const;
  /// LOOPs around the statement in its PL/pgSQL body.
  int loop_depth() const;
  /// Inside a transaction: the tool's, the implicit one of a query string, or one that the file began itself.
  bool in_transaction() const;
  /// The transaction is the tool's, and no COMMIT of the file has ended it; see MigrationSet::leave_transaction.
  bool tool_opens_transaction() const;
  /// Locks that block writes, on relations that were there before this migration, which earlier statements of the
  /// transaction at hand have taken: the strongest mode of each relation, in the order in which they were first locked.
  std::span<const HeldLock> held_locks() const;
  /// Whether a migration after this one names that object behind VALIDATE or DROP: a hint, read from its words.
  bool settled_later(std::string_view name) const;
  /// All top-level statements of this part, with those that PostgreSQL refuses. Empty in parts of more than 500
  /// statements or 1 MiB, whose trees are not kept together.
  std::span<const ParsedStatement> neighbours() const;
  /// Those of them behind the statement at hand, or behind the one whose body holds it.
  std::span<const ParsedStatement> later_neighbours() const;
  /// Whether a statement of that kind has been looked at in this up or down part, bodies included; for ALTER TABLE, one
  /// with that command.
  bool met(NodeTag kind) const;
  bool met(AlterTableType command) const;
  /// Statements in this part; a lone one in a query string runs outside a transaction.
  size_t statements_in_part() const;
  /// True when this relation existed before the migration and so may be in use: not created earlier in this migration,
  /// not temporary. A relation that nobody created in the set counts as existing.
  bool existed_before(const RangeVar& relation) const;
  bool existed_before(const QualifiedName& relation) const;
  /// Whether others may be using the relation that this statement names: it was there before this migration, and
  /// nothing here dropped it.
  bool is_used(const RangeVar& relation) const;
  /// SchemaState::find. Many rules ask about the relation of one statement, so the last answers are kept.
  const RelationState* find(const RangeVar& relation) const;

  /// What an earlier statement of this part did to drop that object (or rename that table away); nullptr: nothing did.
  /// `table` for columns, constraints, policies, triggers and rules.
  const Departure* dropped_earlier(ObjectType kind, std::string_view name, std::string_view table = {}) const;

  /// This rule has a finding in this part already: for rules that speak once a file.
  bool already_reported() const;
  /// The file may be applied a second time: its layout says so, it is repeatable, or the user asked for this rule by
  /// its id. Rules about that keep silent otherwise.
  bool may_run_again() const;

  /// Reports at `span` with the rule's severity. The reference stays valid; help and fix are assigned to it.
  Finding& report(Span span, std::string message);
  /// In another file of the set (a migration's up part is the default).
  Finding& report_in(const std::shared_ptr<const SourceFile>& file, Span span, std::string message);

  /// A place for what rules have worked out about the whole set and do not want to work out again: empty at first, one
  /// for each key (the address of something static), gone when the set is done.
  std::shared_ptr<void>& kept(const void* key);

  struct Frame;  // the engine's side, linter/frame.h
  Context(Frame& frame, const RuleInfo& info) : frame_(frame), info_(info) {}

 private:
  Frame& frame_;
  const RuleInfo& info_;
};

/// Whether a rule's findings in down parts are capped: those about load, second runs and the application, which a
/// rollback under fire has to weigh against what it mends. What fails for certain, gives rights away or shows a secret
/// is not.
bool weighs_less_in_down(const RuleInfo& rule);
/// Whether a rule looks at down parts: it says so, or it is about long locks, which a rollback takes as well.
bool applies_to_down(const RuleInfo& rule);

/// "holds SHARE on orders: writes wait until it ends" for the strongest lock on that relation; empty when unknown.
std::string describe_lock(const Impact& impact, std::string_view relation);

}  // namespace pgrehearse
