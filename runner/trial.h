// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runner/apply.h"
#include "runner/rehearsal.h"
#include "runner/stage.h"

namespace pgrehearse {

/// What became of a migration on tables with rows.
struct Trial {
  struct Failure {
    const Part* part = nullptr;
    SqlError error;
    Span place;
    bool mild = false;  ///< other rows than those that were generated may well do
  };
  std::optional<Failure> up, down;
  std::vector<std::string> lost;        ///< what up and down together take away or change, one line a table or column
  std::vector<std::string> not_filled;  ///< tables without rows: "public.t: why"
  std::vector<std::string> notes;       ///< what of the fixtures was not loaded
};

/// The step did what it should, and does not with rows.
void complain_of_rows(Outcome& of, const Trial::Failure& failure, Policy policy, const RehearsalOptions& options,
                      const FileIndex& file_index);
/// Of a roll back that passed, or only changed the schema: lines of Trial::lost. Nobody knows whether production has
/// such rows: a warning, other than of rows that the migrations wrote themselves.
void complain_of_loss(Outcome& of, const std::vector<std::string>& lost);

/// Fills the tables that the migration names, and those that they refer to, runs its up part and its down part on them,
/// and takes all of it back: everything is one transaction of the migration's session, which commits nothing. What
/// cannot run in a transaction is left out, or runs without CONCURRENTLY. Nothing when the migration names no table of
/// `state`, or when it cannot be tried like that.
Result<std::optional<Trial>> try_on_rows(Stage& stage, const Migration& migration, const State& state,
                                         const RehearsalOptions& options, const ApplyLimits& limits);

}  // namespace pgrehearse
