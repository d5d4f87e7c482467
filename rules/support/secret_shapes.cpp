// SPDX-License-Identifier: Apache-2.0
#include "rules/support/secret_shapes.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <cstring>
#include <mutex>
#include <optional>

#include "rules/support/secret_checks.h"
#include "rules/support/secret_values.h"
#include "rules/support/separators.h"

namespace pgrehearse {
namespace {

/// A token of a service is one unbroken run of these bytes, at least this long.
constexpr size_t shortest_token = 20;
constexpr std::array<bool, 256> token_bytes = [] {
  std::array<bool, 256> table{};
  for (char c : std::string_view("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.~:/+=%$?&-")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();
/// No token is longer than what a pattern sees of the text; a longer match is drawn out to the end of its run.
constexpr size_t longest_look = 2048;

bool is_token_byte(char c) { return token_bytes[static_cast<unsigned char>(c)]; }

constexpr std::array<bool, 256> word_bytes = [] {
  std::array<bool, 256> table = token_bytes;
  for (char c : std::string_view(".~:/+=%$?&-")) table[static_cast<unsigned char>(c)] = false;
  return table;
}();

bool is_word_byte(char c) { return word_bytes[static_cast<unsigned char>(c)]; }

/// Compiled on first use, as most runs of the program find nothing to match.
const RE2& compiled(std::string_view pattern, std::once_flag& once, std::optional<RE2>& place) {
  std::call_once(once, [&] {
    RE2::Options options(RE2::Latin1);
    options.set_log_errors(false);
    place.emplace(re2::StringPiece(pattern.data(), pattern.size()), options);
  });
  return *place;
}

/// Keywords by their first two bytes: those that begin the token, so that they stand where a word begins, or the
/// others.
class Keywords {
 public:
  struct Entry {
    std::string_view keyword;
    uint8_t shape;
  };

  explicit Keywords(bool begin_the_token) {
    auto shapes = secret_shapes();
    for (size_t i = 0; i < shapes.size(); ++i) {
      if ((shapes[i].max_offset == 0) != begin_the_token) continue;
      std::string_view rest = shapes[i].keywords;
      while (!rest.empty()) {
        std::string_view keyword = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), keyword.size() + 1));
        entries_.push_back({keyword, static_cast<uint8_t>(i)});
      }
    }
    std::ranges::sort(entries_, {}, [](const Entry& entry) { return pair_at(entry.keyword.data()); });
    for (const Entry& entry : entries_) {
      first_[static_cast<unsigned char>(entry.keyword[0])] = true;
      pairs_.set(pair_at(entry.keyword.data()));
    }
  }

  bool may_begin(const char* at) const { return first_[static_cast<unsigned char>(*at)] && pairs_[pair_at(at)]; }
  std::span<const Entry> beginning_like(const char* at) const {
    auto [begin, end] = std::ranges::equal_range(entries_, pair_at(at), {},
                                                 [](const Entry& entry) { return pair_at(entry.keyword.data()); });
    return {begin, end};
  }

 private:
  static uint16_t pair_at(const char* at) {
    return static_cast<uint16_t>(static_cast<unsigned char>(at[0]) << 8 | static_cast<unsigned char>(at[1]));
  }
  std::vector<Entry> entries_;
  std::array<bool, 256> first_{};
  std::bitset<65536> pairs_;
};

class Finder {
 public:
  explicit Finder(std::string_view text) : text_(text) {}

  std::vector<FoundSecret> run() {
    for_each_long_run();
    find_private_keys();
    find_url_passwords();
    std::ranges::stable_sort(found_, {}, [](const FoundSecret& secret) { return secret.span.begin; });
    uint32_t end = 0;
    std::erase_if(found_, [&](const FoundSecret& secret) {
      bool overlaps = secret.span.begin < end;
      if (!overlaps) end = secret.span.end;
      return overlaps;
    });
    return std::move(found_);
  }

 private:
  void for_each_long_run() {
    static_assert(shortest_token == 20);
    constexpr size_t step = separators_window - shortest_token + 1;  // each stretch lies in one window as a whole
    size_t looked = 0;
    for (size_t at = 0; at < text_.size(); at += step) {
      char last[separators_window];
      const char* window = &text_[at];
      if (size_t left = text_.size() - at; left < separators_window) {
        std::memset(last, ' ', sizeof last);
        window = static_cast<const char*>(std::memcpy(last, window, left));
      }
      uint64_t stretches = stretches_of_twenty(separators(window));
      for (; stretches != 0; stretches &= stretches - 1) {
        size_t end = at + static_cast<size_t>(std::countr_zero(stretches)), begin = end;
        if (end < looked || !is_token_byte(text_[end])) continue;
        while (begin > looked && is_token_byte(text_[begin - 1])) --begin;
        while (end < text_.size() && is_token_byte(text_[end])) ++end;
        if (end - begin >= shortest_token) look_into(begin, end);
        looked = end;
      }
    }
  }

