// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "report/format.h"
#include "report/visible.h"

namespace pgrehearse {

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

bool wants_color(const std::string& option) {
  if (option != "auto") return option == "always";
  auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value && *value;
  };
  if (set("NO_COLOR")) return false;
  if (set("CLICOLOR_FORCE") || set("FORCE_COLOR")) return true;
  const char* term = std::getenv("TERM");
  return isatty(STDOUT_FILENO) && term && std::strcmp(term, "dumb") != 0;
}

std::string printable(std::string_view text) {
  std::string visible;
  append_visible(visible, text);
  return visible;
}

void print_errors(const std::vector<Error>& errors) {
  for (const Error& error : errors) {
    std::string line = "pgrehearse: " + printable(error.message);
    if (!error.help.empty()) line += ". " + printable(error.help);
    std::fprintf(stderr, "%s\n", line.c_str());
  }
}

ExitCode fail(const Error& error) {
  print_errors({error});
  return error.kind == Error::Kind::usage ? ExitCode::usage : ExitCode::environment;
}

Outputs::Outputs(Outputs&& other) noexcept : targets_(std::exchange(other.targets_, {})) {}

Outputs::~Outputs() {
  for (const Target& target : targets_) {
    if (target.temporary.empty()) continue;
    ::close(target.descriptor);
    ::unlink(target.temporary.c_str());
  }
}

Result<Outputs> Outputs::open(const std::vector<OutputOption>& options) {
  Outputs outputs;
  for (const OutputOption& option : options) {
    Target target{option, {}, STDOUT_FILENO};
    struct stat there;
    bool named = !option.file.empty() && option.file != "-";
    if (named && ::stat(option.file.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
      // A device or a pipe is written to, never replaced: root could rename a file over /dev/null.
      target.descriptor = ::open(option.file.c_str(), O_WRONLY | O_CLOEXEC);
      if (target.descriptor < 0) {
        return environment_error("could not write \"" + option.file + "\": " + std::strerror(errno));
      }
    } else if (named) {
      target.temporary = option.file + ".XXXXXX";
      target.descriptor = ::mkostemp(target.temporary.data(), O_CLOEXEC);
      if (target.descriptor < 0) {
        return environment_error("could not write \"" + option.file + "\": " + std::strerror(errno),
                                 "Choose a file in a folder that exists and may be written.");
      }
      mode_t mask = ::umask(0);
      ::umask(mask);
      ::fchmod(target.descriptor, 0666 & ~mask);
    }
    outputs.targets_.push_back(std::move(target));
  }
  return outputs;
}

Result<bool> Outputs::put(Target& target, const std::function<void(Sink&)>& render) {
  bool written = true;
  int reason = 0;
  Sink sink([&](std::string_view piece) {
    if (!written || write_all(target.descriptor, piece)) return;
    written = false;
    reason = errno;
  });
  render(sink);
  sink.finish();
  if (!target.temporary.empty()) {
    bool closed = ::close(target.descriptor) == 0;
    if (written) {
      written = closed && ::rename(target.temporary.c_str(), target.option.file.c_str()) == 0;
      reason = errno;
    }
    if (!written) ::unlink(target.temporary.c_str());
    target.temporary.clear();
  }
  if (written) return true;
  std::string name = target.option.file.empty() ? "standard output" : "\"" + target.option.file + "\"";
  return environment_error("could not write " + name + ": " + std::strerror(reason));
}

bool Outputs::shows_errors() const {
  auto is_text = [](const Target& target) {
    return target.descriptor == STDOUT_FILENO && (target.option.format == "text" || target.option.format == "concise");
  };
  return isatty(STDOUT_FILENO) && isatty(STDERR_FILENO) && std::ranges::any_of(targets_, is_text);
}

Result<bool> Outputs::write(const Report& report, ReportOptions options) {
  return write([&](const OutputOption& output, bool to_file, Sink& out) {
    ReportOptions here = options;
    here.color = options.color && !to_file;
    find_format(output.format)->write(report, here, out);
  });
}

Result<bool> Outputs::write(const std::function<void(const OutputOption&, bool, Sink&)>& render) {
  Result<bool> result = true;
  for (Target& target : targets_) {
    bool to_file = !target.option.file.empty() && target.option.file != "-";
    auto written = put(target, [&](Sink& out) { render(target.option, to_file, out); });
    if (!written && result) result = written;
  }
  return result;
}

Result<bool> write_file(const std::string& file, std::string_view text) {
  auto outputs = Outputs::open({{"text", file}});
  if (!outputs) return std::unexpected(outputs.error());
  return Outputs::put(outputs->targets_.front(), [&](Sink& out) { out.text = text; });
}

}  // namespace pgrehearse
