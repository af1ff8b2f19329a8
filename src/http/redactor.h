#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace relay::http {

// Masks a secret in a stream of bytes, wherever the stream is cut, with as many asterisks, so that
// no length changes. Holds back at most the beginning of the secret: fewer bytes than it has.
//
// Keeps a view of the secret, which must stay where it is. An empty secret masks nothing.
class Redactor {
 public:
  explicit Redactor(std::string_view secret) noexcept : secret_{secret} {}

  // Appends to `out` what is known not to be part of the secret, or is masked.
  void redact(std::string_view bytes, std::string& out);

  // Nothing follows: appends what was held back.
  void finish(std::string& out);

 private:
  void take(char c, std::string& out);

  std::string_view secret_;
  std::size_t held_ = 0;  // How many bytes of the secret were seen and not passed on.
};

}  // namespace relay::http
