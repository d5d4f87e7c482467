// SPDX-License-Identifier: Apache-2.0
#include "linter/settling_words.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "sql/lexer.h"

namespace pgrehearse {
namespace {

/// Letters as lower case; 0 for what stands between words.
constexpr auto folded = [] {
  std::array<unsigned char, 256> table{};
  for (int c = 0; c < 256; ++c) {
    bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
    if (kept) table[c] = static_cast<unsigned char>(c);
    if (c >= 'A' && c <= 'Z') table[c] = static_cast<unsigned char>(c - 'A' + 'a');
  }
  return table;
}();

/// The hash of each word.
template <class Visit>
void for_each_word(std::string_view text, Visit visit) {
  constexpr uint64_t start = 14695981039346656037U, prime = 1099511628211U;  // FNV-1a
  uint64_t hash = start;
  for (char c : text) {
    unsigned char letter = folded[static_cast<unsigned char>(c)];
    if (letter) {
      hash = (hash ^ letter) * prime;
      continue;
    }
    if (hash != start) visit(hash | 1);
    hash = start;
  }
  if (hash != start) visit(hash | 1);
}

/// Whether DROP or VALIDATE may begin here, whatever the case: "d..p" or "v..i".
bool may_settle(const char* at) {
  char first = static_cast<char>(at[0] | 0x20), fourth = static_cast<char>(at[3] | 0x20);
  return ((first == 'd') & (fourth == 'p')) | ((first == 'v') & (fourth == 'i'));
}

/// Behind the next DROP or VALIDATE; the end of the text when none follows.
size_t behind_settling_word(std::string_view text, size_t from) {
  constexpr size_t step = 32, needed = 4;
  auto any_in_step = [](const char* at) {  // few operations for the machine
    unsigned char any = 0;
    for (size_t i = 0; i < step; ++i) any |= may_settle(at + i);
    return any != 0;
  };
  auto is_letter = [&](size_t i) { return i < text.size() && folded[static_cast<unsigned char>(text[i])] != 0; };
  for (size_t i = from; i + needed <= text.size();) {
    bool is_last = i + step + needed > text.size();
    if (!is_last && !any_in_step(text.data() + i)) {
      i += step;
      continue;
    }
    for (size_t stop = is_last ? text.size() - needed + 1 : i + step; i < stop; ++i) {
      char first = static_cast<char>(text[i] | 0x20);
      if ((first != 'd' && first != 'v') || !may_settle(text.data() + i)) continue;
      std::string_view word = first == 'd' ? "drop" : "validate";
      size_t end = i + word.size();
      bool whole = (i == 0 || !is_letter(i - 1)) && !is_letter(end);
      if (whole && equals_ignoring_case(text.substr(i, word.size()), word)) return end;
    }
  }
  return text.size();
}

size_t place_of(uint64_t hash, size_t size) { return static_cast<size_t>(hash >> 20) & (size - 1); }

}  // namespace

SettlingWords::SettlingWords(const MigrationSet& set) : entries_(1024) {
  for (size_t i = 0; i < set.migrations.size(); ++i) {
    const Part& up = set.migrations[i].up;
    std::string_view text = up.section.in(up.file->text());
    for (size_t at = 0; (at = behind_settling_word(text, at)) < text.size();) {
      size_t end = std::min(text.find(';', at), text.size());
      for_each_word(text.substr(at, end - at), [&](uint64_t hash) {
        Entry& found = entry(hash);
        found.migration = i;
        if (found.hash) return;
        found.hash = hash;
        if (++used_ * 2 > entries_.size()) grow();
      });
      at = end;
    }
  }
}

size_t SettlingWords::last_with(std::string_view name) const {
  size_t last = std::numeric_limits<size_t>::max();
  for_each_word(name, [&](uint64_t hash) {
    const Entry& found = entry(hash);
    last = std::min(last, found.hash ? found.migration : 0);
  });
  return last == std::numeric_limits<size_t>::max() ? 0 : last;
}

const SettlingWords::Entry& SettlingWords::entry(uint64_t hash) const {
  size_t place = place_of(hash, entries_.size());
  while (entries_[place].hash && entries_[place].hash != hash) place = (place + 1) & (entries_.size() - 1);
  return entries_[place];
}

SettlingWords::Entry& SettlingWords::entry(uint64_t hash) {
  return const_cast<Entry&>(std::as_const(*this).entry(hash));
}

void SettlingWords::grow() {
  std::vector<Entry> old(entries_.size() * 2);
  old.swap(entries_);
  for (const Entry& each : old) {
    if (each.hash) entry(each.hash) = each;
  }
}

}  // namespace pgrehearse
