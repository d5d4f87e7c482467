// SPDX-License-Identifier: Apache-2.0
#include "runner/verdict.h"

namespace pgrehearse {

std::string detail_of(const SqlError& error) {
  std::string text;
  auto add = [&](const char* label, const std::string& value) {
    if (!value.empty()) text.append(text.empty() ? "" : "\n").append(label).append(value);
  };
  add("DETAIL: ", error.detail);
  add("HINT: ", error.hint);
  add("CONTEXT: ", error.context);
  return text;
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const auto& part : parts) text.append(text.empty() ? "" : separator).append(part);
  return text;
}

void complain(Outcome& of, Policy policy, Cause cause, std::string reason) {
  of.verdict = policy == Policy::required ? Verdict::failed : Verdict::warned;
  of.cause = cause;
  of.reason = std::move(reason);
}

void fill(Outcome& of, const Part& part, Applied& applied, Policy policy, const RehearsalOptions& options,
          const FileIndex& file_index) {
  of.seconds = applied.seconds;
  of.statements = std::move(applied.statements);
  for (ObservedStatement& statement : of.statements) {
    if (!part.expansion) break;
    Expansion::Place place = part.expansion->place_of(statement.span);
    statement.span = place.file == part.file ? place.span : Span{};  // of a file that it reads: no place in this one
  }
  of.verdict = Verdict::passed;
  if (applied.succeeded) return;
  complain(of, policy, applied.timed_out ? Cause::timed_out : Cause::error, applied.error.message);
  if (applied.timed_out) {
    of.reason = applied.at_the_end ? "cancelled when the time for the whole rehearsal was over"
                                   : "cancelled after " + std::to_string(options.statement_timeout.count()) + " ms";
  }
  of.sqlstate = applied.error.sqlstate;
  of.detail = detail_of(applied.error);
  Expansion::Place place{part.file, applied.place, true};
  if (part.expansion) place = part.expansion->place_of(applied.place);
  of.file = file_index(place.file);
  of.span = place.span;
  if (of.sqlstate == "42501" && !options.server.superuser) {
    of.detail +=
        std::string(of.detail.empty() ? "" : "\n") + "The rehearsal runs migrations as an owner who is no superuser.";
  }
}

bool compare_schema(Outcome& of, Policy policy, const Snapshot& expected, const Snapshot& found,
                    std::string_view expected_label, std::string_view found_label, const std::string& what) {
  if (expected == found) return true;
  std::string summary = summary_of_difference(expected, found);
  complain(of, only_column_order_differs(expected, found) ? Policy::warn : policy, Cause::schema_changed,
           what + ": " + summary);
  of.difference = difference(expected, found, expected_label, found_label);
  return false;
}

bool compare_data(Outcome& of, Policy policy, const TableData& expected, const TableData& found,
                  const std::string& what) {
  auto lines = data_difference(expected, found);
  if (lines.empty()) return true;
  // Lost rows are graver than a column that moved to the end, which is only warned of.
  if (of.verdict == Verdict::passed || (of.verdict == Verdict::warned && policy == Policy::required)) {
    complain(of, policy, Cause::data_changed, what + ": " + joined(lines, "; "));
  }
  of.difference += joined(lines, "\n") + "\n";
  return false;
}

}  // namespace pgrehearse
