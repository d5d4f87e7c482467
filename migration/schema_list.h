// SPDX-License-Identifier: Apache-2.0
// How SchemaState keeps the parts of a relation: shared between copies, found by name without a walk over the values.
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
    for (size_t i = 0; i < hashes_.size(); ++i) {
      if (hashes_[i] == wanted && values_[i]->name == name) return i;
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
  }
  void reserve(size_t size) {
    values_.reserve(size);
    hashes_.reserve(size);
  }
  T& push_back(std::shared_ptr<T> value) {
    hashes_.push_back(hash(value->name));
    return *values_.emplace_back(std::move(value));
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
  }
  void clear() {
    values_.clear();
    hashes_.clear();
  }

 private:
  static uint32_t hash(std::string_view name) { return static_cast<uint32_t>(std::hash<std::string_view>()(name)); }

  std::vector<std::shared_ptr<T>> values_;
  std::vector<uint32_t> hashes_;  ///< of the names, in the same order
};

}  // namespace pgrehearse
