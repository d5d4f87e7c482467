// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "migration/schema_objects.h"

namespace pgrehearse {

/// format_type()'s spelling of a pg_catalog type ("int4" gives "integer"); empty when pg_catalog has no such type.
std::string_view builtin_type(std::string_view pg_type_name);

/// The type as the statement names it: built-in names resolved, anything else Kind::unknown with the name as written
/// and no text.
ColumnType plain_type(const TypeName& name);
/// Fills `text` from name, modifiers and array.
void set_type_text(ColumnType& type);

/// serial, bigserial, smallserial and their aliases: the integer type beneath, else an empty view.
std::string_view serial_base(const TypeName& name);

}  // namespace pgrehearse