  void look_into(size_t begin, size_t end) {
    static const Keywords leading(true);
    static const Keywords inner(false);
    const char* text = text_.data();
    size_t taken = begin;
    auto look = [&](size_t at, bool in_word) {
      if (!in_word && leading.may_begin(text + at)) taken = look_for(leading, begin, at, end, taken);
      if (inner.may_begin(text + at)) taken = look_for(inner, begin, at, end, taken);
    };
    look(begin, false);
    look(begin + 1, is_word_byte(text[begin]) && !is_escape_letter(begin));
    for (size_t at = begin + 2; at + 2 <= end; ++at) look(at, is_word_byte(text[at - 1]));
    if (end - begin >= 40) find_aws_secret_key(begin, end);
  }

  size_t look_for(const Keywords& keywords, size_t run_begin, size_t at, size_t run_end, size_t taken) {
    for (const auto& entry : keywords.beginning_like(&text_[at])) {
      if (at < taken || !text_.substr(at, run_end - at).starts_with(entry.keyword)) continue;
      taken = std::max(taken, match(entry.shape, run_begin, at, run_end));
    }
    return taken;
  }

  /// The end of the token that was found with its keyword at `at`, or 0.
  size_t match(size_t index, size_t run_begin, size_t at, size_t run_end) {
    static std::array<std::once_flag, 256> once;
    static std::array<std::optional<RE2>, 256> patterns;
    const SecretShape& shape = secret_shapes()[index];
    for (size_t offset = shape.min_offset; offset <= shape.max_offset; ++offset) {
      if (at < run_begin + offset || !begins_word(at - offset)) continue;
      size_t begin = at - offset;
      size_t limit = std::min(begin + longest_look, text_.size());
      const RE2& pattern = compiled(shape.pattern, once[index], patterns[index]);
      re2::StringPiece groups[2];
      int count = std::min(pattern.NumberOfCapturingGroups(), 1) + 1;
      if (!pattern.Match({text_.data(), text_.size()}, begin, limit, RE2::ANCHOR_START, groups, count)) continue;
      const auto& secret = groups[count - 1];
      Span span{static_cast<uint32_t>(secret.data() - text_.data()),
                static_cast<uint32_t>(secret.data() - text_.data() + static_cast<long>(secret.size()))};
      if (span.end == limit) span.end = static_cast<uint32_t>(run_end);
      if (take(shape, span)) return span.end;
    }
    return 0;
  }

  bool begins_word(size_t at) const {
    return at == 0 || !is_word_byte(text_[at - 1]) || !is_word_byte(text_[at]) || is_escape_letter(at - 1);
  }

  /// Of \n, \t and the like: it is no part of the word behind it.
  bool is_escape_letter(size_t at) const {
    return at > 0 && text_[at - 1] == '\\' && std::string_view("nrtbf").find(text_[at]) != std::string_view::npos;
  }

  bool take(const SecretShape& shape, Span span) {
    std::string_view secret = span.in(text_);
    if (entropy(secret) < shape.min_entropy || is_sample(secret)) return false;
    TokenVerdict verdict = examine(shape.id, secret);
    if (verdict.is_public) return false;
    FoundSecret& found = found_.emplace_back();
    found.span = span;
    found.description = verdict.description.empty() ? std::string(shape.name) : verdict.description;
    found.severity = verdict.checksum_fails ? Severity::info : verdict.severity.value_or(shape.severity);
    if (verdict.checksum_fails) found.description += " (its checksum is wrong, so it may be a made-up one)";
    std::string_view keyword = shape.keywords.substr(0, shape.keywords.find(','));
    if (shape.max_offset == 0 && keyword.size() >= 3 && secret.starts_with(keyword))
      found.prefix = keyword.substr(0, 4);
    return true;
  }

