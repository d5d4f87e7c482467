// SPDX-License-Identifier: Apache-2.0
// Secrets, documents and the allow-list over the whole program.
#include <catch2/catch_test_macros.hpp>

#include "report/format.h"
#include "tests/cli/program.h"

namespace pgrehearse {
namespace {

/// Put together here, so that no scanner takes this file for a leak.
const std::string token = std::string("gh") + "p_" + "q8Zr0kPfLw2vT7aLong1oneXmB4cD5eF6gH7";
const std::string password = "vT7-aLong!one";

std::string planted_sql() {
  return "CREATE ROLE app LOGIN PASSWORD '" + password + "';\n" + "ALTER ROLE app PASSWORD 'Q" + password +
         "' LOGIN LOGIN LOGIN LIMIT 1;\n" +  // no SQL
         "-- the token is " + token + "\n" + "INSERT INTO settings (name, value) VALUES ('token', '" +
         token.substr(0, 15) + "' || '" + token.substr(15) + "');\n" +
         "DO $$ BEGIN EXECUTE 'CREATE USER b PASSWORD ''W" + password + "'''; END $$;\n" +
         "SELECT dblink_connect('postgresql://app:U" + password + "@db/shop');\n" +
         "COPY users (name, password) FROM stdin;\nann\tC" + password + "\n\\.\n" + "\\set api_key 'S" + password +
         "'\n" + "CREATE TABLE users (id int, note text DEFAULT '" + password + "');\n";
}

/// The places of the findings of one rule: "12 15 ".
std::string lines_of(const std::string& concise, const std::string& rule) {
  std::string lines;
  for (size_t begin = 0; begin < concise.size();) {
    size_t end = std::min(concise.find('\n', begin), concise.size());
    std::string line = concise.substr(begin, end - begin);
    if (line.ends_with("[" + rule + "]")) {
      size_t colon = line.find(':');
      lines += line.substr(colon + 1, line.find(':', colon + 1) - colon - 1) + " ";
    }
    begin = end + 1;
  }
  return lines;
}

}  // namespace

TEST_CASE("no output of the program holds a planted secret") {
  Workplace place;
  place.write("m/1_all.sql", planted_sql());
  for (const Format& format : formats()) {
    for (std::string options : {"", " --secrets-only", " --preset strict"}) {
      auto ended = place.run("lint m -o " + std::string(format.name) + options);
      INFO(format.name << options << "\n" << ended.out << ended.err);
      CHECK(ended.code == 1);
      for (const std::string& secret : {password, token, token.substr(0, 15), token.substr(15)}) {
        CHECK(ended.out.find(secret) == std::string::npos);
        CHECK(ended.err.find(secret) == std::string::npos);
      }
    }
  }
  auto ended = place.run("lint m --diff");
  CHECK((ended.out + ended.err).find(password) == std::string::npos);
}

TEST_CASE("no command, no choice of rules and no message prints a secret") {
  Workplace place;
  place.write("m/1_all.sql",
              planted_sql() + "CREATE TABLE orders (id int); INSERT INTO users (id, password) VALUES (1, 'X" +
                  password + "'); DROP TABLE orders; GRANT ALL ON users TO PUBLIC; /* " + password + " */\n");
  place.write("m/2_broken.sql",
              "INSERT INTO t VALUES ('" + token + "'\nFROM; -- " + password + "\nSELECT 'unterminated " + token);
  place.write(".env", "DB_PASSWORD=" + password + "\n");
  std::string commands[] = {"lint m --select drop-table,grant-to-public,unparsable-statement",
                            "lint m --ignore secret-in-dml,role-password-literal,secret-in-literal",
                            "lint m --preset idempotent",
                            "lint m --preset design --extend-select drop-table",
                            "lint m .env --markdown",
                            "lint m --fix --unsafe-fixes",
                            "lint m --diff",
                            "lint m --diff --unsafe-fixes --select grant-to-public,drop-table",
                            "locks m",
                            "locks m -o json",
                            "baseline m",
                            "lint m --show-config --variables db_password=" + password,
                            "lint m --show-config --database-url postgresql://app:" + password + "@db/shop",
                            "run --database-url postgresql://app:" + password + "@127.0.0.1:1/shop m"};
  for (const std::string& command : commands) {
    auto ended = place.run(command);
    INFO(command << "\n" << ended.out << ended.err);
    CHECK((ended.out + ended.err).find(password) == std::string::npos);
    CHECK((ended.out + ended.err).find(token) == std::string::npos);
  }
  for (const Format& format : formats()) {
    auto ended = place.run("lint m -o " + std::string(format.name) +
                           " --select drop-table,grant-to-public,unparsable-statement,multi-ddl-without-transaction");
    INFO(format.name << ended.out << ended.err);
    CHECK((ended.out + ended.err).find(password) == std::string::npos);
    CHECK((ended.out + ended.err).find(token) == std::string::npos);
  }
}

TEST_CASE("what a server says about a statement with a secret does not show it", "[server]") {
  Workplace place;
  std::string value = "'" + password + "'";
  place.write("m/V1__notice.sql",
              "CREATE TABLE users (id int PRIMARY KEY, password text UNIQUE);\n"
              "INSERT INTO users (id, password) VALUES (1, " +
                  value +
                  ");\n"
                  "DO $$ BEGIN RAISE WARNING 'password=" +
                  password + "'; END $$;\n");
  place.write("m/V2__duplicate.sql", "INSERT INTO users (id, password) VALUES (2, " + value + ");\n");
  place.write("n/V1__missing.sql", "SELECT dblink_connect('host=db user=app password=" + password + "');\n");
  place.write("o/V1__raised.sql", "DO $$ DECLARE pw text := " + value +
                                      "; BEGIN RAISE EXCEPTION 'pw is %', pw USING DETAIL = pw, HINT = pw; END $$;\n");
  place.write("p/V1__check.sql", "CREATE TABLE t (id int, password text);\nINSERT INTO t (password) VALUES (" + value +
                                     ");\n"
                                     "ALTER TABLE t ADD CHECK (password <> " +
                                     value + ");\nINSERT INTO t (id, password) VALUES ('" + password + "', NULL);\n");
  for (std::string folder : {"m", "n", "o", "p"}) {
    for (std::string command : {"run ", "check ", "check --select drop-table "}) {
      for (const Format& format : formats()) {
        auto ended = place.run(command + folder + " -o " + std::string(format.name));
        INFO(command << folder << " " << format.name << "\n" << ended.out << ended.err);
        CHECK(ended.code < 2);
        CHECK((ended.out + ended.err).find(password) == std::string::npos);
      }
    }
  }
}

TEST_CASE("a fingerprint from a report allows its secret, on the command line and in the configuration") {
  Workplace place;
  place.write("m/1_a.sql", "CREATE ROLE app LOGIN PASSWORD '" + password + "';\n");
  auto ended = place.run("lint m -o concise --secrets-only");
  CHECK(ended.code == 1);
  size_t at = ended.out.find("fingerprint ");
  REQUIRE(at != std::string::npos);
  std::string fingerprint = ended.out.substr(at + 12, 12);
  CHECK(place.run("lint m -o concise --secrets-only --allowed-secrets " + fingerprint).code == 0);
  CHECK(place.run("lint m -o concise --secrets-only --allowed-secrets 000000000000").code == 1);
  place.write(".pgrehearse.toml", "allowed-secrets = [\"" + fingerprint + "\"]\n");
  CHECK(place.run("lint m -o concise --secrets-only").code == 0);
}

TEST_CASE("the SQL of a document is linted where it stands, and the whole document is searched for secrets") {
  Workplace place;
  place.write(
      "guide.md",
      "# Guide\n\n```bash\nexport DATABASE_URL=\"postgresql://app:" + password + "@db:5432/shop\"\n```\n\n" +
          "```sql\npsql postgres\n\nCREATE USER app WITH PASSWORD 'secure_password_here';\nGRANT ALL ON ALL TABLES IN "
          "SCHEMA public TO svc;\n" +
          "ALTER ROLE svc BYPASSRLS;\n```\n\n* as a list\n\n  ```sql\n  BEGIN;\n  ALTER TABLE notes ENABLE ROW LEVEL "
          "SECURITY;\n  COMMIT;\n  ```\n\n" +
          "```sql\nCREATE FUNCTION tidy() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';\n" +
          "BEGIN;\nALTER TABLE letters ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON letters USING (owner = "
          "current_user);\nCOMMIT;\n```\n\n" +
          "```sql\nUPDATE t SET a = 1 WHERE b IS NULL LIMIT 10;\n```\n\n```js\nconst key = 'sk_" +
          std::string("live_123456789") + "';\n```\n\n" +
          "Safe:\n\n```sql\nCREATE TABLE IF NOT EXISTS log (id bigint PRIMARY KEY, at timestamptz DEFAULT now());\n" +
          "\\set pw `openssl rand -base64 32`\nCREATE ROLE web LOGIN PASSWORD :'pw';\nGRANT SELECT ON log TO "
          "web;\n```\n\nBack:\n\n```sql\nREVOKE ALL ON ALL TABLES IN SCHEMA public FROM svc;\n```\n");
  auto ended = place.run("lint guide.md -o concise --preset recommended");
  INFO(ended.out << ended.err);
  CHECK(ended.code == 1);
  CHECK(lines_of(ended.out, "secret-in-literal") == "4 10 36 ");
  CHECK(lines_of(ended.out, "unparsable-statement") == "8 32 ");
  CHECK(lines_of(ended.out, "grant-all") == "11 ");
  CHECK(lines_of(ended.out, "role-bypassrls") == "12 ");
  CHECK(lines_of(ended.out, "rls-enabled-no-policy") == "19 ");
  CHECK(lines_of(ended.out, "security-definer-no-search-path") == "24 ");
  CHECK(lines_of(ended.out, "rls-not-forced") == "26 ");
  // Of the block that is shown as safe only the program that psql starts is worth a word.
  CHECK(lines_of(ended.out, "psql-runs-program") == "43 ");
  for (int line = 37; line < 50; ++line) {
    if (line != 43) CHECK(ended.out.find("guide.md:" + std::to_string(line) + ":") == std::string::npos);
  }
  CHECK(place.run("lint . --markdown -o concise").out == ended.out);
}

TEST_CASE("what a document leaves out is no error, and psql may run it") {
  Workplace place;
  place.write(
      "guide.md",
      "```sql\nCREATE TABLE users (...);\nCREATE TABLE IF NOT EXISTS orders (...);\nINSERT INTO users VALUES (...);\n"
      "INSERT INTO users (...) ON CONFLICT DO NOTHING;\n\\set ON_ERROR_STOP on\nSELEC 1;\n```\n");
  auto ended = place.run("lint guide.md -o concise --preset recommended,idempotent");
  INFO(ended.out << ended.err);
  CHECK(lines_of(ended.out, "create-table-no-guard") == "2 ");
  CHECK(lines_of(ended.out, "unparsable-statement") == "7 ");
  CHECK(lines_of(ended.out, "psql-meta-command").empty());
  for (int line : {3, 4, 5, 6}) CHECK(ended.out.find("guide.md:" + std::to_string(line) + ":") == std::string::npos);
}

TEST_CASE("other text files are searched for secrets only") {
  Workplace place;
  place.write(".env", "DB_HOST=db\nexport DB_PASSWORD=" + password + "\nSECRET_KEY=${SECRET_KEY}\n");
  auto ended = place.run("lint .env -o concise");
  INFO(ended.out << ended.err);
  CHECK(ended.code == 1);
  CHECK(lines_of(ended.out, "secret-in-literal") == "2 ");
  CHECK(ended.out.find("unparsable") == std::string::npos);
}

}  // namespace pgrehearse
