// SPDX-License-Identifier: Apache-2.0
#include "linter/word_finder.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

namespace pgrehearse {

TEST_CASE("words: found in either case, at both ends and inside longer ones") {
  WordFinder finder;
  auto hmac = finder.add("hmac"), secret = finder.add("_secret"), pg = finder.add("pg_"), crypt = finder.add("crypt");
  CHECK(finder.add("hmac") == hmac);
  CHECK(finder.words_in("") == WordFinder::Words());
  CHECK(finder.words_in("h") == WordFinder::Words());
  CHECK(finder.words_in("SELECT hma, mac, secret, pgp_sym") == WordFinder::Words());
  CHECK(finder.words_in("HMAC") == hmac);
  CHECK(finder.words_in("select create_Secret('x')") == secret);
  CHECK(finder.words_in("pg_") == pg);
  CHECK(finder.words_in("SELECT pgp_sym_decrypt(x), hmac(y), PG_sleep(1)") == (crypt | hmac | pg));
}

TEST_CASE("words: those that share their rarest letters are told apart") {
  WordFinder finder;
  auto serial = finder.add("serial"), sequential = finder.add("serially");
  CHECK(finder.words_in("bigserial") == serial);
  CHECK(finder.words_in("serially") == (serial | sequential));
  CHECK(finder.words_in("seri") == WordFinder::Words());
}

TEST_CASE("words: found at even and odd places, up to the last letter") {
  WordFinder finder;
  auto pg = finder.add("pg_"), http = finder.add("http");
  std::string blanks;
  for (int i = 0; i < 5; ++i, blanks += ' ') {
    CHECK(finder.words_in(blanks + "pg_") == pg);
    CHECK(finder.words_in(blanks + "http") == http);
    CHECK(finder.words_in(blanks + "pg_http;" + blanks) == (pg | http));
    CHECK(finder.words_in(blanks + "pg htt").none());
  }
}

}  // namespace pgrehearse
