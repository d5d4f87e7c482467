// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/secret_sinks.h"
#include "rules/support/secret_values.h"
#include "sql/script.h"

namespace pgrehearse::rules::secret_in_psql_variable {
namespace {

struct Word {
  Span span;
  std::string value;
  bool literal = true;  ///< no back-ticks and no variable in it
};

/// The arguments of a meta-command as psql splits them, well enough for literals.
std::vector<Word> words_of(std::string_view text, Span command, size_t name_size) {
  std::vector<Word> words;
  auto i = static_cast<uint32_t>(command.begin + 1 + name_size);
  while (i < command.end) {
    while (i < command.end && (text[i] == ' ' || text[i] == '\t')) ++i;
    if (i >= command.end) break;
    Word word;
    word.span.begin = i;
    while (i < command.end && text[i] != ' ' && text[i] != '\t') {
      char quote = text[i];
      if (quote == '\'' || quote == '"' || quote == '`') {
        word.literal = word.literal && quote != '`';
        for (++i; i < command.end && text[i] != quote; ++i) word.value += text[i];
        if (i < command.end) ++i;
      } else {
        if (quote == ':' && i == word.span.begin) word.literal = false;
        word.value += text[i++];
      }
    }
    word.span.end = i;
    words.push_back(std::move(word));
  }
  return words;
}

void check_command(const MetaCommand& command, std::string_view text, Context& context) {
  std::vector<Word> words = words_of(text, command.span, command.name.size());
  if (command.name == "c" || command.name == "connect") {
    for (const Word& word : words) {
      if (word.literal && is_connection_string(word.value)) {
        report_connection(context, {word.value, {word.span}}, "\\" + std::string(command.name));
      }
    }
    return;
  }
  if (words.size() < 2) return;
  bool is_name = is_secret_name(words[0].value) || words[0].value == "PGPASSWORD";
  if (!is_name || !words[1].literal) return;
  Grade grade = grade_of_password(words[1].value, {});
  if (grade == Grade::none) return;
  bool weak = grade == Grade::weak;
  auto& finding =
      report_secret(context, {words[1].value, {words[1].span}},
                    "\\" + std::string(command.name) + " " + words[0].value +
                        (weak ? " has a value that anybody can guess" : " has its value written in the file"),
                    "Pass the variable on psql's command line (-v name=...), or let psql read it: "
                    "\\getenv, or back-ticks around the command that prints it.");
  if (weak) finding.severity = Severity::warning;
}

}  // namespace

/// By lines: the file may be a document or a script of another kind, which no splitter understands.
static void check_text(const SourceFile& file, Context& context) {
  std::string_view text = file.text();
  for (std::string_view name : {"set", "setenv", "c", "connect"}) {
    std::string command = "\\" + std::string(name);
    for (size_t at = text.find(command); at != text.npos; at = text.find(command, at + 1)) {
      size_t end_of_name = at + command.size();
      bool whole = end_of_name < text.size() && (text[end_of_name] == ' ' || text[end_of_name] == '\t');
      size_t begin = at;
      while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\t')) --begin;
      if (!whole || (begin > 0 && text[begin - 1] != '\n' && text[begin - 1] != '\r')) continue;
      auto end = static_cast<uint32_t>(std::min(text.find_first_of("\r\n", at), text.size()));
      check_command({{static_cast<uint32_t>(at), end}, name}, text, context);
    }
  }
}

Rule rule() {
  return {.info = {.id = "secret-in-psql-variable",
                   .title = "A secret as the value of a psql variable",
                   .category = Category::secrets,
                   .severity = Severity::error,
                   .why = R"(
`\set`, `\setenv` and `\connect` in a script keep the secret out of the statements, but not out of the file: whoever can read
the repository, one of its forks or a build log has it, and deleting the line later does not take it out of the history.)",
                   .instead = R"(
Let the caller pass it in (`psql -v app_password="$APP_PASSWORD"`) or let psql read it when it runs:

```sql
\getenv app_password APP_PASSWORD
ALTER ROLE app PASSWORD :'app_password';
```)",
                   .since = "0.2.0",
                   .applies_to_down = true,
                   .security_severity = 8.5,
                   .bad = {{.sql = "\\set app_password 'vT7-aLong!one'\nSELECT 1;"},
                           {.sql = "\\setenv PGPASSWORD vT7-aLong!one\nSELECT 1;"},
                           {.sql = "\\c \"host=db user=app password=vT7-aLong!one\"\nSELECT 1;"},
                           {.sql = "\\set api_key 'changeme'\nSELECT 1;"}},
                   .good = {{.sql = "\\set app_password `openssl rand -base64 32`\nSELECT 1;"},
                            {.sql = "\\getenv app_password APP_PASSWORD\nSELECT 1;"},
                            {.sql = "\\set app_password :from_caller\nSELECT 1;"},
                            {.sql = "\\set ON_ERROR_STOP on\n\\c shop app\nSELECT 1;"}}},
          .check_text = check_text};
}

}  // namespace pgrehearse::rules::secret_in_psql_variable
