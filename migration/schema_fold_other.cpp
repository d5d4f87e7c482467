// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"
#include "migration/schema_types.h"
#include "sql/body.h"
#include "sql/lexer.h"

namespace pgrehearse {

void Folder::create_schema(const CreateSchemaStmt& statement) {
  std::string name(view(statement.schemaname));
  if (name.empty() && statement.authrole) name = view(statement.authrole->rolename);
  const bool* known = d_.schemas.find(name);
  // IF NOT EXISTS on a schema that earlier statements took for granted tells nothing about what else is in it.
  bool was_used = !state_.relations_in_schema(name).empty();
  if (!(known && *known) && !conditional_ && !(statement.if_not_exists && (was_used || name == "public"))) {
    d_.schemas.set(name, true, d_.logging());
  }
  if (length(statement.schemaElts) == 0) return;
  Setting before;
  if (auto* setting = d_.settings.find("search_path")) before = *setting;
  Setting inner{before.session, name};
  for (const auto& schema : d_.search_path) *inner.local += '\1' + schema;
  d_.settings.set("search_path", inner, d_.logging());
  d_.refresh_search_path();
  for (const Node& element : each<Node>(statement.schemaElts)) fold(&element);
  d_.settings.set("search_path", before, d_.logging());
  d_.refresh_search_path();
}

void Folder::create_sequence(const CreateSeqStmt& statement) {
  RelationState* sequence = create(qualified_name(*statement.sequence), RelationKind::sequence,
                                   statement.sequence->relpersistence, statement.if_not_exists);
  if (!sequence) return;
  auto* owner = option(statement.options, "owned_by");
  auto* names = owner ? as<List>(owner->arg) : nullptr;
  if (length(names) < 2) return;
  RelationId id = sequence->id;
  std::string column(last_name(names));
  std::vector<std::string> parts = names_of(names);
  QualifiedName table{parts.size() > 2 ? parts[parts.size() - 3] : std::string(), parts[parts.size() - 2]};
  RelationId owner_id = mention(table);
  RelationState* changed = d_.mutate(id);
  changed->owner_table = owner_id;
  changed->owner_column = column;
  if (RelationState* owner_table = d_.mutate(owner_id)) {
    for (auto& known : owner_table->columns) {
      if (known.name == column) known.sequence = id;
    }
  }
}

void Folder::alter_sequence(const AlterSeqStmt& statement) {
  if (statement.missing_ok && state_.exists(qualified_name(*statement.sequence)) == Known::no) return;
  RelationId id = mention(statement.sequence, RelationKind::sequence);
  auto* owner = option(statement.options, "owned_by");
  auto* names = owner ? as<List>(owner->arg) : nullptr;
  if (!d_.get(id) || !names) return;
  const RelationState* old_owner = d_.get(d_.get(id)->owner_table);
  if (old_owner) {
    for (auto& column : d_.mutate(old_owner->id)->columns) {
      if (column.sequence == id && column.identity == Identity::no) column.sequence = 0;
    }
  }
  std::vector<std::string> parts = names_of(names);
  RelationState* sequence = d_.mutate(id);
  sequence->owner_table = 0;
  sequence->owner_column.clear();
  if (parts.size() < 2) return;  // OWNED BY NONE
  QualifiedName table{parts.size() > 2 ? parts[parts.size() - 3] : std::string(), parts[parts.size() - 2]};
  RelationId owner_id = mention(table);
  sequence = d_.mutate(id);
  sequence->owner_table = owner_id;
  sequence->owner_column = parts.back();
  if (RelationState* owner_table = d_.mutate(owner_id)) {
    for (auto& known : owner_table->columns) {
      if (known.name == parts.back()) known.sequence = id;
    }
  }
}

void Folder::put_type(TypeState type) {
  type.name = d_.creation_name(type.name);
  type.created_in = d_.migration;
  QualifiedName name = type.name;
  d_.types.set(name, std::make_shared<const TypeState>(std::move(type)), d_.logging());
}

void Folder::create_enum(const CreateEnumStmt& statement) {
  TypeState type;
  type.name = qualified_name(statement.typeName);
  type.kind = ColumnType::Kind::enumeration;
  type.labels = names_of(statement.vals);
  if (state_.type_exists(type.name) == Known::yes) return;
  put_type(std::move(type));
}

void Folder::alter_enum(const AlterEnumStmt& statement) {
  const TypeState* known = state_.type(qualified_name(statement.typeName));
  if (!known || !statement.newVal) return;
  TypeState type = *known;
  std::string value(view(statement.newVal));
  if (statement.oldVal) {
    std::ranges::replace(type.labels, std::string(view(statement.oldVal)), value);
  } else if (std::ranges::find(type.labels, value) == type.labels.end()) {
    auto at = type.labels.end();
    if (statement.newValNeighbor) {
      at = std::ranges::find(type.labels, view(statement.newValNeighbor));
      if (at != type.labels.end() && statement.newValIsAfter) ++at;
    }
    type.labels.insert(at, value);
  }
  QualifiedName name = type.name;
  d_.types.set(name, std::make_shared<const TypeState>(std::move(type)), d_.logging());
}

namespace {

/// A sub-select in an expression of PL/pgSQL: IF EXISTS (SELECT ...), x := (SELECT ...).
bool has_select(std::string_view expression) {
  Lexer lexer(expression);
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    bool word = token.kind == TokenKind::word && equals_ignoring_case(token.span.in(expression), "select");
    if (word) return true;
  }
  return false;
}

ConstraintState domain_check(const Constraint& constraint, const TypeState& type, uint32_t migration) {
  ConstraintState check;
  check.name = view(constraint.conname);
  check.generated_name = check.name.empty();
  if (check.generated_name) check.name = type.name.name + "_check";
  check.check = expression_facts(constraint.raw_expr);
  check.validated = !constraint.skip_validation;
  check.created_in = migration;
  return check;
}

}  // namespace

