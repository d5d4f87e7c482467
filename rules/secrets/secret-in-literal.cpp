// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/dynamic_sql.h"
#include "rules/support/named_secrets.h"
#include "rules/support/secret_fingerprint.h"
#include "rules/support/secret_pieces.h"
#include "rules/support/secret_shapes.h"
#include "rules/support/secret_sinks.h"
#include "rules/support/secret_values.h"

namespace pgrehearse::rules::secret_in_literal {

static void report_found(const FoundSecret& secret, std::string_view text, std::string_view path, Context& context) {
  std::string shown = std::to_string(secret.span.size()) + " characters";
  if (!secret.prefix.empty()) shown = "begins with " + std::string(secret.prefix) + ", " + shown;
  std::string fingerprint = secret_fingerprint(path, secret.span.in(text));
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

/// A value that a piece of the text alone would not have told. What the text shows is found there too, and said once.
static void report_assembled(const Assembled& whole, std::string_view source, Context& context) {
  auto found = find_secrets(whole.text);
  if (found.empty()) found = find_named_secrets(whole.text);
  for (const FoundSecret& secret : found) {
    std::string_view value = secret.span.in(whole.text);
    std::vector<Span> places = whole.places_of(secret.span, source);
    // The first line of a key, since its line ends may be written as \n.
    bool shown = std::ranges::any_of(places, [&](Span place) {
      return place.in(source).find(value.substr(0, value.find('\n'))) != std::string_view::npos;
    });
    bool one_piece = whole.pieces.size() == 1;
    if (places.empty() || (shown && one_piece)) continue;
    if (shown && places.size() == 1) {
      report_found({places.front(), secret.description, secret.prefix, secret.severity}, source,
                   context.part().file->path(), context);
      continue;
    }
    auto& finding = report_secret(context, {std::string(value), places, source},
                                  "a secret is written in the file in pieces: " + secret.description,
                                  "Let the deployment pass the new one in, as a psql variable or a setting.");
    finding.severity = secret.severity;
    finding.yields = true;
  }
}

static void check_executed(const Statement& statement, Context& context) {
  for_each_executed(statement, [&](const Statement& part, const Node* expression) {
    report_assembled(assembled(part, expression), part.source, context);
  });
}

static void check(const Statement& statement, Context& context) {
  if (statement.as<DoStmt>() || statement.as<CreateFunctionStmt>()) check_executed(statement, context);
  if (!may_hide_values(statement.text)) return;
  for_each_assembled(statement, [&](const Assembled& text) { report_assembled(text, statement.source, context); });
  for_each_named_value(statement, [&](const Constant& name, const Constant& value) {
    if (!is_secret_like(value.value) || (is_password_name(name.value) && is_hex_digest(value.value))) return;
    auto& finding = report_secret(context, value, "the value for '" + name.value + "' is written in the file",
                                  "Let the deployment pass it in, as a psql variable or a setting.");
    finding.severity = Severity::warning;
    finding.yields = true;
  });
}

/// libpq's password file: host:port:database:user:password, with \\ in front of colons that are meant.
static void check_password_file(const SourceFile& file, Context& context) {
  std::string_view text = file.text();
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
    size_t at = begin;
    int field = 0;
    for (; at < end && field < 4; ++at) {
      if (text[at] == '\\')
        ++at;
      else
        field += text[at] == ':';
    }
    if (text[begin] != '#' && field == 4 && at < end && !is_sample(text.substr(at, end - at)))
      report_found({{static_cast<uint32_t>(at), static_cast<uint32_t>(end)},
                    "a password of libpq's password file",
                    {},
                    Severity::error},
                   text, file.path(), context);
    begin = end + 1;
  }
}

static void check_text(const SourceFile& file, Context& context) {
  if (file.path().ends_with("pgpass") || file.path().ends_with("pgpass.conf"))
    return check_password_file(file, context);
  // Both in the order of the text. What a shape tells of a value is more than what the name in front of it does.
  auto shapes = find_secrets(file.text());
  auto shape = shapes.begin();
  for (const FoundSecret& named : find_named_secrets(file.text())) {
    while (shape != shapes.end() && shape->span.end <= named.span.begin) ++shape;
    if (shape == shapes.end() || shape->span.begin >= named.span.end)
      report_found(named, file.text(), file.path(), context);
  }
  for (const FoundSecret& secret : shapes) report_found(secret, file.text(), file.path(), context);
}

Rule rule() {
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

}  // namespace pgrehearse::rules::secret_in_literal
