// SPDX-License-Identifier: Apache-2.0
// The columns of a relation that is there before and after, and what it is made of.
#include <algorithm>

#include "migration/round_trip_reader.h"

namespace pgrehearse {
namespace {

bool holds_rows(const RelationState& relation) {
  return relation.kind == RelationKind::table || relation.kind == RelationKind::partitioned_table;
}

/// Whether all that ADD COLUMN says of it is known.
bool is_known(const RelationState& relation, const ColumnState& column) {
  return relation.complete || !column.type->text.empty();
}

std::string definition_of(const ColumnState& column) {
  bool plain = column.identity == Identity::no && column.generated == Generated::no && !column.sequence &&
               (!column.default_value || column.default_value->is_constant);
  if (!plain || column.type->text.empty()) return {};
  std::string text = quote_identifier(column.name) + " " + column.type->text;
  if (!column.collation.empty()) text += " COLLATE " + quote_identifier(column.collation);
  if (std::string value = constant_sql(column.default_value, column.type); !value.empty()) text += " DEFAULT " + value;
  if (column.not_null) text += " NOT NULL";
  return text;
}

std::string shown_default(const ColumnState& column) {
  if (!column.default_value) return "without a default";
  std::string value = constant_sql(column.default_value, column.type);
  if (!value.empty()) return "with DEFAULT " + value;
  const auto& functions = column.default_value->functions;
  return functions.size() == 1 ? "with DEFAULT " + functions[0].name + "(...)" : "with another default";
}

}  // namespace

void RoundTripReader::compare_contents(const Stages<RelationState>& stages) {
  static const RelationState nothing;
  Stages<RelationState> known = stages;
  if (!known.before) known.before = &nothing;
  if (known.before != &nothing && known.before == known.after) return;
  const RelationState& before = *known.before;
  if (before.kind == RelationKind::view || known.after->kind == RelationKind::view) {
    compare_view(known);
  } else {
    bool remade = known.before != &nothing && before.id != known.after->id;
    if (remade && holds_rows(before) && holds_rows(*known.after)) {
      result_.lost.push_back({known.after->name, shown(known.after->name), {}});
    }
    compare_columns(known);
    compare_constraints(known);
    compare_indexes(known);
  }
  compare_attachments(known);
  if (known.before != &nothing) compare_access(known);
}

void RoundTripReader::compare_view(const Stages<RelationState>& stages) {
  auto [before, middle, after] = stages;
  auto names = [](const RelationState& view) {
    std::vector<std::string> list;
    for (const auto& column : view.columns) list.push_back(column.name);
    return list;
  };
  if (before->query_hash == 0 || before->query_hash == after->query_hash) return;
  bool rewritten = !middle || middle->query_hash != after->query_hash;
  // Two texts of one meaning: what down writes must differ in more than words.
  if (rewritten && names(*before) == names(*after)) return;
  Difference& query = add(Change::altered, Aspect::body, "view " + shown(after->name));
  query.by_down = rewritten;
  query.name = after->name.name;
}

/// One column gone and one new that up made of it: told as a rename.
bool RoundTripReader::compare_renamed_column(const Stages<RelationState>& stages) {
  auto [before, middle, after] = stages;
  if (!middle || before->columns.size() != after->columns.size()) return false;
  size_t at = 0, different = 0;
  for (size_t i = 0; i < before->columns.size(); ++i) {
    if (before->columns[i].name == after->columns[i].name) continue;
    ++different;
    at = i;
  }
  if (different != 1) return false;
  const ColumnState& old = before->columns[at];
  const ColumnState& now = after->columns[at];
  if (before->column(now.name) || after->column(old.name) || middle->column(old.name) || !middle->column(now.name))
    return false;
  if (old.type->text != now.type->text || now.created_in != old.created_in) return false;
  std::string table = shown(after->name);
  Difference& renamed = add(Change::altered, Aspect::name, "column " + quote_identifier(old.name) + " of " + table);
  renamed.after = "called " + quote_identifier(now.name);
  renamed.inverse =
      alter(*after) + "RENAME COLUMN " + quote_identifier(now.name) + " TO " + quote_identifier(old.name) + ";";
  renamed.kind = OBJECT_COLUMN;
  renamed.name = old.name;
  renamed.table = after->name.name;
  return true;
}

void RoundTripReader::compare_columns(const Stages<RelationState>& stages) {
  auto [before, middle, after] = stages;
  std::string table = shown(after->name);
  bool remade = before->id != after->id && before->id != 0;
  if (after->is_partition() || !after->parents.empty()) return;  // told of the parent
  bool renamed = before->complete && after->complete && compare_renamed_column(stages);
  auto describe = [&](Difference& difference, const std::string& name) -> Difference& {
    difference.kind = OBJECT_COLUMN;
    difference.name = name;
    difference.table = after->name.name;
    difference.remade = remade;
    return difference;
  };
  for (size_t i = 0; i < before->columns.size(); ++i) {
    const ColumnState& column = before->columns[i];
    bool untouched = i < after->columns.size() && &after->columns[i] == &column;  // and so it was in between
    if (untouched) continue;
    const ColumnState* now = after->column(column.name);
    const ColumnState* then = middle ? middle->column(column.name) : nullptr;
    std::string what = "column " + quote_identifier(column.name) + " of " + table;
    if (now) {
      bool lost = middle && !then && !remade && now->created_in == d_.migration && column.generated == Generated::no;
      if (lost) result_.lost.push_back({after->name, table, column.name});
      compare_column(stages, {&column, then, now});
      continue;
    }
    bool known_gone =
        after->complete || std::ranges::find(after->dropped_columns, column.name) != after->dropped_columns.end();
    if (renamed || !known_gone) continue;
    Difference& gone = describe(
        add(then && !remade ? Change::taken_away : Change::not_restored, Aspect::existence, what), column.name);
    std::string definition = definition_of(column);
    if (!then && !definition.empty()) gone.inverse = alter(*after) + "ADD COLUMN " + definition + ";";
  }
  for (const ColumnState& column : after->columns) {
    if (renamed || before->column(column.name)) continue;
    const ColumnState* then = middle ? middle->column(column.name) : nullptr;
    bool added = column.created_in == d_.migration && !column.type->text.empty() && then;
    bool guessed = before->id == 0 && middle && middle->id != after->id;
    if (guessed || (!before->complete && !added)) continue;
    std::string what = "column " + quote_identifier(column.name) + " of " + table;
    Difference& left = describe(add(Change::left_behind, Aspect::existence, what), column.name);
    left.by_down = !then;
    left.inverse = alter(*after) + "DROP COLUMN " + quote_identifier(column.name) + ";";
  }
}

void RoundTripReader::compare_column(const Stages<RelationState>& stages, const Stages<ColumnState>& columns) {
  const RelationState& relation = *stages.after;
  auto [before, middle, after] = columns;
  if (before == after) return;
  std::string column = quote_identifier(before->name);
  std::string what = "column " + column + " of " + shown(relation.name);
  bool known = is_known(*stages.before, *before) && is_known(relation, *after);
  auto report = [&](Aspect aspect, std::string was, std::string is, std::string command) {
    Difference& difference = add(Change::altered, aspect, what);
    difference.before = std::move(was);
    difference.after = std::move(is);
    difference.by_down = !middle;
    if (!command.empty()) difference.inverse = alter(relation) + "ALTER COLUMN " + column + " " + command + ";";
    difference.kind = OBJECT_COLUMN;
    difference.name = before->name;
    difference.table = relation.name.name;
  };
  auto same_type = [](const ColumnType& a, const ColumnType& b) {
    return a.text == b.text || a.text.empty() || b.text.empty();
  };
  if (!same_type(before->type, after->type)) {
    report(Aspect::definition, before->type->text, after->type->text, "TYPE " + before->type->text);
  }
  if (before->not_null != after->not_null && (known || before->not_null)) {
    report(Aspect::definition, before->not_null ? "NOT NULL" : "nullable", after->not_null ? "NOT NULL" : "nullable",
           before->not_null ? "SET NOT NULL" : "DROP NOT NULL");
  }
  bool generated = before->generated != Generated::no || after->generated != Generated::no;
  bool numbered = before->identity != after->identity;
  if (before->generated != after->generated || numbered) {
    report(Aspect::definition, "", "", numbered && before->identity == Identity::no ? "DROP IDENTITY" : "");
  }
  bool serial = before->sequence && after->sequence;
  if (!generated && !numbered && !serial && (known || before->default_value) &&
      !same_expression(before->default_value, after->default_value)) {
    std::string value = constant_sql(before->default_value, before->type);
    report(Aspect::definition, shown_default(*before), shown_default(*after),
           !before->default_value ? "DROP DEFAULT"
           : value.empty()        ? ""
                                  : "SET DEFAULT " + value);
  }
  if (before->comment != after->comment && (known || !before->comment.empty())) {
    report(Aspect::comment, "", "", "");
    Difference& comment = result_.differences.back();
    comment.what = "comment of " + what;
    comment.remade = stages.before->id != relation.id;
    comment.inverse = "COMMENT ON COLUMN " + shown(relation.name) + "." + column + " IS " +
                      (before->comment.empty() ? "NULL" : string_literal(before->comment)) + ";";
  }
}

}  // namespace pgrehearse