void Folder::create_domain(const CreateDomainStmt& statement) {
  TypeState type;
  type.name = qualified_name(statement.domainname);
  if (state_.type_exists(type.name) == Known::yes) return;
  type.kind = ColumnType::Kind::domain;
  if (statement.typeName) type.base = state_.resolve_type(*statement.typeName);
  if (const TypeState* under = state_.type(type.base.name); under && under->kind == ColumnType::Kind::domain) {
    type.not_null = under->not_null;
    type.constraints = under->constraints;
    type.default_value = under->default_value;
  }
  for (const Constraint& constraint : each<Constraint>(statement.constraints)) {
    if (constraint.contype == CONSTR_NOTNULL) type.not_null = true;
    if (constraint.contype == CONSTR_DEFAULT) type.default_value = expression_facts(constraint.raw_expr);
    if (constraint.contype == CONSTR_CHECK) type.constraints.push_back(domain_check(constraint, type, d_.migration));
  }
  put_type(std::move(type));
}

void Folder::alter_domain(const AlterDomainStmt& statement) {
  const TypeState* known = state_.type(qualified_name(statement.typeName));
  if (!known) return;
  TypeState type = *known;
  std::string name(view(statement.name));
  switch (static_cast<char>(statement.subtype)) {
    case 'T':
      type.default_value.reset();
      if (statement.def) type.default_value = expression_facts(statement.def);
      break;
    case 'N':
      type.not_null = false;
      break;
    case 'O':
      type.not_null = true;
      break;
    case 'C':
      if (auto* constraint = as<Constraint>(statement.def)) {
        if (constraint->contype == CONSTR_NOTNULL) {
          type.not_null = true;
        } else {
          type.constraints.push_back(domain_check(*constraint, type, d_.migration));
        }
      }
      break;
    case 'X':
      std::erase_if(type.constraints, [&](const ConstraintState& constraint) { return constraint.name == name; });
      break;
    case 'V':
      for (auto& constraint : type.constraints) {
        if (constraint.name == name) constraint.validated = true;
      }
      break;
    default:
      return;
  }
  QualifiedName key = type.name;
  d_.types.set(key, std::make_shared<const TypeState>(std::move(type)), d_.logging());
}

