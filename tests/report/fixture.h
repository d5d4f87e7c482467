// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "report/format.h"

namespace pgrehearse::fixture {

/// Never in any output.
inline constexpr std::string_view password = "hunter2";
inline constexpr std::string_view token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

/// One of each thing that a report can hold: what every golden file prints.
Report report();
/// The same on two servers.
Report report_of_majors();
/// Nothing wrong, nothing rehearsed.
Report clean_report();

/// The span of `text` in file `file`. The text must be there.
Span find(const Report& report, uint32_t file, std::string_view text);

std::string write(std::string_view format, const Report& report, const ReportOptions& options = {});

}  // namespace pgrehearse::fixture
