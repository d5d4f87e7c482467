// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::alter_column_type_narrowing {
namespace {

enum class Loss : unsigned char { none, refused, rounded, cut };

constexpr int32_t unlimited = 1 << 30;

/// Decimal digits before and behind the point that the type keeps; behind is negative for binary fractions.
struct Digits {
  int32_t before = 0, behind = 0;
};
std::optional<Digits> digits_of(const ColumnType& type) {
  if (type.base == "smallint") return Digits{5, 0};
  if (type.base == "integer") return Digits{10, 0};
  if (type.base == "bigint") return Digits{19, 0};
  if (type.base == "numeric" && type.modifiers.empty()) return Digits{unlimited, unlimited};
  if (type.base != "numeric") return std::nullopt;
  int32_t scale = type.modifiers.size() > 1 ? type.modifiers[1] : 0;
  return Digits{type.modifiers[0] - scale, scale};
}

std::optional<int32_t> length_of(const ColumnType& type) {
  if (type.base == "text") return unlimited;
  if (type.base == "character varying") return type.modifiers.empty() ? unlimited : type.modifiers[0];
  if (type.base == "character") return type.modifiers.empty() ? 1 : type.modifiers[0];
  return std::nullopt;
}

bool is_timestamp(const ColumnType& type) { return type.base.starts_with("timestamp "); }

/// Digits of the seconds' fraction.
int32_t precision_of(const ColumnType& type) { return type.modifiers.empty() ? 6 : type.modifiers[0]; }

Loss loss_between(const ColumnType& from, const ColumnType& to) {
  bool told = from.kind == ColumnType::Kind::builtin && to.kind == ColumnType::Kind::builtin;
  if (!told || from.array || to.array) return Loss::none;
  if (auto old_length = length_of(from), new_length = length_of(to); old_length && new_length) {
    return *new_length < *old_length ? Loss::refused : Loss::none;
  }
  if (auto before = digits_of(from), after = digits_of(to); before && after) {
    if (after->before < before->before) return Loss::refused;
    return after->behind < before->behind ? Loss::rounded : Loss::none;
  }
  bool from_float = from.base == "double precision" || from.base == "real";
  if (from_float && digits_of(to) && to.base != "numeric") return Loss::rounded;
  if (from.base == "double precision" && to.base == "real") return Loss::rounded;
  if (is_timestamp(from) && to.base == "date") return Loss::cut;
  if (is_timestamp(from) && is_timestamp(to)) return precision_of(to) < precision_of(from) ? Loss::rounded : Loss::none;
  return Loss::none;
}

/// What USING makes of a change that would be refused otherwise: an explicit cast to varchar(n) and the like cut
/// without a word. Other expressions may be the author's way to make values fit.
Loss with_using(Loss loss, const Node* expression) {
  if (!expression || loss != Loss::refused) return loss;
  static constexpr std::array cutters{"left", "right", "substr", "substring", "rpad", "lpad"};
  bool cuts = false;
  for_each_node<FuncCall>(expression, [&](const FuncCall& call) {
    cuts = cuts || std::ranges::find(cutters, last_name(call.funcname)) != cutters.end();
  });
  if (cuts) return Loss::cut;
  auto* cast = as<TypeCast>(expression);
  if (!cast) return as<ColumnRef>(expression) ? loss : Loss::none;
  if (!as<ColumnRef>(cast->arg)) return Loss::none;
  std::string_view name = last_name(cast->typeName->names);
  bool of_text = (name == "varchar" || name == "bpchar") && length(cast->typeName->typmods);
  return of_text ? Loss::cut : loss;
}

std::string_view consequence(Loss loss, const ColumnType& to) {
  if (loss == Loss::rounded) return " rounds every value that has more digits, without a word";
  if (loss == Loss::cut) {
    return to.base == "date" ? " throws the time of day away, without a word"
                             : " cuts longer values off, without a word";
  }
  return length_of(to)
             ? " fails when a value is longer (SQLSTATE 22001), and refuses such values from the running application"
             : " fails when a value is larger (SQLSTATE 22003), and refuses such values from the running application";
}

void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AlterColumnType)) {
    const RangeVar& relation = *command.table->relation;
    auto* definition = command.column();
    std::string_view column = view(command.node->name);
    auto* known = context.state().column(qualified_name(relation), column);
    if (!known || !definition || !definition->typeName) continue;
    if (known->created_in == context.state().migration() && !known->inherited) continue;
    ColumnType to = context.state().resolve_type(*definition->typeName);
    Loss loss = with_using(loss_between(known->type, to), definition->raw_default);
    if (loss == Loss::none) continue;
    std::string name = shown_name(context, relation) + "." + quote_identifier(column);
    auto& finding =
        context.report(command_span(statement, command), "changing " + name + " from " + known->type.text + " to " +
                                                             to.text + std::string(consequence(loss, to)));
    bool is_text = length_of(to).has_value();
    finding.help =
        loss == Loss::refused && is_text
            ? "Keep " + known->type.text + " and limit new values with ADD CONSTRAINT ... CHECK (length(" +
                  quote_identifier(column) + ") <= " + std::to_string(*length_of(to)) +
                  ") NOT VALID, after the application keeps to it; VALIDATE it when the old values do."
            : "Look at what is stored first, and release code that keeps to the smaller range. Add a column of type " +
                  to.text + " beside it, fill it in batches, and keep " + quote_identifier(column) +
                  " until nobody misses its values.";
  }
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "alter-column-type-narrowing",
           .title = "ALTER COLUMN ... TYPE to a type that holds less",
           .category = Category::compatibility,
           .severity = Severity::error,
           .why = R"(
