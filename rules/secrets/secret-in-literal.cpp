// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/secret_shapes.h"

namespace pgrehearse {

static void check_text(const SourceFile& file, Context& context) {
  for (const FoundSecret& secret : find_secrets(file.text())) {
    std::string shown = std::to_string(secret.span.size()) + " characters";
    if (!secret.prefix.empty()) shown = "begins with " + std::string(secret.prefix) + ", " + shown;
    auto& finding =
        context.report(secret.span, "a secret is written in the file: " + secret.description + ", " + shown);
    finding.severity = secret.severity;
    finding.redact.push_back(secret.span);
    finding.help =
        "Revoke it where it was issued: the history keeps it even when the line is gone. Let the deployment pass the "
        "new one "
        "in, as a psql variable or a setting.";
  }
}

Rule secret_in_literal() {
  // Put together here, so that no scanner takes this file for a leak.
  static const std::string url = std::string("postgres://app:") + "vT7-aLong.one@db.internal/shop";
  static const std::string in_row = "INSERT INTO settings VALUES ('replica', '" + url + "');";
  static const std::string in_comment = "-- connect with " + url + "\nSELECT 1;";
  static const std::string in_key =
      std::string("INSERT INTO keys (pem) VALUES ('-----BEGIN ") +
      "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n"
      "MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu\n-----END PRIVATE KEY-----');";
  return {.info = {.id = "secret-in-literal",
                   .title = "A secret is written in the file",
                   .category = Category::secrets,
                   .severity = Severity::error,
                   .why = R"(
Whoever can read the repository, one of its forks, a build log or the artefacts can use the secret, and deleting the
line later does not take it out of the history. The whole file is searched: literals, comments, COPY data and function
bodies.

What is found: tokens of more than a hundred kinds that can be told by their look (GitHub, AWS, Stripe, Slack, JSON Web
Tokens, ...), private keys, and passwords in URLs. Where a kind has a checksum, it is computed: a wrong one makes the
finding a note. Samples of manuals, template slots and keys that are made to be public are left out. No report shows the
secret.)",
                   .instead = R"(
Revoke the secret, then let whatever runs the migration pass the new one in: a psql variable (`:'token'`), a setting
that the deployment makes (`current_setting('app.token')`), or a secret store. If it is no secret, allow it with the
reason.)",
                   .since = "0.1.0",
                   .applies_to_down = true,
                   .security_severity = 9.1,
                   .bad = {{.sql = in_row}, {.sql = in_comment}, {.sql = in_key}},
                   .good = {{.sql = "INSERT INTO settings VALUES ('replica', 'postgres://app@db.internal/shop');"},
                            {.sql = "-- postgres://user:password@host/database\nSELECT 1;"},
                            {.sql = "INSERT INTO settings VALUES ('replica', 'postgres://app:${PASSWORD}@db/shop');"},
                            {.sql = "INSERT INTO images VALUES ('https://cdn.example.org:8080/a@2x.png', "
                                    "'9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08');"},
                            {.sql = "INSERT INTO users VALUES "
                                    "('$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW');"}}},
          .check_text = check_text};
}

}  // namespace pgrehearse
