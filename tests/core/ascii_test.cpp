// SPDX-License-Identifier: Apache-2.0
#include "core/ascii.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

using namespace pgrehearse;

TEST_CASE("a word is found in any case and at any place") {
  CHECK(contains_ignoring_case("policy", "policy"));
  CHECK(contains_ignoring_case("create POLICY p", "policy"));
  CHECK(contains_ignoring_case("poliPoLiCy", "policy"));
  CHECK(contains_ignoring_case("-- Irreversible: gone", "irreversible"));
  CHECK(contains_ignoring_case("x -- +Goose UP", "+goose up"));
  CHECK_FALSE(contains_ignoring_case("", "policy"));
  CHECK_FALSE(contains_ignoring_case("olicy", "policy"));
  CHECK_FALSE(contains_ignoring_case("polic", "policy"));
  CHECK_FALSE(
      contains_ignoring_case("pol\xC3\xAC"
                             "cy",
                             "policy"));
  CHECK_FALSE(contains_ignoring_case("+gooseup", "+goose up"));
}

TEST_CASE("a text full of near misses is read to its end") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "vV irreversibl ";
  CHECK_FALSE(contains_ignoring_case(text, "irreversible"));
  CHECK(contains_ignoring_case(text + "E IRREVERSIBLE", "irreversible"));
}