void Folder::create_composite(const CompositeTypeStmt& statement) {
  TypeState type;
  type.name = qualified_name(*statement.typevar);
  type.kind = ColumnType::Kind::composite;
  for (const ColumnDef& definition : each<ColumnDef>(statement.coldeflist)) {
    ColumnState attribute;
    attribute.name = view(definition.colname);
    if (definition.typeName) attribute.type = state_.resolve_type(*definition.typeName);
    type.attributes.push_back(std::move(attribute));
  }
  if (state_.type_exists(type.name) == Known::yes) return;
  put_type(std::move(type));
}

namespace {

void read_function_options(FunctionState& function, const List* options, bool altering) {
  for (const DefElem& element : each<DefElem>(options)) {
    std::string_view name = view(element.defname);
    if (name == "language") {
      function.language = string_value(element.arg);
    } else if (name == "volatility") {
      std::string_view value = string_value(element.arg);
      function.volatility = value == "immutable" ? Volatility::immutable
                            : value == "stable"  ? Volatility::stable
                                                 : Volatility::volatile_;
    } else if (name == "security") {
      function.security_definer = option_is_on(element);
    } else if (name == "strict") {
      function.strict = option_is_on(element);
    } else if (name == "set") {
      auto* set = as<VariableSetStmt>(element.arg);
      if (set && view(set->name) == "search_path")
        function.sets_search_path = set->kind == VAR_SET_VALUE || set->kind == VAR_SET_CURRENT;
      if (set && set->kind == VAR_RESET_ALL) function.sets_search_path = false;
    } else if (name == "as" && !altering) {
      function.body = string_value(first(as<List>(element.arg)));
    }
  }
  if (function.language != "sql") function.body.clear();
}

}  // namespace

void Folder::create_function(const CreateFunctionStmt& statement) {
  FunctionState function;
  function.name = d_.creation_name(qualified_name(statement.funcname));
  function.procedure = statement.is_procedure;
  function.language = "sql";  // of a BEGIN ATOMIC body
  function.created_in = d_.migration;
  for (const FunctionParameter& parameter : each<FunctionParameter>(statement.parameters)) {
    if (parameter.mode == FUNC_PARAM_OUT || parameter.mode == FUNC_PARAM_TABLE) continue;
    ++function.arguments;
    if (parameter.defexpr) ++function.default_arguments;
    if (!function.signature.empty()) function.signature += ", ";
    if (parameter.argType) function.signature += state_.resolve_type(*parameter.argType).text;
  }
  if (statement.returnType) function.returns_trigger = last_name(statement.returnType->names) == "trigger";
  read_function_options(function, statement.options, false);
  if (auto body = body_of(statement_); body && body->language == "plpgsql") {
    std::vector<BodyPiece> pieces = plpgsql_pieces(body->text);
    function.runs_sql = std::ranges::any_of(pieces, [](const BodyPiece& piece) {
      return piece.kind == BodyPiece::Kind::statement || piece.kind == BodyPiece::Kind::query ||
             piece.kind == BodyPiece::Kind::perform || piece.kind == BodyPiece::Kind::execute ||
             has_select(piece.sql);
    });
  }
  std::vector<FunctionState> overloads;
  if (auto* known = d_.functions.find(function.name); known && *known) overloads = **known;
  auto same = std::ranges::find(overloads, function.signature, &FunctionState::signature);
  if (same != overloads.end()) {
    if (!statement.replace) return;
    *same = function;
  } else {
    overloads.push_back(function);
  }
  d_.functions.set(function.name, std::make_shared<const std::vector<FunctionState>>(std::move(overloads)),
                   d_.logging());
}

void Folder::alter_function(const AlterFunctionStmt& statement) {
  QualifiedName name = qualified_name(statement.func->objname);
  const FunctionState* known =
      state_.function(name, statement.func->args_unspecified ? -1 : length(statement.func->objargs));
  if (!known) return;
  std::vector<FunctionState> overloads = **d_.functions.find(known->name);
  auto same = std::ranges::find(overloads, known->signature, &FunctionState::signature);
  std::string body = same->body;
  read_function_options(*same, statement.actions, true);
  same->body = body;
  QualifiedName key = known->name;
  d_.functions.set(key, std::make_shared<const std::vector<FunctionState>>(std::move(overloads)), d_.logging());
}

}  // namespace pgrehearse
