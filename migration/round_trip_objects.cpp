// SPDX-License-Identifier: Apache-2.0
// Types and functions.
#include <algorithm>

#include "migration/round_trip_reader.h"

namespace pgrehearse {
namespace {

/// White space and the case of nothing but what an indentation changes: two texts of one meaning, told apart by an
/// editor.
std::string squeezed(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') result += c;
  }
  return result;
}

std::vector<std::string> without(const std::vector<std::string>& from, const std::vector<std::string>& these) {
  std::vector<std::string> rest;
  for (const auto& text : from) {
    if (std::ranges::find(these, text) == these.end()) rest.push_back(text);
  }
  return rest;
}

}  // namespace

void RoundTripReader::compare_types() {
  using Pointer = std::shared_ptr<const TypeState>;
  auto type_of = [](const Pointer* pointer) { return pointer ? pointer->get() : nullptr; };
  auto middle_types = values_at(d_.types, middle_.types);
  for (const auto& [name, old] : values_at(d_.types, before_.types)) {
    const Pointer* now = d_.types.find(name);
    const TypeState* before = type_of(old);
    const TypeState* after = type_of(now);
    const TypeState* middle = type_of(value_at(middle_types, name, now));
    const TypeState* known = before ? before : after;
    if (!known) continue;
    bool domain = known->kind == ColumnType::Kind::domain;
    std::string what = (domain ? "domain " : "type ") + shown(name);
    auto report = [&](Change change, Aspect aspect) -> Difference& {
      Difference& difference = add(change, aspect, what);
      difference.kind = OBJECT_TYPE;
      difference.name = name.name;
      difference.by_down = middle != after;
      return difference;
    };
    if (!before) {
      if (after->created_in != d_.migration || !middle) continue;
      report(Change::left_behind, Aspect::existence).inverse =
          (domain ? "DROP DOMAIN " : "DROP TYPE ") + shown(name) + ";";
    } else if (!after) {
      Difference& gone = report(middle ? Change::taken_away : Change::not_restored, Aspect::existence);
      if (before->kind == ColumnType::Kind::enumeration && !middle) {
        std::string labels;
        for (const auto& label : before->labels) labels += (labels.empty() ? "" : ", ") + string_literal(label);
        gone.inverse = "CREATE TYPE " + shown(name) + " AS ENUM (" + labels + ");";
      }
    } else if (before->labels != after->labels) {
      auto fewer = without(before->labels, after->labels), more = without(after->labels, before->labels);
      Difference& labels = report(Change::altered, Aspect::labels);
      if (fewer.size() == 1 && more.size() == 1 && before->labels.size() == after->labels.size()) {
        labels.inverse = "ALTER TYPE " + shown(name) + " RENAME VALUE " + string_literal(more[0]) + " TO " +
                         string_literal(fewer[0]) + ";";
      }
      labels.before = joined_names(fewer);
      labels.after = joined_names(more);
    } else if (before->not_null != after->not_null) {
      Difference& difference = report(Change::altered, Aspect::definition);
      difference.inverse = "ALTER DOMAIN " + shown(name) + (before->not_null ? " SET NOT NULL;" : " DROP NOT NULL;");
    } else if (before->attributes.size() != after->attributes.size()) {
      report(Change::altered, Aspect::definition);
    } else if (before->constraints.size() != after->constraints.size()) {
      Difference& difference = report(Change::altered, Aspect::definition);
      for (const auto& constraint : after->constraints) {
        if (std::ranges::find(before->constraints, constraint.name, &ConstraintState::name) ==
            before->constraints.end()) {
          difference.inverse =
              "ALTER DOMAIN " + shown(name) + " DROP CONSTRAINT " + quote_identifier(constraint.name) + ";";
        }
      }
    }
  }
}

void RoundTripReader::compare_functions() {
  using Pointer = std::shared_ptr<const std::vector<FunctionState>>;
  auto overload = [](const Pointer* list, const std::string& signature) -> const FunctionState* {
    if (!list || !*list) return nullptr;
    auto found = std::ranges::find((*list)->begin(), (*list)->end(), signature, &FunctionState::signature);
    return found == (*list)->end() ? nullptr : &*found;
  };
  auto middle_functions = values_at(d_.functions, middle_.functions);
  for (const auto& [name, old] : values_at(d_.functions, before_.functions)) {
    const Pointer* now = d_.functions.find(name);
    const Pointer* then = value_at(middle_functions, name, now);
    std::set<std::string> signatures;
    for (const Pointer* list : {old, now}) {
      if (!list || !*list) continue;
      for (const FunctionState& function : **list) signatures.insert(function.signature);
    }
    for (const std::string& signature : signatures) {
      const FunctionState* before = overload(old, signature);
      const FunctionState* middle = overload(then, signature);
      const FunctionState* after = overload(now, signature);
      const FunctionState& known = before ? *before : *after;
      std::string object =
          std::string(known.procedure ? "PROCEDURE " : "FUNCTION ") + shown(name) + "(" + signature + ")";
      std::string what = (known.procedure ? "procedure " : "function ") + shown(name) + "(" + signature + ")";
      auto report = [&](Change change, Aspect aspect) -> Difference& {
        Difference& difference = add(change, aspect, what);
        difference.kind = OBJECT_FUNCTION;
        difference.name = name.name;
        difference.by_down = !middle || (after && middle->body != after->body);
        return difference;
      };
      if (!before) {
        if (middle) report(Change::left_behind, Aspect::existence).inverse = "DROP " + object + ";";
        continue;
      }
      if (!after) {
        report(middle ? Change::taken_away : Change::not_restored, middle ? Aspect::existence : Aspect::body);
        continue;
      }
      if (!before->body.empty() && !after->body.empty() && squeezed(before->body) != squeezed(after->body)) {
        report(Change::altered, Aspect::body);
      } else if (before->security_definer != after->security_definer) {
        report(Change::altered, Aspect::definition).inverse =
            "ALTER " + object + (before->security_definer ? " SECURITY DEFINER;" : " SECURITY INVOKER;");
      } else if (before->sets_search_path != after->sets_search_path) {
        Difference& path = report(Change::altered, Aspect::definition);
        path.before = before->sets_search_path ? "with SET search_path" : "without SET search_path";
        path.after = after->sets_search_path ? "with SET search_path" : "without SET search_path";
        if (!before->sets_search_path) path.inverse = "ALTER " + object + " RESET search_path;";
      } else if (before->volatility != after->volatility) {
        report(Change::altered, Aspect::definition).inverse =
            "ALTER " + object +
            (before->volatility == Volatility::immutable ? " IMMUTABLE;"
             : before->volatility == Volatility::stable  ? " STABLE;"
                                                         : " VOLATILE;");
      }
      compare_grants(before->grants, after->grants, true, !middle, what, object);
    }
  }
}

}  // namespace pgrehearse
