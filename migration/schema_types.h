// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "migration/schema_objects.h"

namespace pgrehearse {

/// format_type()'s spelling of a pg_catalog type ("int4" gives "integer"); empty when pg_catalog has no such type.
std::string_view builtin_type(std::string_view pg_type_name);

/// The built-in types that statements have named, each made once: most columns have one of a few.
class BuiltinTypes {
 public:
  /// nullptr when the name is none of a built-in type, or may be another's. Lives until the next call.
  const Common<ColumnType>* find(const TypeName& name);
  /// By format_type()'s spelling ("integer"), which must be that of a built-in type.
  const Common<ColumnType>& spelled(std::string_view spelling);

 private:
  const Common<ColumnType>& plain(size_t name);
  struct Written {
    size_t name = 0;  ///< its place among the names
    bool array = false;
    int modifiers = 0;
    std::array<int32_t, 2> modifier{};
    friend bool operator==(const Written&, const Written&) = default;
  };
  std::vector<Common<ColumnType>> plain_;  ///< by the place of the name, without modifiers
  std::vector<std::pair<Written, Common<ColumnType>>> modified_;
};

/// The type as the statement names it: built-in names resolved, anything else Kind::unknown with the name as written
/// and no text.
ColumnType plain_type(const TypeName& name);
/// Fills `text` from name, modifiers and array.
void set_type_text(ColumnType& type);

/// serial, bigserial, smallserial and their aliases: the integer type beneath, else an empty view.
std::string_view serial_base(const TypeName& name);

}  // namespace pgrehearse
