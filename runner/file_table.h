// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "runner/rehearsal.h"

namespace pgrehearse {

/// Files of one rehearsal by index, while several of them cannot write to the same report.
class FileTable {
 public:
  FileIndex index() {
    return [this](const std::shared_ptr<const SourceFile>& file) {
      auto known = std::ranges::find(files_, file);
      if (known == files_.end()) known = files_.insert(known, file);
      return static_cast<uint32_t>(known - files_.begin());
    };
  }
  /// The report with indexes of another table instead.
  void move_to(const FileIndex& other, MigrationReport& report) const {
    report.file = other(files_[report.file]);
    for (Outcome& each : report.outcomes) {
      if (each.file) each.file = other(files_[*each.file]);
    }
    if (!report.measures.waits) return;
    for (Wait& each : *report.measures.waits) {
      if (each.file) each.file = other(files_[*each.file]);
    }
  }

 private:
  std::vector<std::shared_ptr<const SourceFile>> files_;
};

}  // namespace pgrehearse
