// SPDX-License-Identifier: Apache-2.0
#include "core/ascii.h"
#include "linter/rule.h"
#include "rules/support/named_secrets.h"
#include "rules/support/secret_sinks.h"
#include "rules/support/secret_values.h"
#include "sql/lexer.h"

namespace pgrehearse::rules::secret_in_http_trigger {
namespace {

constexpr std::string_view instead =
    "Read it when the request is made: from a vault, or from a setting that the deployment makes.";

bool is_header_with_secret(std::string_view name) {
  return equals_ignoring_case(name, "authorization") || equals_ignoring_case(name, "proxy-authorization") ||
         is_secret_name(name);
}

/// "Bearer x" and "Basic x" without their first word.
std::string_view credentials(std::string_view value) {
  size_t blank = value.find(' ');
  return blank != value.npos && blank <= 8 ? value.substr(blank + 1) : value;
}

void check_pair(const Statement& statement, const Node* name, const Node* value, Context& context) {
  auto header = constant_of(statement, name);
  if (!header || !is_header_with_secret(header->value)) return;
  auto text = constant_of(statement, value);
  if (!text) return;
  std::string_view secret = credentials(text->value);
  if (!is_secret_like(secret) && find_secrets(secret).empty()) return;
  report_secret_within(context, *text, secret,
                       "the credentials of the HTTP header " + header->value + " are written in the file", instead);
}

/// Headers as JSON in one string, as triggers of supabase_functions.http_request get them.
void check_json(const Constant& text, Context& context) {
  for (const FoundSecret& found : find_named_secrets(text.value)) {
    std::string raw(found.span.in(text.value));
    report_secret_within(context, text, raw, "the credentials of an HTTP request are written in the file", instead);
  }
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  if (auto* trigger = statement.as<CreateTrigStmt>()) {
    if (length(trigger->args) == 0) return;
    for (const Constant& string : strings_behind(statement, 0)) check_json(string, context);
    return;
  }
  if (!contains_ignoring_case(statement.text, "http")) return;
  for_each_node<FuncCall>(statement.node, [&](const FuncCall& call) {
    std::string_view name = last_name(call.funcname);
    auto argument = [&](int i) { return static_cast<const Node*>(call.args->elements[i].ptr_value); };
    bool builds =
        name == "jsonb_build_object" || name == "json_build_object" || name == "http_header" || name == "hstore";
    if (builds) {
      for (int i = 0; i + 1 < length(call.args); i += 2) check_pair(statement, argument(i), argument(i + 1), context);
    } else if (name == "http_set_curlopt" && length(call.args) == 2) {
      auto option = constant_of(statement, argument(0));
      auto value = constant_of(statement, argument(1));
      if (!option || !value) return;
      bool logs_in =
          option->value.ends_with("PWD") || option->value.ends_with("PASSWORD") || option->value.ends_with("BEARER");
      std::string_view secret = std::string_view(value->value).substr(value->value.find(':') + 1);
      if (logs_in && is_secret_like(secret))
        report_secret_within(context, *value, secret, "the credentials of HTTP requests are written in the file",
                             instead);
    } else if (name.starts_with("http")) {
      for (int i = 0; i < length(call.args); ++i) {
        if (auto text = constant_of(statement, argument(i))) check_json(*text, context);
      }
    }
  });
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info =
          {.id = "secret-in-http-trigger",
           .title = "Credentials in the headers of an HTTP request",
           .category = Category::secrets,
           .severity = Severity::error,
           .why = R"(
`net.http_post()`, `http()` and triggers that call `supabase_functions.http_request` carry their headers as literals. An
`Authorization` or `apikey` header in a migration is in the repository's history; in a trigger or a function it is also in
the catalogs (`pg_trigger.tgargs`, `pg_proc.prosrc`), which every role of the database can read.)",
           .instead = R"(
Look the credentials up when the request is made:

```sql
SELECT net.http_post(url := 'https://api.example.org/hook',
  headers := jsonb_build_object('Authorization',
    'Bearer ' || (SELECT decrypted_secret FROM vault.decrypted_secrets WHERE name = 'hook')));
```)",
           .since = "0.2.0",
           .applies_to_down = true,
           .applies_to_function_bodies = true,
           .security_severity = 8.5,
           .bad =
               {{.sql = "SELECT net.http_post(url := 'https://api.example.org/hook',\n"
                        "  headers := '{\"Authorization\": \"Bearer q8Zr-0kPfLw2vT7aLong1one\"}'::jsonb);"},
                {.sql = "SELECT net.http_post('https://api.example.org/hook', '{}'::jsonb, '{}'::jsonb,\n"
                        "  jsonb_build_object('Authorization', 'Bearer ' || 'q8Zr-0kPfLw2vT7aLong1one'));"},
                {.sql = "CREATE TRIGGER hook AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION\n"
                        "  supabase_functions.http_request('https://api.example.org/hook', 'POST',\n"
                        "  '{\"apikey\":\"q8Zr-0kPfLw2vT7aLong1one\"}', '{}', '1000');"},
                {.sql =
                     "SELECT * FROM http(('GET', 'https://api.example.org',\n"
                     "  ARRAY[http_header('Authorization', 'Basic cTha-ci0wa1BmTHcy')], NULL, NULL)::http_request);"}},
           .good = {{.sql =
                         "SELECT net.http_post(url := 'https://api.example.org/hook', headers := jsonb_build_object(\n"
                         "  'Authorization', 'Bearer ' || current_setting('app.hook_token')));"},
                    {.sql = "SELECT net.http_post(url := 'https://api.example.org/hook',\n"
                            "  headers := '{\"Content-Type\": \"application/json\", \"X-Request-Id\": "
                            "\"a81c-7712\"}'::jsonb);"},
                    {.sql = "CREATE TRIGGER hook AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION\n"
                            "  supabase_functions.http_request('https://api.example.org/hook', 'POST',\n"
                            "  '{\"Authorization\":\"Bearer ${TOKEN}\"}', '{}', '1000');"}}},
      .nodes = {T_CreateTrigStmt, T_SelectStmt, T_InsertStmt, T_UpdateStmt, T_CallStmt},
      .words = {"http", "trigger"},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::secret_in_http_trigger
