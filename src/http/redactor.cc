#include "http/redactor.h"

#include <algorithm>

namespace relay::http {
namespace {

// The longest beginning of `secret`, shorter than `seen`, that is also an end of seen bytes of it.
std::size_t border(std::string_view secret, std::size_t seen) noexcept {
  std::size_t n = seen - 1;
  while (n > 0 && secret.substr(0, n) != secret.substr(seen - n, n)) --n;
  return n;
}

}  // namespace

void Redactor::redact(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    if (held_ == 0) {
      // Nearly all bytes end here: far from the secret's first.
      const std::size_t n =
          secret_.empty() ? bytes.size() : std::min(bytes.find(secret_.front()), bytes.size());
      out.append(bytes.substr(0, n));
      bytes.remove_prefix(n);
      if (bytes.empty()) return;
    }
    take(bytes.front(), out);
    bytes.remove_prefix(1);
  }
}

void Redactor::take(char c, std::string& out) {
  while (held_ > 0 && secret_[held_] != c) {
    const std::size_t kept = border(secret_, held_);
    out.append(secret_.substr(0, held_ - kept));
    held_ = kept;
  }
  if (secret_[held_] != c) {
    out.push_back(c);
    return;
  }
  if (++held_ == secret_.size()) {
    out.append(secret_.size(), '*');
    held_ = 0;
  }
}

void Redactor::finish(std::string& out) {
  out.append(secret_.substr(0, held_));
  held_ = 0;
}

}  // namespace relay::http