A shorter `varchar`, a smaller integer or a `numeric` with fewer digits before the point make the migration fail on
the first value that does not fit (SQLSTATE 22001, 22003): in production, where the long values are, and after the
table has been read under ACCESS EXCLUSIVE. When it succeeds, the running application gets the same error for what it
could write before.

Fewer digits behind the point, `numeric` to `integer`, `double precision` to `real`, `timestamptz` to `date`, and
`USING` with `left()`, `substr()` or an explicit cast to `varchar(n)` do not fail: they change the stored values
without a word, and no down migration can bring them back. It is the same on PostgreSQL 12 to 18.)",
           .instead = R"(
For text, a CHECK on the length, NOT VALID first, limits what is written from now on and leaves old values alone.
Otherwise expand and contract: a new column of the smaller type, filled in batches after somebody has looked at what
does not fit.)",
           .since = "0.2.0",
           .setup =
               "CREATE TABLE orders (id bigint, code varchar(20), note text, total numeric(10,2), at timestamptz);",
           .bad = {{.sql = "ALTER TABLE orders ALTER COLUMN code TYPE varchar(10);"},
                   {.sql = "ALTER TABLE orders ALTER COLUMN id TYPE integer;"},
                   {.sql = "ALTER TABLE orders ALTER note TYPE varchar(5) USING note::varchar(5), ALTER at TYPE date;"},
                   {.sql = "ALTER TABLE orders ALTER COLUMN note TYPE char(2) USING left(note, 2);"},
                   {.sql = "ALTER TABLE orders ALTER COLUMN total TYPE numeric(8,2);"},
                   {.sql = "ALTER TABLE orders ALTER COLUMN total TYPE numeric(12,1);"}},
           .good = {{.sql = "ALTER TABLE orders ALTER COLUMN code TYPE varchar(40);"},
                    {.sql = "ALTER TABLE orders ALTER COLUMN code TYPE text;"},
                    {.sql = "ALTER TABLE orders ALTER COLUMN id TYPE numeric;"},
                    {.sql = "ALTER TABLE orders ALTER COLUMN total TYPE numeric(12,4);"},
                    {.sql = "ALTER TABLE orders ALTER COLUMN id TYPE integer USING CASE WHEN id < 1000 THEN id END;"},
                    {.sql = "CREATE TABLE carts (code text);\nALTER TABLE carts ALTER COLUMN code TYPE varchar(5);"},
                    {.sql =
                         "ALTER TABLE orders ADD COLUMN x text;\nALTER TABLE orders ALTER COLUMN x TYPE varchar(5);"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AlterColumnType},
      .check = check};
}

}  // namespace pgrehearse::rules::alter_column_type_narrowing
