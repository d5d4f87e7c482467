// SPDX-License-Identifier: Apache-2.0
#include "cli/rule_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/utf8.h"
#include "linter/example.h"
#include "rules/all_rules.h"
#include "sql/edit.h"

namespace pgrehearse {
namespace {

std::string trimmed(std::string_view text) {
  size_t begin = text.find_first_not_of("\n ");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of("\n ") + 1 - begin));
}

/// Examples are about such bytes too; a page must show them, and not do what they do.
std::string visible(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    auto byte = [&](size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
    unsigned code = ((byte(i) & 0x0F) << 12) | ((byte(i + 1) & 0x3F) << 6) | (byte(i + 2) & 0x3F);
    bool is_mark =
        (byte(i) & 0xF0) == 0xE0 && ((code >= 0x200B && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
                                     (code >= 0x2060 && code <= 0x2069) || code == 0xFEFF);
    if (is_mark) {
      result += fmt::format("<U+{:04X}>", code);
      i += 2;
    } else if (text[i] == '\r') {
      result += "<CR>";
    } else if (text[i] == '\0') {
      result += "<NUL>";
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string code_block(std::string_view language, std::string_view text) {
  return "```" + std::string(language) + "\n" + to_valid_utf8(visible(trimmed(text))) + "\n```\n";
}

std::string locks_sentence(const Example& example) {
  if (example.locks.relations.size() == 0) return {};
  std::string text = fmt::format("On a real server, PostgreSQL {} to 18: ", std::max(14, example.min_server));
  bool first = true;
  for (const RelationClaim& relation : example.locks.relations) {
    if (!first) text += "; ";
    first = false;
    text += "`" + std::string(relation.name) + "` " + std::string(lock_name(relation.lock));
    if (relation.rewrite) text += ", rewritten";
    if (relation.scan) text += ", all rows read";
  }
  return text + ".\n";
}

bool has_files(const Example& example) { return example.sql.find("-- file: ") != std::string_view::npos; }

/// What lint says of the example, and what its fixes make of it.
std::string rendered(const Rule& rule, const Example& example) {
  auto report = lint_example(rule, all_rules(), example);
  if (!report) return {};
  std::string text;
  std::vector<Edit> edits;
  for (const Finding& finding : report->findings) {
    text += std::string(severity_name(finding.severity)) + ": " + finding.message + "\n";
    if (!finding.help.empty()) text += "  help: " + finding.help + "\n";
    if (!finding.fix) continue;
    bool unsafe = finding.fix->safety == Fix::Safety::unsafe;
    text += "  fix" + std::string(unsafe ? ", with --unsafe-fixes: " : ": ") + finding.fix->title + "\n";
    edits.insert(edits.end(), finding.fix->edits.begin(), finding.fix->edits.end());
  }
  text = code_block("text", text);
  if (edits.empty() || has_files(example)) return text;
  std::ranges::stable_sort(edits, {}, [](const Edit& edit) { return edit.span.begin; });
  return text + "\nFixed:\n\n" + code_block("sql", apply_edits(report->files.back()->text(), edits));
}

/// How the examples of a page are sent, where that makes a difference: to the same SQL, even.
std::string how_it_runs(const RuleInfo& info, const Example& example) {
  auto runs_alone = [](const Example& each) { return !each.in_transaction && !has_files(each); };
  bool differs = std::ranges::any_of(info.bad, runs_alone) || std::ranges::any_of(info.good, runs_alone);
  std::string text;
  if (differs && !has_files(example)) {
    text += example.in_transaction ? ", in the transaction that the tool opens around the file"
                                   : ", each statement sent by itself, as psql does";
  }
  if (example.pg_version) text += fmt::format(", for PostgreSQL {}", example.pg_version);
  return text;
}

std::string example_block(const RuleInfo& info, const Example& example, std::string_view what) {
  return std::string(what) + how_it_runs(info, example) + ":\n\n" + code_block("sql", example.sql) + "\n";
}

/// A reason that somebody could have for a rule of that kind.
std::string_view sample_reason(Category category) {
  switch (category) {
    case Category::locks: return "the table is empty until launch";
    case Category::transactions: return "the file was rehearsed on a copy of production";
    case Category::idempotency: return "our tool never runs a file twice";
    case Category::compatibility: return "release 12 was the last to use it";
    case Category::data: return "the table has a few dozen rows";
    case Category::rollback: return "the table held no rows in any database";
    case Category::privileges: return "the security team has reviewed it, ticket 4711";
    case Category::secrets: return "it opens nothing but the test database on this machine";
    case Category::design: return "the list never has more than a few rows";
    case Category::files: return "a script of ours takes care of it";
  }
  return {};
}

std::string how_to_allow(const Rule& rule) {
  const RuleInfo& info = rule.info;
  bool whole_file = !rule.check && (rule.check_migration || rule.check_round_trip || rule.check_removed);
  std::string page = "## To allow it\n\n";
  page += whole_file ? "Anywhere in the file" : "Above the statement";
  page += ", with your own reason:\n\n";
  page += code_block("sql", fmt::format("-- pgrehearse: allow {} because {}", info.id, sample_reason(info.category)));
  page += fmt::format(
      "\nFor all files, in `.pgrehearse.toml`: `ignore = [\"{0}\"]`, or another severity, `severity = {{ {0} = "
      "\"info\" }}`. See [suppressions](../suppressions.md) and [configuration](../configuration.md).\n",
      info.id);
  return page;
}

}  // namespace

std::string rule_page(const Rule& rule) {
  const RuleInfo& info = rule.info;
  std::string page = fmt::format("# {}\n\n{}.\n\n", info.id, info.title);
  page += "* category: " + std::string(category_name(info.category)) + "\n";
  page += "* severity: " + std::string(severity_name(info.severity)) + "\n";
  page += "* on by default: " + std::string(info.on_by_default ? "yes" : "no") + "\n";
  page += fmt::format("* since: {}\n\n", info.since);
  page += "## Why\n\n" + trimmed(info.why) + "\n\n## What to do\n\n" + trimmed(info.instead) + "\n\n";
  page += "## Examples\n\n";
  auto has_history = [](const Example& example) {
    return has_files(example) && example.sql.find("sql [") != example.sql.npos;
  };
  if (std::ranges::any_of(info.bad, has_history)) {
    page += "What stands in brackets is what version control says of the file.\n\n";
  }
  if (!info.setup.empty()) page += "With this from an earlier migration:\n\n" + code_block("sql", info.setup) + "\n";
  for (const Example& example : info.bad) {
    page += example_block(info, example, "Found") + rendered(rule, example);
    if (std::string sentence = locks_sentence(example); !sentence.empty()) page += "\n" + sentence;
    page += "\n";
  }
  for (const Example& example : info.good) page += example_block(info, example, "Not found");
  return page + how_to_allow(rule);
}

std::string rule_index() {
  std::string page = "# Rules\n\nGenerated by `tools/generate-docs` from the rule files.\n";
  for (int c = 0; c <= static_cast<int>(Category::files); ++c) {
    auto category = static_cast<Category>(c);
    std::string rows;
    for (const Rule& rule : all_rules()) {
      if (rule.info.category != category) continue;
      rows += fmt::format("| [{0}]({0}.md) | {1} | {2} |\n", rule.info.id, severity_name(rule.info.severity),
                          rule.info.title);
    }
    if (rows.empty()) continue;
    page += "\n## " + std::string(category_name(category)) + "\n\n| rule | severity | what |\n|---|---|---|\n" + rows;
  }
  return page;
}

}  // namespace pgrehearse
