// SPDX-License-Identifier: Apache-2.0
#include "linter/settings.h"

#include <algorithm>

namespace pgrehearse {
namespace {

bool contains(const std::vector<std::string>& ids, std::string_view id) {
  return std::ranges::find(ids, id) != ids.end();
}

/// The end of a [...] class that begins at `at`, or npos when it is never closed and so is a plain bracket.
size_t class_end(std::string_view pattern, size_t at) {
  size_t from = at + 1;
  if (from < pattern.size() && (pattern[from] == '!' || pattern[from] == '^')) ++from;
  return pattern.find(']', from + 1);
}

bool in_class(std::string_view members, char c) {
  bool negated = members.starts_with('!') || members.starts_with('^');
  if (negated) members.remove_prefix(1);
  bool found = false;
  for (size_t i = 0; i < members.size(); ++i) {
    if (i + 2 < members.size() && members[i + 1] == '-') {
      found |= members[i] <= c && c <= members[i + 2];
      i += 2;
    } else {
      found |= members[i] == c;
    }
  }
  return found != negated;
}

/// One row of the table "does this much of the pattern match this much of the path" after another: the work is the
/// product of the two lengths, whatever a hostile pattern holds.
bool matches_whole(std::string_view pattern, std::string_view path) {
  std::vector<char> row(path.size() + 1, 0);
  row[0] = 1;
  auto star = [&](bool crosses_folders) {
    for (size_t i = 0; i < path.size(); ++i) row[i + 1] |= row[i] && (crosses_folders || path[i] != '/');
  };
  auto one = [&](auto&& matches) {
    for (size_t i = path.size(); i > 0; --i) row[i] = row[i - 1] && matches(path[i - 1]);
    row[0] = 0;
  };
  for (size_t p = 0; p < pattern.size(); ++p) {
    std::string_view rest = pattern.substr(p);
    if (rest.starts_with("**/") && (p == 0 || pattern[p - 1] == '/')) {
      // No folder, or whole ones.
      std::vector<char> before = row;
      star(true);
      for (size_t i = 0; i <= path.size(); ++i) row[i] = before[i] || (row[i] && i > 0 && path[i - 1] == '/');
      p += 2;
    } else if (rest.starts_with("**")) {
      star(true);
      ++p;
    } else if (rest.front() == '*') {
      star(false);
    } else if (rest.front() == '?') {
      one([](char c) { return c != '/'; });
    } else if (size_t end = rest.front() == '[' ? class_end(pattern, p) : std::string_view::npos;
               end != std::string_view::npos) {
      std::string_view members = pattern.substr(p + 1, end - p - 1);
      one([&](char c) { return c != '/' && in_class(members, c); });
      p = end;
    } else {
      one([&](char c) { return c == rest.front(); });
    }
  }
  return row.back();
}

std::string relative_path(const Settings& settings, std::string_view file) {
  std::string path = file.starts_with('/') ? std::string(file) : settings.current + '/' + std::string(file);
  if (path.starts_with(settings.root + '/')) path.erase(0, settings.root.size() + 1);
  return path;
}

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view path) {
  if (pattern.starts_with("./")) pattern.remove_prefix(2);
  if (pattern.ends_with('/')) return matches_whole(std::string(pattern) + "**", path);
  if (pattern.find('/') == std::string_view::npos) path.remove_prefix(path.rfind('/') + 1);
  return matches_whole(pattern, path);
}

Decision decide(const Settings& settings, std::string_view rule, bool chosen, std::string_view file) {
  Decision decision{chosen, nullptr};
  if (auto known = settings.severity.find(rule); known != settings.severity.end()) decision.severity = &known->second;
  if (settings.overrides.empty()) return decision;
  std::string path = relative_path(settings, file);
  for (const PathOverride& override : settings.overrides) {
    if (!std::ranges::any_of(override.files, [&](const auto& glob) { return matches_glob(glob, path); })) continue;
    if (contains(override.extend_select, rule)) decision.on = true;
    if (contains(override.ignore, rule)) decision.on = false;
    if (auto known = override.severity.find(rule); known != override.severity.end()) decision.severity = &known->second;
  }
  return decision;
}

}  // namespace pgrehearse