  /// 40 bytes of base64 are told from others only by what stands in front of them.
  void find_aws_secret_key(size_t run_begin, size_t run_end) {
    size_t stretch = 0;
    bool right_length = false;
    for (size_t at = run_begin; at <= run_end; ++at) {
      bool digit = at < run_end && is_base64(text_[at]) && text_[at] != '=';
      right_length = right_length || (!digit && stretch == 40);
      stretch = digit ? stretch + 1 : 0;
    }
    if (!right_length) return;
    size_t from = run_begin > 60 ? run_begin - 60 : 0;
    static std::once_flag once;
    static std::optional<RE2> place;
    const RE2& pattern = compiled(
        R"((?i)(?:aws|secret)[\w .-]{0,24}[^0-9A-Za-z/+]{1,8}([0-9A-Za-z/+]{40})(?:[^0-9A-Za-z/+=]|$))", once, place);
    re2::StringPiece groups[2];
    size_t limit = std::min(run_end + 1, text_.size());
    bool found = pattern.Match({text_.data(), text_.size()}, from, limit, RE2::UNANCHORED, groups, 2);
    if (!found) {
      // Behind the key's id: ('AKIA...', '...')
      static std::once_flag once_paired;
      static std::optional<RE2> place_paired;
      const RE2& paired =
          compiled(R"(\b(?:AKIA|ASIA)[A-Z2-7]{16}\b[^;]{1,100}?[^0-9A-Za-z/+]([0-9A-Za-z/+]{40})(?:[^0-9A-Za-z/+=]|$))",
                   once_paired, place_paired);
      from = run_begin > 140 ? run_begin - 140 : 0;
      found = text_.substr(from, run_begin - from).find("IA") != text_.npos &&
              paired.Match({text_.data(), text_.size()}, from, limit, RE2::UNANCHORED, groups, 2);
    }
    if (!found) return;
    auto begin = static_cast<uint32_t>(groups[1].data() - text_.data());
    Span span{begin, begin + static_cast<uint32_t>(groups[1].size())};
    static constexpr SecretShape shape{"aws-secret-key", "AWS secret access key", "", "", 4.2, Severity::warning};
    take(shape, span);
  }

  void find_private_keys() {
    static constexpr std::string_view head = "-----BEGIN ";
    for (size_t at = text_.find(head); at != text_.npos; at = text_.find(head, at + head.size())) {
      std::string_view title = text_.substr(at + head.size(), 60);
      size_t title_end = title.find("-----");
      if (title_end == title.npos) continue;
      title = title.substr(0, title_end);
      if (!title.ends_with("PRIVATE KEY") && !title.ends_with("PRIVATE KEY BLOCK")) continue;
      size_t body = at + head.size() + title_end + 5;
      size_t end = body;
      size_t digits = 0;
      // Lines may be broken by real or written-out line ends, and by the quotes of a literal that goes on.
      while (end < text_.size() && (is_base64(text_[end]) || std::strchr(" \r\n\t\\'|:,-", text_[end]))) {
        if (text_.substr(end).starts_with("-----END")) break;
        digits += is_base64(text_[end]);
        ++end;
      }
      if (digits < 64 || is_sample(text_.substr(body, std::min<size_t>(end - body, 64)))) continue;
      found_.push_back({{static_cast<uint32_t>(body), static_cast<uint32_t>(end)}, "private key", {}, Severity::error});
      at = end;
    }
  }

  static bool is_base64(char c) { return (is_word_byte(c) && c != '_') || c == '+' || c == '/' || c == '='; }

  /// scheme://user:password@host
  void find_url_passwords() {
    static constexpr std::string_view mark = "://";
    for (size_t at = text_.find(mark); at != text_.npos; at = text_.find(mark, at + mark.size())) {
      size_t scheme = at;
      while (scheme > 0 && at - scheme < 20 && (is_word_byte(text_[scheme - 1]) || text_[scheme - 1] == '+')) --scheme;
      size_t begin = at + mark.size();
      size_t end = std::min(text_.find_first_of(" \t\r\n'\"`<>\\/?#", begin), text_.size());
      std::string_view authority = text_.substr(begin, std::min<size_t>(end - begin, 512));
      size_t host = authority.rfind('@');
      size_t colon = authority.find(':');
      if (scheme == at || host == authority.npos || colon == authority.npos || colon > host) continue;
      std::string_view user = authority.substr(0, colon);
      std::string_view password = authority.substr(colon + 1, host - colon - 1);
      if (is_made_up_url_password(password, user, authority.substr(host + 1))) continue;
      auto password_begin = static_cast<uint32_t>(begin + colon + 1);
      found_.push_back({{password_begin, password_begin + static_cast<uint32_t>(password.size())},
                        "password in a URL (" + std::string(text_.substr(scheme, at - scheme)) + ")",
                        {},
                        Severity::error});
    }
  }

  std::string_view text_;
  std::vector<FoundSecret> found_;
};

}  // namespace

std::vector<FoundSecret> find_secrets(std::string_view text) { return Finder(text).run(); }

}  // namespace pgrehearse
