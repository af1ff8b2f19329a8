#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/head.h"

// What Node's llhttp, in its strict mode, makes of the same bytes. For tests only: we may refuse
// what it accepts, and never the other way round.
namespace relay::http::oracle {

[[nodiscard]] bool is_available() noexcept;

struct Head {
  std::size_t bytes = 0;
  std::string method;  // Of a request.
  std::string target;  // Of a request, as it was sent.
  int status = 0;      // Of an answer.
  int minor_version = 0;
  BodyFraming body;  // Framing::none stands for until_close, too.
  bool says_close = false;
  std::vector<std::pair<std::string, std::string>> fields;
};

// nullopt: refused, or not complete.
[[nodiscard]] std::optional<Head> read_request(std::string_view bytes);
[[nodiscard]] std::optional<Head> read_answer(std::string_view bytes);

struct Body {
  std::size_t bytes = 0;
  std::string payload;
};

// A chunked body up to its end. nullopt: refused, or not complete.
[[nodiscard]] std::optional<Body> read_chunked(std::string_view bytes);

// What to print about the last refusal.
[[nodiscard]] std::string_view last_reason() noexcept;

}  // namespace relay::http::oracle
