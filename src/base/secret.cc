#include "base/secret.h"

#include <fmt/format.h>

#include <cstring>

namespace relay {

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // Within its capacity, so it allocates nothing.
  explicit_bzero(text.data(), text.size());
  text.clear();
}

// A short string is moved by copying its bytes, so whatever was moved from is wiped too.
Secret::Secret(std::string&& text) noexcept : text_{std::move(text)} {
  wipe(text);
}

Secret::Secret(Secret&& other) noexcept : text_{std::move(other.text_)} {
  wipe(other.text_);
}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) *this = Secret{other};
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  text_.swap(other.text_);
  return *this;
}

Secret::~Secret() {
  wipe(text_);
}

bool Secret::matches(std::string_view text) const noexcept {
  if (text.size() != text_.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (text[i] ^ text_[i]));
  }
  asm volatile("" : "+r"(difference));  // The compiler must not leave the loop early.
  return difference == 0;
}

std::ostream& operator<<(std::ostream& out, const Secret& secret) {
  return out << (secret.empty() ? "" : "[secret]");
}

}  // namespace relay

fmt::format_context::iterator fmt::formatter<relay::Secret>::format(const relay::Secret& secret,
                                                                    format_context& context) const {
  return fmt::format_to(context.out(), "{}", secret.empty() ? "" : "[secret]");
}
