// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace pgrehearse {

/// Appends text as XML 1.0 character data, fit for an attribute in double quotes as well. What XML cannot hold becomes
/// U+FFFD; what could act in a log or on a terminal becomes a character reference, which is the same text to a parser.
void append_xml(std::string& out, std::string_view text);
/// The same with line ends as they are, for the content of elements.
void append_xml_lines(std::string& out, std::string_view text);
/// ` name="text"`
void append_attribute(std::string& out, std::string_view name, std::string_view text);

}  // namespace pgrehearse
