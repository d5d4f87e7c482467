// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_set>

#include "linter/rule.h"
#include "rules/support/named_secrets.h"
#include "rules/support/secret_fingerprint.h"
#include "rules/support/secret_shapes.h"
#include "rules/support/secret_sinks.h"

namespace pgrehearse {

static void report_found(const FoundSecret& secret, const SourceFile& file, Context& context) {
  std::string shown = std::to_string(secret.span.size()) + " characters";
  if (!secret.prefix.empty()) shown = "begins with " + std::string(secret.prefix) + ", " + shown;
  std::string fingerprint = secret_fingerprint(file.path(), secret.span.in(file.text()));
  auto& finding = context.report(secret.span, "a secret is written in the file: " + secret.description + ", " + shown +
                                                  " (fingerprint " + fingerprint + ")");
  finding.severity = secret.severity;
  finding.redact.push_back(secret.span);
  finding.fingerprint = std::move(fingerprint);
  finding.yields = true;
  finding.help =
      "Revoke it where it was issued: the history keeps it even when the line is gone. Let the deployment pass the "
      "new one "
      "in, as a psql variable or a setting.";
}

/// Whether the statement may hold a value that its text does not show: joined by ||, continued on the next line, or
/// with its letters in escapes.
static bool may_hide_values(const Statement& statement) {
  if (statement.text.find("||") != statement.text.npos) return true;
  for (size_t at = statement.text.find('\''); at != statement.text.npos; at = statement.text.find('\'', at + 1)) {
    char before = at > 0 ? statement.text[at - 1] : '\0';
    if (before == '&' || before == 'E' || before == 'e') return true;
    size_t next = statement.text.find_first_not_of(" \t\r", at + 1);
    if (next == statement.text.npos || statement.text[next] != '\n') continue;
    next = statement.text.find_first_not_of(" \t\r\n", next);
    if (next != statement.text.npos && statement.text[next] == '\'') return true;
  }
  return false;
}

static void check(const Statement& statement, Context& context) {
  if (!may_hide_values(statement)) return;
  std::unordered_set<const Node*> inner;
  std::vector<const Node*> outer;
  for (const Node* node : all_nodes(statement.node)) {
    auto* joined = as<A_Expr>(node);
    if (joined && last_name(joined->name) == "||") {
      inner.insert(joined->lexpr);
      inner.insert(joined->rexpr);
      outer.push_back(node);
    } else if (auto* constant = as<A_Const>(node); constant && constant->val.node.type == T_String) {
      outer.push_back(node);
    }
  }
  for (const Node* node : outer) {
    if (inner.contains(node)) continue;
    auto constant = constant_of(statement, node);
    if (!constant) continue;
    auto found = find_secrets(constant->value);
    if (found.empty()) found = find_named_secrets(constant->value);
    for (const FoundSecret& secret : found) {
      std::string_view value = secret.span.in(constant->value);
      bool shown = std::ranges::any_of(constant->tokens, [&](Span token) {
        return token.in(statement.source).find(value) != std::string_view::npos;
      });
      if (shown) continue;  // found as text
      auto& finding =
          report_secret(context, *constant, "a secret is written in the file in pieces: " + secret.description,
                        "Let the deployment pass the new one in, as a psql variable or a setting.");
      finding.severity = secret.severity;
      finding.yields = true;
      break;
    }
  }
}

static void check_text(const SourceFile& file, Context& context) {
  // Both in the order of the text. What a shape tells of a value is more than what the name in front of it does.
  auto shapes = find_secrets(file.text());
  auto shape = shapes.begin();
  for (const FoundSecret& named : find_named_secrets(file.text())) {
    while (shape != shapes.end() && shape->span.end <= named.span.begin) ++shape;
    if (shape == shapes.end() || shape->span.begin >= named.span.end) report_found(named, file, context);
  }
  for (const FoundSecret& secret : shapes) report_found(secret, file, context);
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
Tokens, ...), private keys, passwords in URLs, and, as a warning, values that look made by a machine behind a name like
`password`, `api_key` or `Authorization`. Where a kind has a checksum, it is computed: a wrong one makes the
finding a note. Samples of manuals, template slots and keys that are made to be public are left out. No report shows the
secret.)",
                   .instead = R"(
Revoke the secret, then let whatever runs the migration pass the new one in: a psql variable (`:'token'`), a setting
that the deployment makes (`current_setting('app.token')`), or a secret store. If it is no secret, allow it with the
reason, or by its fingerprint: `--allowed-secrets FINGERPRINT`.)",
                   .since = "0.1.0",
                   .applies_to_down = true,
                   .applies_to_function_bodies = true,
                   .security_severity = 9.1,
                   .bad = {{.sql = in_row},
                           {.sql = in_comment},
                           {.sql = in_key},
                           {.sql = "-- smtp password: vT7-aLong!one\nSELECT 1;"},
                           {.sql = "COMMENT ON TABLE hooks IS '{\"api_key\": \"q8Zr-0kPfLw2vT7aLong1one\"}';"},
                           {.sql = "DO $$ BEGIN EXECUTE 'CREATE ROLE app LOGIN PASSWORD ''vT7-aLong!one'''; END $$;"}},
                   .good = {{.sql = "INSERT INTO settings VALUES ('replica', 'postgres://app@db.internal/shop');"},
                            {.sql = "-- postgres://user:password@host/database\nSELECT 1;"},
                            {.sql = "INSERT INTO settings VALUES ('replica', 'postgres://app:${PASSWORD}@db/shop');"},
                            {.sql = "INSERT INTO images VALUES ('https://cdn.example.org:8080/a@2x.png', "
                                    "'9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08');"},
                            {.sql = "INSERT INTO users VALUES "
                                    "('$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW');"}}},
          .check = check,
          .check_text = check_text};
}

}  // namespace pgrehearse
