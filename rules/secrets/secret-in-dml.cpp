// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/secret_columns.h"
#include "rules/support/secret_shapes.h"
#include "rules/support/secret_values.h"

namespace pgrehearse::rules::secret_in_dml {
namespace {

constexpr std::string_view instead =
    "Let the deployment write it after the migration, or pass it in as a parameter or a psql variable.";

/// A password column holds hashes where all is well, other secret columns do not.
bool is_secret_in(std::string_view column, std::string_view value) {
  if (!is_secret_like(value)) return !find_secrets(value).empty();
  return !(is_password_name(column) && is_hex_digest(value));
}

void report_value(Context& context, const Constant& value, std::string message) {
  auto& finding = report_secret(context, value, std::move(message), instead);
  finding.severity = entropy(value.value) >= 3.5 ? Severity::error : Severity::warning;
  auto shapes = find_secrets(value.value);
  if (!shapes.empty()) finding.message += ": it is a " + shapes.front().description;
}

struct CopyFormat {
  char delimiter = '\t';
  bool csv = false;
};

CopyFormat format_of(const CopyStmt& copy) {
  CopyFormat format;
  for (const auto& option : each<DefElem>(copy.options)) {
    if (view(option.defname) == "format" && string_value(option.arg) == "csv") format = {',', true};
  }
  for (const auto& option : each<DefElem>(copy.options)) {
    if (view(option.defname) == "delimiter" && !string_value(option.arg).empty())
      format.delimiter = string_value(option.arg)[0];
  }
  return format;
}

/// The fields of one line without their quotes.
std::vector<Span> fields_of(std::string_view text, uint32_t begin, uint32_t end, CopyFormat format) {
  std::vector<Span> fields;
  while (end > begin && text[end - 1] == '\r') --end;
  for (uint32_t at = begin; at <= end;) {
    Span field{at, at};
    if (format.csv && at < end && text[at] == '"') {
      field.begin = ++at;
      while (at < end && (text[at] != '"' || (at + 1 < end && text[at + 1] == '"'))) at += text[at] == '"' ? 2 : 1;
      field.end = std::min(at, end);
      while (at < end && text[at] != format.delimiter) ++at;
    } else {
      while (at < end && text[at] != format.delimiter) ++at;
      field.end = at;
    }
    fields.push_back(field);
    ++at;
  }
  return fields;
}

/// The rows behind COPY ... FROM stdin, by the names of their columns.
void check_copy(const Statement& statement, const CopyStmt& copy, Context& context) {
  if (!copy.is_from || copy.filename || !copy.relation || statement.offsets) return;
  std::vector<std::string> columns;
  for (const auto& column : each<String>(copy.attlist)) columns.emplace_back(view(column.sval));
  if (columns.empty()) {
    auto* table = context.state().find(*copy.relation);
    if (!table || !table->complete || table->uncertain) return;
    for (const ColumnState& column : table->columns) columns.push_back(column.name);
  }
  std::vector<size_t> wanted;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (is_secret_name(columns[i])) wanted.push_back(i);
  }
  size_t key = static_cast<size_t>(std::ranges::find_if(columns, is_key_column) - columns.begin());
  size_t value = static_cast<size_t>(std::ranges::find_if(columns, is_value_column) - columns.begin());
  bool pairs = key < columns.size() && value < columns.size() && key != value;
  if (wanted.empty() && !pairs) return;
  CopyFormat format = format_of(copy);
  std::string_view text = statement.source;
  auto report = [&](Span span, const std::string& what) {
    report_value(context, {std::string(span.in(text)), {span}, text},
                 "the data for " + what + " of " + display_name(*copy.relation) + " hold a secret");
  };
  size_t line = text.find('\n', statement.span.end);
  while (line != text.npos && line + 1 < text.size()) {
    size_t begin = line + 1;
    line = text.find('\n', begin);
    if (text.substr(begin, 2) == "\\.") return;
    auto fields =
        fields_of(text, static_cast<uint32_t>(begin), static_cast<uint32_t>(std::min(line, text.size())), format);
    for (size_t column : wanted) {
      if (column < fields.size() && is_secret_in(columns[column], fields[column].in(text)))
        report(fields[column], "column " + quote_identifier(columns[column]));
    }
    if (!pairs || key >= fields.size() || value >= fields.size()) continue;
    std::string_view name = fields[key].in(text);
    if (is_secret_name(name) && is_secret_in(name, fields[value].in(text)))
      report(fields[value], "'" + std::string(name) + "'");
  }
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  if (auto* copy = statement.as<CopyStmt>()) return check_copy(statement, *copy, context);
  auto wanted = [](std::string_view column) {
    return may_be_secret_name(column) && (is_secret_name(column) || is_password_hash_name(column));
  };
  for_each_written_value(statement, context, wanted, [&](const WrittenValue& written) {
    if (is_secret_name(written.column)) {
      if (is_secret_in(written.column, written.constant.value))
        report_value(context, written.constant,
                     "the secret for column " + quote_identifier(written.column) + " is written in the file");
    } else if (written.constant.hashed && is_secret_like(written.constant.value)) {
      report_value(context, written.constant,
                   "the password behind column " + quote_identifier(written.column) + " is written in the file");
    }
  });
  for_each_pair(statement, is_secret_name, [&](const Constant& name, const Constant& value) {
    if (is_secret_in(name.value, value.value)) {
      report_value(context, value, "the value for '" + name.value + "' is written in the file");
    }
  });
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info =
          {.id = "secret-in-dml",
           .title = "A literal is written into a column that is named like a secret",
           .category = Category::secrets,
           .severity = Severity::error,
           .why = R"(
Rows that a migration writes are the same in every environment, so the password, token or key among them works in
production, and everybody who can read the repository, one of its forks or a build log has it. Deleting the line later does
not take it out of the history.

Looked at are the values of `INSERT`, `UPDATE`, `MERGE`, `COPY ... FROM stdin` and column defaults where the column's name
says secret (`password`, `api_key`, `secret`, `token`, ...), and rows of settings: `('smtp_password', '...')`. Values that
look like words, hashes, UUIDs, dates, addresses, samples or template slots are left alone.)",
           .instead = R"(
Write the row without the secret, and let the deployment set it: an `UPDATE` with a parameter or a psql variable
(`:'api_key'`). For tests and development use a seed file that never runs in production.)",
           .since = "0.2.0",
           .applies_to_down = true,
           .applies_to_function_bodies = true,
           .security_severity = 8.0,
           .setup = "CREATE TABLE accounts (id bigint, login text, api_token text);",
           .bad = {{.sql = "INSERT INTO users (name, password) VALUES ('app', 'vT7-aLong!one');"},
                   {.sql = "UPDATE integrations SET api_key = 'q8Zr-0kPfLw2' || 'vT7aLong1one' WHERE id = 1;"},
                   {.sql = "INSERT INTO accounts VALUES (1, 'app', 'q8Zr0kPfLw2vT7aLong1one');"},
                   {.sql = "INSERT INTO settings (name, value) VALUES ('smtp_password', 'vT7-aLong!one');"},
                   {.sql = "INSERT INTO users (id, secret) SELECT 1, 'q8Zr0kPfLw2vT7aLong1one'\n"
                           "ON CONFLICT (id) DO UPDATE SET secret = 'q8Zr0kPfLw2vT7aLong1one';"},
                   {.sql = "ALTER TABLE hooks ADD COLUMN signing_key text DEFAULT 'q8Zr0kPfLw2vT7aLong1one';"},
                   {.sql = "COPY users (name, password) FROM stdin;\napp\tvT7-aLong!one\n\\.\n"}},
           .good =
               {{.sql = "INSERT INTO users (name, password) VALUES ('app', NULL);"},
                {.sql = "INSERT INTO users (name, password_hash) VALUES ('app', 'q8Zr0kPfLw2vT7aLong1one');"},
                {.sql = "INSERT INTO users (name, password) VALUES\n"
                        "('app', '$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW');"},
                {.sql = "INSERT INTO users (name, token) VALUES ('app', '550e8400-e29b-41d4-a716-446655440000');"},
                {.sql = "INSERT INTO texts (key, value) VALUES ('login.password', 'YourPassword'),\n"
                        "('forgot_password', 'Forgot1Password?');"},
                {.sql = "INSERT INTO permissions (name) VALUES ('passwords.reset'), ('tokens.create');"},
                {.sql =
                     "UPDATE users SET password = md5(random()::text), token = gen_random_uuid()::text WHERE id = 1;"},
                {.sql = "INSERT INTO settings (name, value) VALUES ('api_key', '${API_KEY}'), ('token', :'token');"},
                {.sql = "ALTER TABLE hooks ADD COLUMN token_type text DEFAULT 'Bearer-Token2x';"}}},
      .nodes = {T_InsertStmt, T_UpdateStmt, T_MergeStmt, T_CreateStmt, T_AlterTableStmt, T_CopyStmt, T_SelectStmt},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::secret_in_dml
