// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "core/function_ref.h"
#include "linter/context.h"

namespace pgrehearse {

/// Something that a statement brings into being under a name; views into the tree.
struct CreatedObject {
  ObjectType kind = OBJECT_TABLE;
  std::string_view name;
  std::string_view table = {};  ///< for columns, constraints, policies, triggers
};
/// By CREATE, ADD COLUMN, ADD CONSTRAINT or a rename to that name.
void for_each_created_object(const Statement& statement, FunctionRef<void(const CreatedObject&)> visit);

/// Whether a later statement of the same part makes an object of that kind and name again. Reads the rest of the part.
bool created_later(const Statement& statement, const Context& context, ObjectType kind, std::string_view name,
                   std::string_view table = {});

}  // namespace pgrehearse
