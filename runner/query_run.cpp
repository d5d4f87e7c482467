// SPDX-License-Identifier: Apache-2.0
#include "runner/query_run.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <vector>

namespace pgrehearse {
namespace {

/// What noise on a busy machine reaches, and what no user feels.
constexpr double time_floor = 1;
/// In the planner's units a hundred pages read one after the other: about as long.
constexpr double cost_floor = 100;
constexpr int most_runs = 5;
constexpr std::chrono::milliseconds time_for_runs{300};

/// A value of a type as its input function reads it; null where there is none that surely does.
std::string made_up(std::string_view type) {
  auto is = [&](auto... names) { return ((type == names) || ...); };
  if (type.ends_with("[]")) return "'{}'";
  if (is("smallint", "integer", "bigint", "numeric", "real", "double precision", "oid")) return "'1'";
  if (is("text", "character varying", "character", "name", "citext", "\"char\"")) return "'x'";
  if (is("boolean")) return "'true'";
  if (is("date", "timestamp without time zone", "timestamp with time zone")) return "'2024-01-01'";
  if (is("time without time zone", "time with time zone")) return "'12:00'";
  if (is("interval")) return "'1 day'";
  if (is("uuid")) return "'00000000-0000-0000-0000-000000000001'";
  if (is("json", "jsonb")) return "'{}'";
  if (is("inet", "cidr")) return "'127.0.0.1'";
  return "null";
}

double number_after(std::string_view text, std::string_view label) {
  size_t at = text.find(label);
  double value = 0;
  if (at == text.npos) return 0;
  text.remove_prefix(at + label.size());
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

class Runs {
 public:
  Runs(Connection& session, const Query& query, std::chrono::milliseconds timeout)
      : session_(session), query_(query), timeout_(timeout) {}

  QueryRun run(const std::string* values) {
    (void)ask("deallocate all");
    if (auto prepared = ask("prepare pgrehearse_query as " + query_.text); !prepared) {
      result_.error = std::move(prepared.error());
      return std::move(result_);
    }
    result_.prepared = true;
    if (values) {
      result_.values = *values;
      once();
    } else {
      for (const std::string& candidate : candidates()) {
        result_.values = candidate;
        if (once()) break;
      }
    }
    if (result_.failed()) return std::move(result_);
    auto begin = Clock::now();
    for (int i = 1; i < most_runs && Clock::now() - begin < time_for_runs; ++i) {
      double best = result_.milliseconds;
      if (!once()) break;
      result_.milliseconds = std::min(best, result_.milliseconds);
    }
    result_.shape = lines("explain (costs off) ");
    result_.plan = lines("explain ");
    result_.cost = number_after(result_.plan.substr(std::min(result_.plan.find("cost="), result_.plan.size())), "..");
    return std::move(result_);
  }

 private:
  SqlResult<Rows> ask(const std::string& sql) {
    session_.set_deadline(Clock::now() + timeout_ + std::chrono::seconds(5));
    return session_.run(sql);
  }

  std::vector<std::string> candidates() {
    auto types =
        ask("select pg_catalog.unnest(parameter_types::pg_catalog.text[]) from pg_catalog.pg_prepared_statements where "
            "name "
            "operator(pg_catalog.=) 'pgrehearse_query'");
    std::string some, none;
    for (int i = 0; types && i < types->size(); ++i) {
      some += (i ? ", " : "(") + made_up(types->at(i, 0));
      none += i ? ", null" : "(null";
    }
    if (some.empty()) return {""};
    return {some + ")", none + ")"};
  }

  SqlResult<Rows> enclosed(const std::string& what) {
    auto begun = ask("begin; set local statement_timeout = " + std::to_string(timeout_.count()) +
                     "; set local plan_cache_mode = force_generic_plan");
    if (!begun) return begun;
    auto answer = ask(what + "execute pgrehearse_query" + result_.values);
    (void)ask("rollback");
    return answer;
  }

  /// EXPLAIN ANALYZE runs it like any other, but keeps the rows to itself.
  bool once() {
    auto answer = enclosed("explain (analyze, timing off, costs off) ");
    result_.error = answer ? SqlError() : std::move(answer.error());
    for (int i = 0; answer && i < answer->size(); ++i) {
      if (answer->at(i, 0).starts_with("Execution Time: "))
        result_.milliseconds = number_after(answer->at(i, 0), "Execution Time: ");
    }
    return answer.has_value();
  }

  std::string lines(const std::string& explain) {
    std::string text;
    auto answer = enclosed(explain);
    for (int i = 0; answer && i < answer->size(); ++i) text.append(answer->at(i, 0)).append("\n");
    return text;
  }

  Connection& session_;
  const Query& query_;
  std::chrono::milliseconds timeout_;
  QueryRun result_;
};

std::string shown(double value, const char* unit) {
  std::array<char, 48> text;
  std::snprintf(text.data(), text.size(), value < 10 ? "%.2f%s" : "%.0f%s", value, unit);
  return text.data();
}

bool can_be_timed(const QueryRun& before, const QueryRun& after) {
  return std::max(before.milliseconds, after.milliseconds) >= time_floor;
}

}  // namespace

QueryRun run_query(Connection& session, const Query& query, const std::string* values,
                   std::chrono::milliseconds timeout) {
  return Runs(session, query, timeout).run(values);
}

bool is_broken(const QueryRun& after) {
  const std::string& state = after.error.sqlstate;
  auto of_class = [&](auto... classes) { return (state.starts_with(classes) || ...); };
  if (!after.failed() || after.error.connection_lost || state.empty()) return false;
  if (of_class("23505", "23503", "23514", "23P01", "40", "53", "55P03", "58", "XX")) return false;
  if (after.values.empty()) return true;
  return !of_class("22") && !(state == "23502" && after.values.contains("null"));
}

bool is_slower(const QueryRun& before, const QueryRun& after, double tolerance) {
  bool another = before.shape != after.shape;
  bool costs_more = after.cost > before.cost * (1 + tolerance);
  if (can_be_timed(before, after)) {
    bool takes_longer = after.milliseconds > before.milliseconds * (1 + tolerance) &&
                        after.milliseconds - before.milliseconds > time_floor;
    return takes_longer && (another || costs_more);
  }
  return another && costs_more && after.cost - before.cost > cost_floor;
}

std::string slowness(const QueryRun& before, const QueryRun& after) {
  if (can_be_timed(before, after))
    return shown(before.milliseconds, " ms") + ", now " + shown(after.milliseconds, " ms");
  return "planned at a cost of " + shown(before.cost, "") + ", now " + shown(after.cost, "");
}

}  // namespace pgrehearse
