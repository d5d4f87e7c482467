// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <mutex>
#include <string>

#include "core/report.h"

namespace pgrehearse {

/// What the rehearsal is at, as one line that is written over and over on a terminal, and gone at the end. Nothing
/// where standard error is no terminal. For any number of threads.
class StatusLine {
 public:
  explicit StatusLine(bool quiet);
  ~StatusLine() { clear(); }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  void expect(size_t migrations) { expected_ += migrations; }
  /// A migration, or all of them together, begins a step.
  void show(const std::string& name, Step step);
  void clear();

 private:
  bool wanted_;
  bool shown_ = false;
  size_t expected_ = 0;
  size_t begun_ = 0;
  std::mutex mutex_;
};

/// The beginning of a line that takes no more than `columns`.
std::string cut_to_columns(const std::string& line, size_t columns);

}  // namespace pgrehearse
