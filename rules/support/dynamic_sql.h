// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "linter/context.h"

namespace pgrehearse {

/// Calls `visit` for the expression of each EXECUTE in the PL/pgSQL body of a DO block or function: `part` is the piece
/// as a statement of its own, for places in the file; both live for that call.
void for_each_executed(const Statement& statement,
                       const std::function<void(const Statement& part, const Node* expression)>& visit);

/// The slots of a format() pattern: conversion letter (s, I, L) and the place of its argument in the call, from 1.
struct FormatSlot {
  char conversion;
  int argument;
  size_t at;  ///< of the % in the pattern
};
std::vector<FormatSlot> format_slots(std::string_view pattern);

}  // namespace pgrehearse
