#include "base/secret_mask.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/limits.h"

namespace relay {
namespace {

bool is_letter_or_digit(char byte) noexcept {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9');
}

bool is_word(char byte) noexcept {
  return is_letter_or_digit(byte) || byte == '_';
}

bool is_credential_byte(char byte) noexcept {
  return is_word(byte) || byte == '-' || byte == '.' || byte == '~' || byte == '+' || byte == '/' ||
         byte == '=';
}

constexpr std::string_view placeholder = "[secret]";
constexpr std::string_view prefixes[] = {"sk-", "Bearer ", "Basic ", "eyJ"};
static_assert(limits::masked_secret_bytes_min >= 3, "what WordFinder asks for");

void mask_exactly(std::string& text, std::string_view secret) {
  std::size_t at = text.find(secret);
  if (at == std::string::npos) return;
  std::string masked;
  std::size_t copied = 0;
  for (; at != std::string::npos; at = text.find(secret, copied)) {
    masked.append(text, copied, at - copied).append(placeholder);
    copied = at + secret.size();
  }
  masked.append(text, copied);
  text = std::move(masked);
}

// The last letter of an escape (\n, \u0000) is none of the word behind it.
bool ends_with_escape(std::string_view text) noexcept {
  const auto end_begins_with = [text](std::size_t bytes, std::string_view begin) {
    return text.size() >= bytes && text.substr(text.size() - bytes).starts_with(begin);
  };
  return end_begins_with(2, "\\") || end_begins_with(6, "\\u");
}

bool begins_a_word(std::string_view before) noexcept {
  return before.empty() || !is_word(before.back()) || ends_with_escape(before);
}

// Not words with hyphens between them. Every token of ours is so, right behind its prefix.
bool looks_random(std::string_view text) noexcept {
  std::size_t run = 0;
  for (const char byte : text.substr(0, limits::masked_token_begin_bytes)) {
    if (!is_credential_byte(byte)) return false;
    run = is_letter_or_digit(byte) ? run + 1 : 0;
    if (run == limits::masked_token_run_bytes_min) return true;
  }
  return false;
}

// Replaces what follows `prefix` at the beginning of a word, and within one if it is no word.
void mask_after(std::string& text, std::string_view prefix) {
  std::size_t at = text.find(prefix);
  if (at == std::string::npos) return;
  std::string masked;
  std::size_t copied = 0;
  for (; at != std::string::npos; at = text.find(prefix, std::max(copied, at + 1))) {
    const std::size_t begin = at + prefix.size();
    const std::string_view all = text;
    if (!begins_a_word(all.substr(0, at)) && !looks_random(all.substr(begin))) continue;
    std::size_t end = begin;
    while (end < text.size() && is_credential_byte(text[end])) ++end;
    if (end - begin < limits::masked_secret_bytes_min) continue;
    masked.append(text, copied, begin - copied).append(placeholder);
    copied = end;
  }
  masked.append(text, copied);
  text = std::move(masked);
}

}  // namespace

SecretMask::SecretMask() {
  for (const std::string_view prefix : prefixes) finder_.add(prefix);
}

void SecretMask::add(const Secret& secret) {
  if (secret.size() < limits::masked_secret_bytes_min) return;
  std::string escaped;
  append_json_escaped(escaped, secret.reveal());
  if (escaped != secret.reveal()) add_form(Secret{std::move(escaped)});
  add_form(secret);
}

void SecretMask::add_form(Secret secret) {
  finder_.add(secret.reveal());
  secrets_.push_back(std::move(secret));
}

// Most lines hold nothing of the kind, and this says so at a twentieth of the cost of looking for
// one after the other.
bool SecretMask::is_needed(std::string_view text) const noexcept {
  return finder_.any_place(text, [this](std::string_view rest) {
    const auto begins_here = [rest](std::string_view word) { return rest.starts_with(word); };
    return std::ranges::any_of(prefixes, begins_here) ||
           std::ranges::any_of(secrets_, begins_here, &Secret::reveal);
  });
}

void SecretMask::apply(std::string& text) const {
  if (!is_needed(text)) return;
  for (const Secret& secret : secrets_) mask_exactly(text, secret.reveal());
  for (const std::string_view prefix : prefixes) mask_after(text, prefix);
}

}  // namespace relay
