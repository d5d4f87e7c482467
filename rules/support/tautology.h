// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sql/nodes.h"

namespace pgrehearse {

enum class Truth : unsigned char {
  depends,
  always,      ///< TRUE, 1 = 1, 'a' = 'a'
  if_not_null  ///< c = c
};
/// How much a condition that names no outside value keeps out. AND and OR are looked into, sub-selects are not.
Truth truth_of(const Node* condition);

}  // namespace pgrehearse
