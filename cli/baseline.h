// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <tuple>

#include "cli/options.h"
#include "core/report.h"
#include "core/result.h"

namespace pgrehearse {

/// Findings that a repository lives with, known again by rule, file and the text of their line: lines may move. A file
/// for repositories that cannot compare with a branch. No secret is in it, and no hash of one.
class Baseline {
 public:
  /// An absent file is an error; so is one that is not ours.
  static Result<Baseline> read(const std::filesystem::path& file);
  /// Of a finished report.
  static Baseline of(const Report& report, const std::filesystem::path& file);

  /// Takes the findings that it knows out of the report; how many. Their secrets stay blanked.
  size_t take_out(Report& report) const;
  /// What it knows and the other has not, as often as it says.
  Baseline without(const Baseline& other) const;
  size_t size() const;
  Result<bool> write() const;

 private:
  struct Entry {
    std::string path, rule, fingerprint;
    auto operator<=>(const Entry&) const = default;
  };
  static Entry entry_of(const Report& report, const class Redaction& redaction, const Finding& finding,
                        const std::filesystem::path& folder);

  std::filesystem::path file_;
  std::map<Entry, size_t> entries_;
};

/// baseline write, prune or check, after linting.
ExitCode run_baseline(const Report& report, const Options& options, const std::string& file);

}  // namespace pgrehearse
