// SPDX-License-Identifier: Apache-2.0
// Policies, row security, grants, owners, comments, options.
#include <algorithm>

#include "migration/round_trip_reader.h"

namespace pgrehearse {
namespace {

std::string privilege_text(const GrantState& grant) {
  std::string text = upper_case(grant.privilege);
  return grant.columns.empty() ? text : text + " (" + joined_names(grant.columns) + ")";
}

std::string role_text(const std::string& role) { return role == "public" ? "PUBLIC" : quote_identifier(role); }

bool has(const std::vector<GrantState>& grants, const GrantState& wanted) {
  return std::ranges::any_of(grants, [&](const GrantState& grant) {
    return grant.in_force && grant.grantee == wanted.grantee && grant.privilege == wanted.privilege &&
           grant.columns == wanted.columns;
  });
}

}  // namespace

void RoundTripReader::compare_grants(const std::vector<GrantState>& before, const std::vector<GrantState>& after,
                                     bool complete, bool remade, const std::string& what, const std::string& object) {
  auto statement = [&](const std::vector<GrantState>& from, const std::vector<GrantState>& without, bool grant) {
    // One statement a role; the first role is enough for the message, all are in the statement.
    std::vector<std::pair<std::string, std::string>> by_role;
    for (const GrantState& each : from) {
      if (!each.in_force || has(without, each)) continue;
      auto same = std::ranges::find(by_role, each.grantee, &std::pair<std::string, std::string>::first);
      if (same == by_role.end()) same = by_role.insert(by_role.end(), {each.grantee, ""});
      same->second += (same->second.empty() ? "" : ", ") + privilege_text(each);
    }
    std::string text;
    for (const auto& [role, privileges] : by_role) {
      text += (text.empty() ? "" : " ") + std::string(grant ? "GRANT " : "REVOKE ") + privileges + " ON " + object +
              (grant ? " TO " : " FROM ") + role_text(role) + ";";
    }
    return text;
  };
  std::string lost = statement(before, after, true);
  std::string left = complete ? statement(after, before, false) : std::string();
  if (!lost.empty()) {
    Difference& grants = add(Change::not_restored, Aspect::protection, "grants on " + what);
    grants.inverse = lost;
    grants.remade = remade;
  }
  if (!left.empty()) {
    Difference& grants = add(Change::left_behind, Aspect::protection, "grants on " + what);
    grants.inverse = left;
    grants.remade = remade;
  }
}

void RoundTripReader::compare_policies(const Stages<RelationState>& stages) {
  auto [before, middle, after] = stages;
  std::string table = shown(after->name);
  bool remade = before->id != after->id;
  auto names = [](const RelationState& relation) {
    std::vector<std::string> list;
    for (const auto& policy : relation.policies) list.push_back(policy.name);
    return list;
  };
  auto find = [](const RelationState* relation, std::string_view name) -> const PolicyState* {
    if (!relation) return nullptr;
    auto found = std::ranges::find(relation->policies, name, &PolicyState::name);
    return found == relation->policies.end() ? nullptr : &*found;
  };
  std::vector<std::string> all = names(*before);
  for (const auto& name : names(*after)) {
    if (!find(before, name)) all.push_back(name);
  }
  for (const std::string& name : all) {
    const PolicyState* old = find(before, name);
    const PolicyState* now = find(after, name);
    std::string what = "policy " + quote_identifier(name) + " on " + table;
    Difference* difference = nullptr;
    if (!now) {
      difference =
          &add(find(middle, name) && !remade ? Change::taken_away : Change::not_restored, Aspect::protection, what);
    } else if (!old) {
      if (!before->complete && !find(middle, name)) continue;
      difference = &add(Change::left_behind, Aspect::protection, what);
      difference->inverse = "DROP POLICY " + quote_identifier(name) + " ON " + table + ";";
    } else if (old->command != now->command || old->permissive != now->permissive || old->roles != now->roles ||
               old->has_using != now->has_using || old->has_check != now->has_check ||
               old->using_true != now->using_true || old->check_true != now->check_true) {
      difference = &add(Change::altered, Aspect::protection, what);
    }
    if (!difference) continue;
    difference->remade = remade;
    difference->kind = OBJECT_POLICY;
    difference->name = name;
    difference->table = after->name.name;
  }
}

void RoundTripReader::compare_access(const Stages<RelationState>& stages) {
  auto [before, middle, after] = stages;
  bool complete = before->complete && after->complete;
  bool remade = before->id != after->id;
  std::string table = shown(after->name);
  compare_policies(stages);
  auto put = [&](Aspect aspect, std::string what, std::string inverse) -> Difference& {
    Difference& difference = add(Change::altered, aspect, std::move(what));
    difference.inverse = std::move(inverse);
    difference.remade = remade;
    difference.name = after->name.name;
    return difference;
  };
  if (complete && before->row_security != after->row_security) {
    put(Aspect::protection, "row security of " + table,
        alter(*after) + (before->row_security ? "ENABLE" : "DISABLE") + " ROW LEVEL SECURITY;");
  }
  if (complete && before->force_row_security != after->force_row_security) {
    put(Aspect::protection, "FORCE ROW LEVEL SECURITY of " + table,
        alter(*after) + (before->force_row_security ? "FORCE" : "NO FORCE") + " ROW LEVEL SECURITY;");
  }
  std::string object = (after->kind == RelationKind::sequence ? "SEQUENCE " : "") + table;
  compare_grants(before->grants, after->grants, complete, remade, table, object);
  if (before->owner != after->owner && complete) {
    bool known = !before->owner.empty() && before->owner != "current_user" && before->owner != "session_user";
    Difference& owner =
        put(Aspect::protection, "owner of " + table,
            alter(*after) + "OWNER TO " + (known ? quote_identifier(before->owner) : "CURRENT_USER") + ";");
    owner.before = before->owner;
    owner.after = after->owner;
  }
  if (before->comment != after->comment && (complete || !before->comment.empty())) {
    std::string_view kind = after->kind == RelationKind::view                ? "VIEW "
                            : after->kind == RelationKind::materialized_view ? "MATERIALIZED VIEW "
                            : after->kind == RelationKind::sequence          ? "SEQUENCE "
                            : after->kind == RelationKind::foreign_table     ? "FOREIGN TABLE "
                                                                             : "TABLE ";
    put(Aspect::comment, "comment of " + table,
        "COMMENT ON " + std::string(kind) + table + " IS " +
            (before->comment.empty() ? "NULL" : string_literal(before->comment)) + ";");
  }
  if (complete && before->persistence != after->persistence) {
    put(Aspect::definition, "persistence of " + table,
        alter(*after) + (before->persistence == Persistence::unlogged ? "SET UNLOGGED;" : "SET LOGGED;"));
  }
  auto options = before->options, now = after->options;
  std::ranges::sort(options);
  std::ranges::sort(now);
  if (complete && options != now && after->kind != RelationKind::sequence) {
    std::string reset;
    for (const auto& option : now) {
      std::string name = option.substr(0, option.find('='));
      bool there = std::ranges::any_of(options, [&](const auto& old) { return old.starts_with(name + "="); });
      if (!there) reset += (reset.empty() ? "" : ", ") + name;
    }
    put(Aspect::definition, "storage parameters of " + table,
        reset.empty() ? "" : alter(*after) + "RESET (" + reset + ");");
  }
}

}  // namespace pgrehearse
