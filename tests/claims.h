// SPDX-License-Identifier: Apache-2.0
// What a server must be told about examples beyond their rule's setup.
#pragma once
#include <string>
#include <string_view>

namespace pgrehearse::test {

/// Objects that an example takes as made by nobody in its files; SQL that makes them on the server, unseen by the rule.
std::string_view context_of(std::string_view rule, std::string_view example);
/// The SQLSTATE with which an example fails on a server although its rule does not claim it; empty: it shall not fail.
std::string_view expected_failure(std::string_view rule, std::string_view example);
/// Why the examples of a rule are not run; empty: they are.
std::string_view why_not_run(std::string_view rule);
/// Why the bad examples of a rule about locks need not claim any.
std::string_view why_without_claims(std::string_view rule);

}  // namespace pgrehearse::test
