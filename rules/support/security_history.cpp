// SPDX-License-Identifier: Apache-2.0
#include "rules/support/security_history.h"

#include <algorithm>
#include <optional>

#include "core/ascii.h"
#include "migration/expansion.h"
#include "migration/markdown.h"
#include "sql/body.h"

namespace pgrehearse {
namespace {

using Kind = SecurityMention::Kind;
using Topic = SecurityHistory::Topic;

bool mentions(std::string_view text, Topic topic) {
  auto has = [&](std::string_view word) { return contains_ignoring_case(text, word); };
  return topic == Topic::row_security ? has("security") || has("policy") : has("grant") || has("revoke");
}

SecurityMention mention_of(const Statement& statement, Kind kind, QualifiedName object) {
  SecurityMention mention{.kind = kind,
                          .object = std::move(object),
                          .span = statement.span,
                          .object_token = statement.span,
                          .policy = {},
                          .reads = {},
                          .grantees = {},
                          .privileges = {}};
  mention.top_level = statement.origin == Origin::top_level;
  return mention;
}

void take_grant(const Statement& statement, const GrantStmt& grant, bool defaults, const List* schemas,
                std::vector<SecurityMention>& found) {
  bool function =
      grant.objtype == OBJECT_FUNCTION || grant.objtype == OBJECT_PROCEDURE || grant.objtype == OBJECT_ROUTINE;
  if (!function && grant.objtype != OBJECT_TABLE && grant.objtype != OBJECT_SCHEMA) return;
  std::vector<std::string> grantees, privileges;
  for (const auto& grantee : each<RoleSpec>(grant.grantees)) grantees.push_back(role_in_grant(grantee));
  for (const auto& privilege : each<AccessPriv>(grant.privileges)) privileges.emplace_back(view(privilege.priv_name));
  bool of_public = std::ranges::find(grantees, "public") != grantees.end();
  auto add = [&](QualifiedName name, bool whole_schema) {
    SecurityMention mention = mention_of(statement, grant.is_grant ? Kind::grant : Kind::revoke, std::move(name));
    mention.function = function;
    mention.of_public = of_public;
    mention.whole_schema = whole_schema;
    mention.defaults = defaults;
    mention.object_type = grant.objtype;
    mention.grantees = grantees;
    mention.privileges = privileges;
    found.push_back(std::move(mention));
  };
  if (schemas) {
    for (const Node& schema : each<Node>(schemas)) add({{}, std::string(string_value(&schema))}, true);
    return;
  }
  if (defaults) return add({}, true);
  for (const Node& object : each<Node>(grant.objects)) {
    if (auto* relation = as<RangeVar>(&object)) add(qualified_name(*relation), false);
    if (auto* named = as<ObjectWithArgs>(&object)) add(qualified_name(named->objname), false);
    if (as<String>(&object)) add({{}, std::string(string_value(&object))}, grant.objtype != OBJECT_SCHEMA);
  }
}

void take_row_security(const Statement& statement, std::vector<SecurityMention>& found) {
  if (auto* alter = statement.as<AlterTableStmt>()) {
    for (const auto& command : each<AlterTableCmd>(alter->cmds)) {
      std::optional<Kind> kind;
      if (command.subtype == AT_EnableRowSecurity) kind = Kind::enable;
      if (command.subtype == AT_DisableRowSecurity) kind = Kind::disable;
      if (command.subtype == AT_ForceRowSecurity) kind = Kind::force;
      if (!kind) continue;
      SecurityMention mention = mention_of(statement, *kind, qualified_name(*alter->relation));
      mention.object_token = statement.token_at(alter->relation->location);
      found.push_back(std::move(mention));
    }
  } else if (auto* create = statement.as<CreatePolicyStmt>()) {
    SecurityMention mention = mention_of(statement, Kind::create_policy, qualified_name(*create->table));
    mention.object_token = statement.token_at(create->table->location);
    mention.policy = view(create->policy_name);
    mention.permissive = create->permissive;
    for (const Node* expression : {create->qual, create->with_check}) {
      for_each_node<RangeVar>(expression,
                              [&](const RangeVar& table) { mention.reads.push_back(qualified_name(table)); });
    }
    found.push_back(std::move(mention));
  } else if (auto* drop = statement.as<DropStmt>(); drop && drop->removeType == OBJECT_POLICY) {
    for (const List& names : each<List>(drop->objects)) {
      if (length(&names) < 2) continue;
      auto part = [&](int from_end) {
        return std::string(string_value(static_cast<const Node*>(names.elements[names.length - from_end].ptr_value)));
      };
      SecurityMention mention = mention_of(statement, Kind::drop_policy, {length(&names) > 2 ? part(3) : "", part(2)});
      mention.policy = part(1);
      found.push_back(std::move(mention));
    }
  }
}

void take_privileges(const Statement& statement, std::vector<SecurityMention>& found) {
  if (auto* grant = statement.as<GrantStmt>()) {
    take_grant(statement, *grant, false, nullptr, found);
  } else if (auto* defaults = statement.as<AlterDefaultPrivilegesStmt>()) {
    const List* schemas = nullptr;
    for (const auto& option : each<DefElem>(defaults->options)) {
      if (view(option.defname) == "schemas") schemas = as<List>(option.arg);
    }
    if (defaults->action) take_grant(statement, *defaults->action, true, schemas, found);
  }
}

std::vector<SecurityMention> read(const Part& part, Topic topic) {
  std::vector<SecurityMention> found;
  auto* take = topic == Topic::row_security ? take_row_security : take_privileges;
  // Spares the second reading of files, and of statements, that cannot say anything of the kind.
  if (!part.expansion && !mentions(part.section.in(part.file->text()), topic)) return found;
  Script script = script_of(part);
  Parser parser, body_parser;
  for (const StatementSpan& span : script.statements()) {
    if (!mentions(span.span.in(script.text()), topic)) continue;
    auto statement = parser.parse(script, span);
    if (!statement || !statement->node) continue;
    take(*statement, found);
    auto body = body_of(*statement);
    if (!body || body->origin != Origin::do_block) continue;
    for_each_statement_in(
        *body, statement->source, body_parser, [&](const Statement& inner, const BodyPiece&) { take(inner, found); },
        [](const SyntaxError&) {});
  }
  return found;
}

}  // namespace

SecurityHistory::SecurityHistory(const MigrationSet& set, Topic topic) {
  mentions_.reserve(set.migrations.size());
  for (const Migration& migration : set.migrations) mentions_.push_back(read(migration.up, topic));
  for (size_t i = 0; i < mentions_.size(); ++i) {
    for (const SecurityMention& mention : mentions_[i]) by_name_[mention.object.name].push_back({i, &mention});
  }
}

size_t SecurityHistory::place_of(const Context& context) const {
  return static_cast<size_t>(&context.migration() - context.set().migrations.data());
}

std::span<const SecurityMention> SecurityHistory::of(const Context& context) const {
  size_t place = place_of(context);
  return place < mentions_.size() ? std::span(mentions_[place]) : std::span<const SecurityMention>();
}

bool SecurityHistory::later(const Context& context, Kind kind, const QualifiedName& object) const {
  if (is_read_only(context.set())) return false;  // a document's blocks do not follow each other
  auto placed = about(object.name);
  auto after = std::ranges::upper_bound(placed, place_of(context), {}, &Placed::migration);
  return std::any_of(after, placed.end(), [&](const Placed& each) {
    return each.mention->kind == kind && may_be_same(each.mention->object, object);
  });
}

bool SecurityHistory::follows(const Context& context, const Statement& statement, Kind kind,
                              const QualifiedName& object) const {
  auto behind = [&](const SecurityMention& mention) {
    return mention.kind == kind && mention.span.begin >= statement.span.end && may_be_same(mention.object, object);
  };
  return std::ranges::any_of(of(context), behind) || later(context, kind, object);
}

std::span<const SecurityHistory::Placed> SecurityHistory::about(std::string_view name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? std::span<const Placed>() : std::span(found->second);
}

const SecurityHistory& security_history(Context& context, Topic topic) {
  static constexpr char keys[2] = {};
  auto& kept = context.kept(&keys[static_cast<size_t>(topic)]);
  if (!kept) kept = std::make_shared<SecurityHistory>(context.set(), topic);
  return *static_cast<const SecurityHistory*>(kept.get());
}

std::string role_in_grant(const RoleSpec& role) {
  if (role.roletype == ROLESPEC_PUBLIC) return "public";
  return role.roletype == ROLESPEC_CSTRING ? std::string(view(role.rolename)) : std::string();
}

bool is_taken_back(Context& context, const Statement& statement, const GrantStmt& grant, std::string_view grantee) {
  const SecurityHistory& history = security_history(context, Topic::privileges);
  size_t here = history.place_of(context);
  auto takes = [&](const SecurityHistory::Placed& placed) {
    const SecurityMention& mention = *placed.mention;
    bool behind = placed.migration == here ? mention.span.begin >= statement.span.end
                                           : placed.migration > here && !is_read_only(context.set());
    if (!behind || mention.kind != Kind::revoke || mention.defaults || mention.object_type != grant.objtype)
      return false;
    if (std::ranges::find(mention.grantees, grantee) == mention.grantees.end()) return false;
    if (mention.privileges.empty()) return true;
    if (length(grant.privileges) == 0) return false;
    for (const auto& privilege : each<AccessPriv>(grant.privileges)) {
      if (std::ranges::find(mention.privileges, view(privilege.priv_name)) == mention.privileges.end()) return false;
    }
    return true;
  };
  for (const Node& object : each<Node>(grant.objects)) {
    auto* relation = as<RangeVar>(&object);
    auto* function = as<ObjectWithArgs>(&object);
    QualifiedName name = relation   ? qualified_name(*relation)
                         : function ? qualified_name(function->objname)
                                    : QualifiedName{{}, std::string(string_value(&object))};
    bool taken = std::ranges::any_of(history.about(name.name), [&](const SecurityHistory::Placed& placed) {
      bool all = grant.targtype == ACL_TARGET_ALL_IN_SCHEMA;
      return placed.mention->whole_schema == all && may_be_same(placed.mention->object, name) && takes(placed);
    });
    if (!taken && !name.schema.empty()) {
      taken = std::ranges::any_of(history.about(name.schema), [&](const SecurityHistory::Placed& placed) {
        return placed.mention->whole_schema && takes(placed);
      });
    }
    if (!taken) return false;
  }
  return length(grant.objects) > 0;
}

bool may_be_same(const QualifiedName& a, const QualifiedName& b) {
  return a.name == b.name && (a.schema == b.schema || a.schema.empty() || b.schema.empty());
}

}  // namespace pgrehearse
