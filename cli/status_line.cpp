// SPDX-License-Identifier: Apache-2.0
#include "cli/status_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "cli/output.h"

namespace pgrehearse {
namespace {

/// Back to the line's begin, and what is there goes.
constexpr const char* begin_anew = "\r\x1b[K";

size_t terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

StatusLine::StatusLine(bool quiet) {
  const char* term = std::getenv("TERM");
  wanted_ = !quiet && isatty(STDERR_FILENO) && term && std::strcmp(term, "dumb") != 0;
}

std::string cut_to_columns(const std::string& line, size_t columns) {
  size_t used = 0;
  for (size_t at = 0; at < line.size(); ++at) {
    auto byte = static_cast<unsigned char>(line[at]);
    if ((byte & 0xc0) == 0x80) continue;
    used += byte < 0xe0 ? 1 : 2;  // what needs three bytes or more may be wide
    if (used > columns) return line.substr(0, at);
  }
  return line;
}

void StatusLine::show(const std::string& name, Step step) {
  if (!wanted_) return;
  std::lock_guard lock(mutex_);
  if (step == Step::apply && begun_ < expected_) ++begun_;
  std::string line = "rehearsing " + std::to_string(begun_) + " of " + std::to_string(expected_) + ": " +
                     std::string(step_name(step)) + " " + printable(name);
  // The last column stays free: some terminals go to the next line with it.
  write_all(STDERR_FILENO, begin_anew + cut_to_columns(line, terminal_columns() - 1));
  shown_ = true;
}

void StatusLine::clear() {
  std::lock_guard lock(mutex_);
  if (shown_) write_all(STDERR_FILENO, begin_anew);
  shown_ = false;
}

}  // namespace pgrehearse
