// SPDX-License-Identifier: Apache-2.0
// How SchemaState keeps the parts of a relation: shared between copies, found by name without a walk over the values.
#pragma once
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/hash.h"

namespace pgrehearse {

/// An optional value that copies share. Read only; assigned anew as a whole.
template <class T>
class Shared {
 public:
  Shared() = default;
  Shared(T value) : value_(std::make_shared<const T>(std::move(value))) {}
  explicit operator bool() const { return value_ != nullptr; }
  bool has_value() const { return value_ != nullptr; }
  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  void reset() { value_.reset(); }

 private:
  std::shared_ptr<const T> value_;
};

/// A value that copies share; T() until it is assigned. Read only; assigned anew as a whole.
template <class T>
class Common {
 public:
  Common() = default;
  Common(T value) : value_(std::make_shared<const T>(std::move(value))) {}
  const T& operator*() const& { return value_ ? *value_ : none(); }
  const T* operator->() const& { return &**this; }
  operator const T&() const& { return **this; }
  operator T() && { return **this; }  // so that no reference to it outlives a temporary
  friend bool operator==(const Common& a, const Common& b) { return a.value_ == b.value_ || *a == *b; }
  friend bool operator==(const Common& a, const T& b) { return *a == b; }

 private:
  static const T& none() {
    static const T value;
    return value;
  }
  std::shared_ptr<const T> value_;
};

/// Values in order, each with a `name`. A copy of the list shares the values until one of them is edited, so the copy
/// of a table with a thousand columns copies pointers. Hashes of the names lie side by side: a look-up reads one value.
template <class T>
class NamedList {
 public:
  using value_type = T;

  class const_iterator {
   public:
    using iterator_concept = std::random_access_iterator_tag;
    using iterator_category = std::random_access_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using reference = const T&;
    using pointer = const T*;

    const_iterator() = default;
    explicit const_iterator(const std::shared_ptr<T>* at) : at_(at) {}
    reference operator*() const { return **at_; }
    pointer operator->() const { return at_->get(); }
    reference operator[](difference_type n) const { return *at_[n]; }
    const_iterator& operator++() { return *this += 1; }
    const_iterator operator++(int) { return const_iterator(at_++); }
    const_iterator& operator--() { return *this += -1; }
    const_iterator operator--(int) { return const_iterator(at_--); }
    const_iterator& operator+=(difference_type n) {
      at_ += n;
      return *this;
    }
    const_iterator& operator-=(difference_type n) { return *this += -n; }
    friend const_iterator operator+(const_iterator a, difference_type n) { return a += n; }
    friend const_iterator operator+(difference_type n, const_iterator a) { return a += n; }
    friend const_iterator operator-(const_iterator a, difference_type n) { return a += -n; }
    friend difference_type operator-(const_iterator a, const_iterator b) { return a.at_ - b.at_; }
    friend bool operator==(const_iterator a, const_iterator b) { return a.at_ == b.at_; }
    friend auto operator<=>(const_iterator a, const_iterator b) { return a.at_ <=> b.at_; }

   private:
    const std::shared_ptr<T>* at_ = nullptr;
  };

  size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }
  const_iterator begin() const { return const_iterator(values_.data()); }
  const_iterator end() const { return const_iterator(values_.data() + values_.size()); }
  const T& operator[](size_t at) const { return *values_[at]; }
  const T& front() const { return *values_.front(); }
  const T& back() const { return *values_.back(); }

  static constexpr size_t npos = static_cast<size_t>(-1);
  size_t position(std::string_view name) const {
    uint32_t wanted = hash(name);
    auto is_it = [&](size_t at) { return hashes_[at] == wanted && values_[at]->name == name; };
    if (hashes_.size() <= few) {
      for (size_t at = 0; at < hashes_.size(); ++at) {
        if (is_it(at)) return at;
      }
      return npos;
    }
    size_t mask = places_.size() - 1;
    for (size_t place = wanted & mask; places_[place]; place = (place + 1) & mask) {
      if (is_it(places_[place] - 1)) return places_[place] - 1;
    }
    return npos;
  }
  const T* find(std::string_view name) const {
    size_t at = position(name);
    return at == npos ? nullptr : values_[at].get();
  }

  /// For changes of all but the name. Invalidates what was read from this list, not from its copies.
  T& edit(size_t at) {
    auto& value = values_[at];
    if (value.use_count() > 1) value = std::make_shared<T>(*value);
    return *value;
  }
  T* edit(std::string_view name) {
    size_t at = position(name);
    return at == npos ? nullptr : &edit(at);
  }
  /// Each value for which `wanted` is true, through `change`.
  template <class Wanted, class Change>
  void edit_if(Wanted wanted, Change change) {
    for (size_t i = 0; i < values_.size(); ++i) {
      if (wanted(std::as_const(*values_[i]))) change(edit(i));
    }
  }
  void rename(size_t at, std::string_view name) {
    edit(at).name = name;
    hashes_[at] = hash(name);
    place_all();
  }
  void reserve(size_t size) {
    values_.reserve(size);
    hashes_.reserve(size);
  }
  T& push_back(std::shared_ptr<T> value) {
    hashes_.push_back(hash(value->name));
    T& added = *values_.emplace_back(std::move(value));
    if (2 * hashes_.size() > places_.size()) {
      place_all();
    } else {
      place(hashes_.size() - 1);
    }
    return added;
  }
  T& push_back(T&& value) { return push_back(std::make_shared<T>(std::move(value))); }
  T& push_back(const T& value) { return push_back(std::make_shared<T>(value)); }
  void replace(size_t at, std::shared_ptr<T> value) { values_[at] = std::move(value); }  ///< by one of the same name
  template <class Unwanted>
  void erase_if(Unwanted unwanted) {
    size_t kept = 0;
    for (size_t i = 0; i < values_.size(); ++i) {
      if (unwanted(std::as_const(*values_[i]))) continue;
      if (kept != i) {
        values_[kept] = std::move(values_[i]);
        hashes_[kept] = hashes_[i];
      }
      ++kept;
    }
    values_.resize(kept);
    hashes_.resize(kept);
    place_all();
  }
  void clear() {
    values_.clear();
    hashes_.clear();
    places_.clear();
  }

 private:
  static uint32_t hash(std::string_view name) { return static_cast<uint32_t>(text_hash(name, random_seed())); }

  /// The places of few names are not kept: a walk finds them as fast.
  static constexpr size_t few = 16;
  void place(size_t at) {
    size_t mask = places_.size() - 1;
    size_t place = hashes_[at] & mask;
    while (places_[place]) place = (place + 1) & mask;
    places_[place] = static_cast<uint32_t>(at + 1);
  }
  void place_all() {
    places_.clear();
    if (hashes_.size() <= few) return;
    places_.resize(std::bit_ceil(4 * hashes_.size()));
    for (size_t at = 0; at < hashes_.size(); ++at) place(at);
  }

  std::vector<std::shared_ptr<T>> values_;
  std::vector<uint32_t> hashes_;  ///< of the names, in the same order
  std::vector<uint32_t> places_;  ///< by hash: where the name is, from 1; a power of two, at most half of them full
};

}  // namespace pgrehearse
