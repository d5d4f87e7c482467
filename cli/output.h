// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/options.h"
#include "core/report.h"
#include "core/result.h"
#include "report/format.h"

namespace pgrehearse {

/// Where reports go. Files are opened before the work begins, so that a wrong path is known at once, and appear under
/// their name only when they are complete.
class Outputs {
 public:
  Outputs() = default;
  Outputs(Outputs&&) noexcept;
  Outputs& operator=(Outputs&&) = delete;
  ~Outputs();

  static Result<Outputs> open(const std::vector<OutputOption>& options);
  /// Writes every format. The first problem is returned; the other outputs are still written.
  Result<bool> write(const Report& report, ReportOptions options);
  /// The same for what `render` writes for each; `to_file`: not to standard output.
  Result<bool> write(const std::function<void(const OutputOption&, bool to_file, Sink&)>& render);
  /// Whether a reader of standard error sees the report itself as well: text, on the same terminal.
  bool shows_errors() const;

 private:
  struct Target {
    OutputOption option;
    std::string temporary;  ///< empty: standard output
    int descriptor = 1;
  };
  static Result<bool> put(Target& target, const std::function<void(Sink&)>& render);
  friend Result<bool> write_file(const std::string& file, std::string_view text);
  std::vector<Target> targets_;
};

/// Writes all of it, also to a pipe; false when it cannot.
bool write_all(int descriptor, std::string_view text);

/// Writes a file that appears under its name when it is complete.
Result<bool> write_file(const std::string& file, std::string_view text);

/// --color, NO_COLOR, CLICOLOR_FORCE, FORCE_COLOR, TERM and whether standard output is a terminal, in this order.
bool wants_color(const std::string& option);

/// The text as one harmless line of a terminal or a log.
std::string printable(std::string_view text);

/// One line per error on standard error: pgrehearse: message. help
void print_errors(const std::vector<Error>& errors);
/// Prints it; the exit code that goes with it.
ExitCode fail(const Error& error);

}  // namespace pgrehearse
