#include "base/secret_mask.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/limits.h"

namespace relay {
namespace {

bool is_word(char byte) noexcept {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '_';
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

// Replaces what follows `prefix` at the beginning of a word.
void mask_after(std::string& text, std::string_view prefix) {
  std::size_t at = text.find(prefix);
  if (at == std::string::npos) return;
  std::string masked;
  std::size_t copied = 0;
  for (; at != std::string::npos; at = text.find(prefix, std::max(copied, at + 1))) {
    const std::size_t begin = at + prefix.size();
    std::size_t end = begin;
    while (end < text.size() && is_credential_byte(text[end])) ++end;
    const bool begins_a_word = at == 0 || !is_word(text[at - 1]);
    if (!begins_a_word || end - begin < limits::masked_secret_bytes_min) continue;
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
