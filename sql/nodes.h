// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's own parse tree, as the C headers of libpg_query declare it. This is the only header that includes them;
// it takes back the macros that would break C++ code. Trees are read only and die with their Parser's next parse().
#pragma once
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#pragma push_macro("INFO")  // elog's level hides the macro of the test framework
#undef INFO

extern "C" {
#include "postgres.h"

#include "catalog/pg_class_d.h"
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "nodes/primnodes.h"
#include "nodes/value.h"
}

#pragma pop_macro("INFO")
#undef Abs
#undef Assert
#undef Max
#undef Min
#undef _
#undef foreach
#undef fprintf
#undef dgettext
#undef dngettext
#undef gettext
#undef lengthof
#undef ngettext
#undef printf
#undef qsort
#undef snprintf
#undef sprintf
#undef strerror
#undef strerror_r
#undef vfprintf
#undef vprintf
#undef vsnprintf
#undef vsprintf

namespace pgrehearse {

/// The NodeTag of a parse node type; unlisted types are added in sql/node_tags.inc.
template <class T>
struct NodeTagOf;
#define PGREHEARSE_NODE(type)                  \
  template <>                                  \
  struct NodeTagOf<type> {                     \
    static constexpr NodeTag value = T_##type; \
  };
#include "sql/node_tags.inc"
#undef PGREHEARSE_NODE

/// The node as a T, or nullptr when it is null or something else.
template <class T, class From>
const T* as(const From* node) {
  if (!node || reinterpret_cast<const Node*>(node)->type != NodeTagOf<T>::value) return nullptr;
  return reinterpret_cast<const T*>(node);
}

/// Range over a PostgreSQL list of nodes; each element that is not a T is skipped. A null list is empty.
template <class T>
class Each {
 public:
  explicit Each(const List* list) : list_(list) {}

  class iterator {
   public:
    iterator(const List* list, int index) : list_(list), index_(index) { skip(); }
    const T& operator*() const { return *current(); }
    iterator& operator++() {
      ++index_;
      skip();
      return *this;
    }
    bool operator!=(const iterator& other) const { return index_ != other.index_; }

   private:
    const T* current() const {
      auto* node = static_cast<const Node*>(list_->elements[index_].ptr_value);
      if constexpr (std::is_same_v<T, Node>) {
        return node;
      } else {
        return as<T>(node);
      }
    }
    void skip() {
      while (list_ && index_ < list_->length && !current()) ++index_;
    }
    const List* list_;
    int index_;
  };

  iterator begin() const { return {list_, 0}; }
  iterator end() const { return {list_, list_ ? list_->length : 0}; }

 private:
  const List* list_;
};

template <class T>
Each<T> each(const List* list) {
  return Each<T>(list);
}

inline int length(const List* list) { return list ? list->length : 0; }

/// The first node of a list, or nullptr.
inline const Node* first(const List* list) {
  return length(list) ? static_cast<const Node*>(list->elements[0].ptr_value) : nullptr;
}

inline std::string_view view(const char* text) { return text ? std::string_view(text) : std::string_view(); }

/// The text of a String node, or an empty view.
inline std::string_view string_value(const Node* node) {
  auto* string = as<String>(node);
  return string ? view(string->sval) : std::string_view();
}

/// The last name of a qualified name list ("pg_catalog"."now" gives now), or an empty view.
inline std::string_view last_name(const List* names) {
  return length(names) ? string_value(static_cast<const Node*>(names->elements[names->length - 1].ptr_value))
                       : std::string_view();
}

/// A constant string, also under a cast ('x'::text), or nullptr.
const char* constant_string(const Node* node);

/// True when a DefElem option that may be written bare, or with true/on/1, is on.
bool option_is_on(const DefElem& option);

/// The names of a qualified name list, schema before name; `schema` is empty when not given.
struct QualifiedName {
  std::string schema;
  std::string name;
  friend bool operator==(const QualifiedName&, const QualifiedName&) = default;
  friend auto operator<=>(const QualifiedName&, const QualifiedName&) = default;
};
QualifiedName qualified_name(const RangeVar& relation);
QualifiedName qualified_name(const List* names);
/// As PostgreSQL prints it: parts quoted where they must be, joined by a dot.
std::string display_name(const QualifiedName& name);
std::string display_name(const RangeVar& relation);
/// quote_identifier() of PostgreSQL, keywords of the reserved kinds included.
std::string quote_identifier(std::string_view name);
void append_identifier(std::string& text, std::string_view name);  ///< the same, behind what is there

/// The nodes at and below a root, one after the other, in no promised order, without recursion: deep chains are read
/// like flat ones. Covers statements, expressions, FROM items, CTEs and the sub-nodes of DDL that hold expressions or
/// relations.
class NodeWalk {
 public:
  explicit NodeWalk(const Node* root) { add(root); }
  /// nullptr: those were all.
  const Node* next();

 private:
  template <class T>
  void add(const T* node) {
    if (!node) return;
    if (near_ < pending_.size()) {
      pending_[near_++] = reinterpret_cast<const Node*>(node);
    } else {
      far_.push_back(reinterpret_cast<const Node*>(node));
    }
  }
  void add_children(const Node* node);

  std::array<const Node*, 32> pending_;  ///< enough for most, which are then walked without a thing on the heap
  size_t near_ = 0;
  std::vector<const Node*> far_;  ///< on top of those
};

std::vector<const Node*> all_nodes(const Node* root);

template <class T, class Visit>
void for_each_node(const Node* root, Visit visit) {
  for (NodeWalk walk(root); const Node* node = walk.next();) {
    if (const T* wanted = as<T>(node)) visit(*wanted);
  }
}

/// NOT ENFORCED exists since PostgreSQL 18; older grammars enforce everything.
inline bool is_enforced(const Constraint& constraint) {
#if PG_VERSION_NUM >= 180000
  return constraint.is_enforced || (constraint.contype != CONSTR_CHECK && constraint.contype != CONSTR_FOREIGN);
#else
  (void)constraint;
  return true;
#endif
}

}  // namespace pgrehearse
