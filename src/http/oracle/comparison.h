#pragma once

#include <string>
#include <string_view>

// Our parsers against llhttp's, on one input each.
namespace relay::http::oracle {

// What llhttp refuses or understands in another way although we accept it; "" if there is nothing.
// Inputs that we refuse are fine: we may be stricter.
//
// Known exceptions, both allowed by RFC 9112: llhttp 8.1 takes no tab behind a Content-Length
// (section 5.1), and no chunk extension after the value of another, ";a=b;c" (section 7.1.1).
[[nodiscard]] std::string difference_in_request(std::string_view bytes);
[[nodiscard]] std::string difference_in_answer(std::string_view bytes);
[[nodiscard]] std::string difference_in_chunked(std::string_view bytes);

}  // namespace relay::http::oracle
