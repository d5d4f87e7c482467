// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <initializer_list>
#include <span>

#include "core/rule_info.h"
#include "linter/context.h"
#include "sql/script.h"

namespace pgrehearse {

struct RoundTrip;

/// A rule: what is known about it, and plain functions that look. A rule keeps no state between calls.
/// Set the checks that are needed; the others stay null.
struct Rule {
  RuleInfo info;
  /// The kinds of statements that `check` looks at; empty: all. Most statements then meet a few rules only.
  std::initializer_list<NodeTag> nodes = {};
  /// Of ALTER TABLE, only those that hold one of these commands; empty: each.
  std::initializer_list<AlterTableType> commands = {};
  /// Of DROP, only those of objects of one of these kinds; empty: each.
  std::initializer_list<ObjectType> dropped = {};
  /// `check` looks only at statements in whose text one of these words stands, maybe inside a longer one; lower-case
  /// ASCII, three letters or more. Empty: at each.
  std::initializer_list<Literal> words = {};
  /// Whether `check` can say anything about such a set at all; null: it can.
  bool (*concerns)(const MigrationSet& set, const Settings& settings) = nullptr;
  /// Each statement of an up part (of a down part too when info.applies_to_down), DO bodies included.
  void (*check)(const Statement& statement, Context& context) = nullptr;
  /// Each migration once, after its statements.
  void (*check_migration)(const Migration& migration, Context& context) = nullptr;
  /// Each migration with a down part once, after that: what going up and down again changes. Runs in the down part.
  void (*check_round_trip)(const RoundTrip& trip, Context& context) = nullptr;
  /// Each file of a migration that the base has and this tree has not.
  void (*check_removed)(const SourceFile& file, Context& context) = nullptr;
  /// Each file's text once, comments and data included.
  void (*check_text)(const SourceFile& file, Context& context) = nullptr;
  /// Each statement that PostgreSQL's parser refuses, in bodies too.
  void (*check_syntax_error)(const SyntaxError& error, Context& context) = nullptr;
  /// Each of psql's commands in a part that is run; `text` is the whole of it, backslash to the end of the line.
  void (*check_command)(const MetaCommand& command, std::string_view text, Context& context) = nullptr;
  /// Each thing that is wrong with the bytes of a file.
  void (*check_problem)(const Problem& problem, Context& context) = nullptr;
};

/// A view of rules, sorted by id.
class Rules {
 public:
  explicit Rules(std::span<const Rule* const> rules) : rules_(rules) {}

  class iterator {
   public:
    using value_type = Rule;
    using difference_type = ptrdiff_t;
    iterator() = default;
    explicit iterator(const Rule* const* at) : at_(at) {}
    const Rule& operator*() const { return **at_; }
    const Rule* operator->() const { return *at_; }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    iterator operator++(int) { return iterator(at_++); }
    friend bool operator==(const iterator&, const iterator&) = default;

   private:
    const Rule* const* at_ = nullptr;
  };
  iterator begin() const { return iterator(rules_.data()); }
  iterator end() const { return iterator(rules_.data() + rules_.size()); }
  size_t size() const { return rules_.size(); }

  /// nullptr when none has that id.
  const Rule* find(std::string_view id) const;

 private:
  std::span<const Rule* const> rules_;
};

}  // namespace pgrehearse
