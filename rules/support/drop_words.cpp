// SPDX-License-Identifier: Apache-2.0
#include "rules/support/drop_words.h"

namespace pgrehearse {

std::vector<std::string_view> drop_words(ObjectType kind) {
  switch (kind) {
    case OBJECT_TABLE: return {"table"};
    case OBJECT_VIEW: return {"view"};
    case OBJECT_MATVIEW: return {"materialized", "view"};
    case OBJECT_INDEX: return {"index"};
    case OBJECT_SEQUENCE: return {"sequence"};
    case OBJECT_TYPE: return {"type"};
    case OBJECT_DOMAIN: return {"domain"};
    case OBJECT_FUNCTION: return {"function"};
    case OBJECT_PROCEDURE: return {"procedure"};
    case OBJECT_ROUTINE: return {"routine"};
    case OBJECT_AGGREGATE: return {"aggregate"};
    case OBJECT_OPERATOR: return {"operator"};
    case OBJECT_TRIGGER: return {"trigger"};
    case OBJECT_POLICY: return {"policy"};
    case OBJECT_RULE: return {"rule"};
    case OBJECT_SCHEMA: return {"schema"};
    case OBJECT_EXTENSION: return {"extension"};
    case OBJECT_PUBLICATION: return {"publication"};
    case OBJECT_STATISTIC_EXT: return {"statistics"};
    case OBJECT_COLLATION: return {"collation"};
    case OBJECT_FOREIGN_TABLE: return {"foreign", "table"};
    case OBJECT_FOREIGN_SERVER: return {"server"};
    case OBJECT_EVENT_TRIGGER: return {"event", "trigger"};
    default: return {};
  }
}

}  // namespace pgrehearse
