// SPDX-License-Identifier: Apache-2.0
#include "cli/fix.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>

#include "cli/output.h"
#include "core/line_diff.h"
#include "linter/fixes.h"
#include "report/redaction.h"

namespace pgrehearse {
namespace {

constexpr int most_rounds = 10;  // each builds on what the one before has written; two or three are usual

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Whether `path` still holds `before`, and now holds `after`.
Result<void> replace(const std::string& path, std::string_view before, std::string_view after) {
  auto failure = [&](int code) {
    return environment_error("could not write \"" + path + "\": " + std::strerror(code));
  };
  if (read_all(path) != before) {
    return environment_error("\"" + path + "\" has changed meanwhile and is left alone", "Run it again.");
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return failure(errno);
  std::string temporary = path + ".XXXXXX";
  int file = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (file < 0) return failure(errno);
  bool written = write_all(file, after) && ::fchmod(file, status.st_mode & 07777) == 0;
  int code = errno;
  if (::close(file) != 0 && written) written = false, code = errno;
  if (written && ::rename(temporary.c_str(), path.c_str()) == 0) return {};
  if (written) code = errno;
  ::unlink(temporary.c_str());
  return failure(code);
}

}  // namespace

Mended mend(const std::function<Report(const Texts& texts)>& lint, bool unsafe_too) {
  Mended mended;
  std::set<std::string> refused;
  for (int round = 0; round < most_rounds; ++round) {
    Report report = lint(mended.after);
    bool any = false;
    for (const FileFixes& fixes : collect_fixes(report, unsafe_too)) {
      const SourceFile& file = *report.files[fixes.file];
      const std::string& path = file.path();
      if (refused.contains(path)) continue;
      if (!mended.before.contains(path)) {
        std::string text = read_all(path);
        if (text != file.text()) {  // a changelog that was taken apart, or a name that is no UTF-8
          refused.insert(path);
          continue;
        }
        mended.before.emplace(path, std::move(text));
      }
      auto text = fixed_text(file.text(), fixes);
      if (!text) {
        refused.insert(path);
        mended.errors.push_back({Error::Kind::environment,
                                 "a fix for \"" + path + "\" would break its SQL; the file is left as it is",
                                 "Please report it with the file."});
        mended.after.erase(path);
        continue;
      }
      mended.findings += fixes.findings;
      mended.after.insert_or_assign(path, std::move(*text));
      any = true;
    }
    if (!any) break;
  }
  return mended;
}

std::string patch(const Mended& mended, const Report& report) {
  Redaction redaction(report);
  std::string text;
  for (const auto& [path, after] : mended.after) {
    std::string hunks = unified_diff(mended.before.at(path), after);
    if (!hunks.empty())
      text += "--- a/" + printable(path) + "\n+++ b/" + printable(path) + "\n" + redaction.clean(hunks);
  }
  return text;
}

void write_mended(const Mended& mended, std::vector<Error>& errors) {
  for (const auto& [path, after] : mended.after) {
    if (auto written = replace(path, mended.before.at(path), after); !written) errors.push_back(written.error());
  }
}

}  // namespace pgrehearse
