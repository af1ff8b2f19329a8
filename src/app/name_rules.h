#pragma once

#include <string_view>

// What some values have to look like, beyond being text.
namespace relay::app {

// Letters, digits, "-" and "_", at most 31: what can stand in a metric label without a second look.
bool is_name(std::string_view text);
bool is_name_or_empty(std::string_view text);

bool is_path(std::string_view text);
bool is_path_or_empty(std::string_view text);
bool is_one_line_text(std::string_view text);

bool is_public_url(std::string_view text);    // http or https, nothing after the authority.
bool is_database_url(std::string_view text);  // sqlite:///path, postgres://, postgresql://
bool is_redis_url(std::string_view text);     // redis://, rediss://
bool is_proxy_url(std::string_view text);     // http://, socks5://, nothing after the authority.

}  // namespace relay::app
