// SPDX-License-Identifier: Apache-2.0
#include "linter/context.h"

#include <algorithm>

#include "core/joined.h"
#include "core/rule_info.h"
#include "impact/impact.h"
#include "linter/frame.h"

namespace pgrehearse {
namespace {

bool names_table(const std::vector<std::string>& tables, std::string_view name) {
  std::string_view bare = name.substr(name.rfind('.') + 1);
  return std::ranges::any_of(tables, [&](const std::string& table) { return table == name || table == bare; });
}

/// A lock on a hot table weighs more; one on small tables alone less.
int weight_of(const Impact& impact, const Settings& settings, const SchemaState& state) {
  auto is_small = [&](const RelationImpact& relation) {
    if (names_table(settings.small_tables, relation.name)) return true;
    auto size = settings.stats ? state.size(parts_of_display_name(relation.name)) : std::nullopt;
    return size && size->bytes <= settings.small_table_bytes && settings.small_table_bytes > 0;
  };
  // An index counts with its table.
  auto is_index = [&](const RelationImpact& relation) {
    return settings.stats && state.index(parts_of_display_name(relation.name));
  };
  bool locked = false, all_small = true;
  for (const RelationImpact& relation : impact.relations) {
    if (relation.lock == LockMode::none || !relation.existing) continue;
    if (names_table(settings.hot_tables, relation.name)) return 1;
    locked = true;
    all_small = all_small && (is_small(relation) || is_index(relation));
  }
  return locked && all_small ? -1 : 0;
}

/// " (orders: 41 GB, about 120 million rows)" for what the statement reads or writes whole, the largest first; empty
/// when no size is known.
std::string size_clause(const Impact& impact, const SchemaState& state) {
  std::vector<std::pair<TableSize, const RelationImpact*>> found;
  for (const RelationImpact& relation : impact.relations) {
    if (!relation.scan && !relation.rewrite && !relation.index_rebuild) continue;
    if (auto size = state.size(parts_of_display_name(relation.name))) found.emplace_back(*size, &relation);
  }
  std::ranges::stable_sort(found, std::ranges::greater(), [](const auto& entry) { return entry.first.bytes; });
  constexpr size_t most = 3;
  std::string text;
  for (size_t i = 0; i < std::min(found.size(), most); ++i) {
    const TableSize& size = found[i].first;
    text += (text.empty() ? " (" : "; ") + found[i].second->name + ": " + shown_bytes(size.bytes);
    if (size.rows) text += ", " + shown_rows(*size.rows);
  }
  return text.empty() ? text : text + ")";
}

}  // namespace

const SchemaState& Context::state() const { return frame_.state; }
const MigrationSet& Context::set() const { return *frame_.set; }
const Migration& Context::migration() const { return *frame_.migration; }
const Part& Context::part() const { return *frame_.part; }
const Settings& Context::settings() const { return *frame_.settings; }
bool Context::is_down() const { return frame_.down; }
bool Context::conditional() const { return frame_.conditional; }
bool Context::caught() const { return frame_.caught; }
int Context::loop_depth() const { return frame_.loop_depth; }
bool Context::settled_later(std::string_view name) const {
  if (!frame_.settling_words) frame_.settling_words.emplace(*frame_.set);
  return frame_.settling_words->last_with(name) > frame_.state.migration();
}

std::span<const HeldLock> Context::held_locks() const { return frame_.held.all(); }
std::span<const ParsedStatement> Context::neighbours() const { return frame_.neighbours; }
std::span<const ParsedStatement> Context::later_neighbours() const {
  return frame_.neighbours.subspan(std::min(frame_.index_in_part + 1, frame_.neighbours.size()));
}
bool Context::met(NodeTag kind) const { return frame_.met_kinds[kind]; }
bool Context::met(AlterTableType command) const { return frame_.met_commands[command]; }
size_t Context::statements_in_part() const { return frame_.statements_in_part; }

const Impact& Context::impact() {
  if (!frame_.impact) {
    frame_.impact = pgrehearse::impact(*frame_.statement, frame_.state, frame_.settings->pg_version);
  }
  return *frame_.impact;
}

bool Context::tool_opens_transaction() const {
  // A query string or pipeline goes on in a new implicit transaction.
  bool ended =
      frame_.file_ended_transaction && (part().mode == RunMode::transaction || part().mode == RunMode::all_pending);
  return !ended && runs_in_transaction(part().mode, frame_.statements_in_part, frame_.index_in_part);
}

bool Context::in_transaction() const { return tool_opens_transaction() || frame_.state.in_transaction(); }

bool Context::existed_before(const QualifiedName& relation) const { return frame_.state.existed_before(relation); }

Context::Frame::Named& Context::Frame::about(const RangeVar& relation) {
  if (named.relation != &relation || !statement) named = {.relation = &relation};
  return named;
}

bool Context::existed_before(const RangeVar& relation) const {
  auto& existed = frame_.about(relation).existed_before;
  if (!existed) existed = relation.relpersistence != RELPERSISTENCE_TEMP && frame_.state.existed_before(relation);
  return *existed;
}

bool Context::is_used(const RangeVar& relation) const {
  auto& used = frame_.about(relation).used;
  if (!used) used = relation.relpersistence != RELPERSISTENCE_TEMP && frame_.state.may_be_used(relation);
  return *used;
}

const RelationState* Context::find(const RangeVar& relation) const {
  auto& found = frame_.about(relation).found;
  if (!found) found = frame_.state.find(relation);
  return *found;
}

const Departure* Context::dropped_earlier(ObjectType kind, std::string_view name, std::string_view table) const {
  return frame_.departures.find(kind, name, table);
}

std::shared_ptr<void>& Context::kept(const void* key) { return frame_.kept[key]; }

bool Context::already_reported() const { return std::ranges::find(frame_.reported, &info_) != frame_.reported.end(); }

bool Context::may_run_again() const {
  auto asked_for = [&](const std::vector<std::string>& ids) { return std::ranges::find(ids, info_.id) != ids.end(); };
  bool by_preset = info_.category == Category::idempotency &&
                   std::ranges::find(settings().presets, "idempotent") != settings().presets.end();
  return set().may_run_again || migration().repeatable || by_preset || asked_for(settings().select) ||
         asked_for(settings().extend_select);
}

Finding& Context::report(Span span, std::string message) {
  Frame::Pending& pending = *frame_.findings.emplace_back(std::make_unique<Frame::Pending>());
  pending.whole_file = frame_.whole_file;
  pending.expansion = frame_.expansion;
  pending.capped = frame_.down && weighs_less_in_down(info_);
  bool weighs = !settings().hot_tables.empty() || !settings().small_tables.empty() || settings().stats;
  if (weighs && info_.category == Category::locks && frame_.statement) {
    pending.weight = weight_of(impact(), settings(), state());
    if (settings().stats) message += size_clause(impact(), state());
  }
  if (!already_reported()) frame_.reported.push_back(&info_);
  Finding& finding = pending.finding;
  finding.rule = info_.id;
  finding.severity = info_.severity;
  finding.file = frame_.report->add_file(frame_.file);
  finding.span = span;
  finding.message = std::move(message);
  return finding;
}

Finding& Context::report_in(const std::shared_ptr<const SourceFile>& file, Span span, std::string message) {
  auto& finding = report(span, std::move(message));
  finding.file = frame_.report->add_file(file);
  frame_.findings.back()->expansion = nullptr;
  return finding;
}

bool weighs_less_in_down(const RuleInfo& rule) {
  if (rule.fails_for_certain) return false;
  switch (rule.category) {
    case Category::locks:
    case Category::idempotency:
    case Category::compatibility:
    case Category::design: return true;
    default: return false;
  }
}

bool applies_to_down(const RuleInfo& rule) {
  return rule.applies_to_down || (rule.category == Category::locks && rule.severity == Severity::error);
}

std::string describe_lock(const Impact& impact, std::string_view relation) {
  const RelationImpact* found = impact.find(relation);
  if (!found || found->lock == LockMode::none) return {};
  std::string_view who_waits = blocks_reads(found->lock)    ? ": reads and writes wait until it ends"
                               : blocks_writes(found->lock) ? ": writes wait until it ends"
                                                            : "";
  return joined({"holds ", lock_name(found->lock), " on ", found->name, who_waits});
}

}  // namespace pgrehearse
