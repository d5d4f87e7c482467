// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace pgrehearse {

/// The first words of a statement, which tell how it may be run. Lower case.
struct Words {
  std::string first;
  std::string second;
  bool concurrently = false;
  bool may_commit = false;  ///< a DO block in whose text COMMIT or ROLLBACK stands
};

Words words_of(std::string_view text);

bool controls_transaction(const Words& words);
/// Statements that mean the same in a transaction of their own that we open around them to look at them.
bool may_be_wrapped(const Words& words);
/// Statements after which the session may be asked: not before SET TRANSACTION, which must come first.
bool may_be_asked_after(const Words& words);

}  // namespace pgrehearse
