// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "linter/context.h"

namespace pgrehearse {

/// What one statement of the set says about who may see or do what.
struct SecurityMention {
  enum class Kind : unsigned char { enable, disable, force, create_policy, drop_policy, grant, revoke };
  Kind kind;
  QualifiedName object;  ///< the table; for grants also a function, or with `whole_schema` the schema (in `name`)
  Span span;             ///< of the statement
  Span object_token;     ///< the object as it is named there; the statement for grants
  std::string policy;
  std::vector<QualifiedName> reads;  ///< tables that a policy's expressions read
  bool permissive = true;
  bool top_level = true;
  bool function = false;      ///< grants: the object is a function or procedure
  bool of_public = false;     ///< grants: to or from PUBLIC
  bool whole_schema = false;  ///< grants: ALL ... IN SCHEMA, or default privileges
  bool defaults = false;      ///< grants: ALTER DEFAULT PRIVILEGES; `object` is then the schema, if it names one
  int object_type = 0;        ///< grants: ObjectType
  std::vector<std::string> grantees;    ///< grants: "public" for PUBLIC
  std::vector<std::string> privileges;  ///< grants: empty for ALL
};

/// The mentions of a set's up parts, DO bodies included, each part that says something of the topic read once for all
/// rules.
class SecurityHistory {
 public:
  enum class Topic : unsigned char { row_security, privileges };
  SecurityHistory(const MigrationSet& set, Topic topic);

  /// Those of the migration at hand, in order.
  std::span<const SecurityMention> of(const Context& context) const;
  /// Whether a migration behind the one at hand mentions that object in that way.
  bool later(const Context& context, SecurityMention::Kind kind, const QualifiedName& object) const;
  /// Whether a statement behind this one does, in this migration or a later one.
  bool follows(const Context& context, const Statement& statement, SecurityMention::Kind kind,
               const QualifiedName& object) const;
  /// All of one object, in the order of the set: the migration's place, then the mention.
  struct Placed {
    size_t migration;
    const SecurityMention* mention;
  };
  std::span<const Placed> about(std::string_view name) const;
  size_t place_of(const Context& context) const;

 private:
  std::vector<std::vector<SecurityMention>> mentions_;  // by migration
  std::map<std::string, std::vector<Placed>, std::less<>> by_name_;
};

/// The one of this run.
const SecurityHistory& security_history(Context& context,
                                        SecurityHistory::Topic topic = SecurityHistory::Topic::row_security);

/// Whether a REVOKE behind this statement, in this migration or a later one, takes from the role all that the GRANT
/// gives it.
bool is_taken_back(Context& context, const Statement& statement, const GrantStmt& grant, std::string_view grantee);
/// "public", the name, or "" for CURRENT_USER and the like.
std::string role_in_grant(const RoleSpec& role);

/// The same table as far as the names tell: a name without schema is any schema's.
bool may_be_same(const QualifiedName& a, const QualifiedName& b);

}  // namespace pgrehearse
