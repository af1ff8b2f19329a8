#include "store/postgres_url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/secret_mask.h"

namespace relay::store {
namespace {

using std::string_view;

// Of a URL, as libpq divides it.
struct Parts {
  string_view user;
  string_view password;
  string_view hosts;     // "host:port,host:port"
  string_view database;  // With the slash before it.
  string_view options;   // "name=value&name=value"
};

// What stands before `separator`, which goes with it.
string_view take_until(string_view& text, char separator) {
  const string_view taken = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(taken.size() + 1, text.size()));
  return taken;
}

Parts parts_of(string_view url) {
  Parts parts;
  string_view rest = url.substr(url.find("://") + 3);
  const std::size_t end = rest.find_first_of("@/");
  if (end != string_view::npos && rest[end] == '@') {
    parts.password = take_until(rest, '@');
    parts.user = take_until(parts.password, ':');
  }
  parts.hosts = rest.substr(0, rest.find_first_of("/?"));
  rest.remove_prefix(parts.hosts.size());
  parts.database = take_until(rest, '?');
  parts.options = rest;
  return parts;
}

// The byte that "%41" at the beginning of a text stands for. None: it stands for nothing.
std::optional<char> encoded_byte(string_view text) {
  unsigned value = 0;
  if (text.size() < 3) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + 3, value, 16);
  if (error != std::errc{} || end != text.data() + 3 || value == 0) return std::nullopt;
  return static_cast<char>(value);
}

std::optional<std::string> decoded(string_view text) {
  std::string bytes;
  while (!text.empty()) {
    const bool is_encoded = text.front() == '%';
    const std::optional<char> byte = is_encoded ? encoded_byte(text) : text.front();
    if (!byte) return std::nullopt;
    bytes += *byte;
    text.remove_prefix(is_encoded ? 3 : 1);
  }
  return bytes;
}

bool is_number(string_view text, int least, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value >= least &&
         value <= most;
}

bool is_port(string_view text) {
  return is_number(text, 1, 65'535);
}

// "host", "host:port", "[v6]:port"
bool is_host(string_view text) {
  const std::size_t bracket = text.find(']');
  if (text.starts_with('[') && bracket == string_view::npos) return false;
  if (text.starts_with('[')) text.remove_prefix(bracket);
  const string_view before = take_until(text, ':');
  if (before.starts_with(']') && before.size() > 1) return false;
  return text.empty() || is_port(text);
}

template <typename Is>
bool are_all(string_view list, Is is) {
  while (true) {
    const bool is_last = list.find(',') == string_view::npos;
    if (!is(take_until(list, ','))) return false;
    if (is_last) return true;
  }
}

// One whose value libpq reads as late as it connects, and then says that it cannot.
bool is_option(string_view text) {
  static constexpr std::array<string_view, 6> numbers = {"connect_timeout",  "keepalives",
                                                         "keepalives_idle",  "keepalives_interval",
                                                         "keepalives_count", "tcp_user_timeout"};
  if (std::ranges::count(text, '=') != 1) return false;
  const string_view name = take_until(text, '=');
  if (name == "port") return are_all(text, is_port);
  if (std::ranges::find(numbers, name) != numbers.end())
    return is_number(text, -1, std::numeric_limits<int>::max());
  return !name.empty();
}

bool are_options(string_view text) {
  while (!text.empty()) {
    if (!is_option(take_until(text, '&'))) return false;
  }
  return true;
}

// One "@" may end user and password: any other one says that they hold what should be encoded.
bool is_sound(string_view url) {
  const Parts parts = parts_of(url);
  const auto is_blank = [](char byte) { return (byte >= 0 && byte <= ' ') || byte == 0x7f; };
  if (std::ranges::any_of(url, is_blank) || !decoded(url)) return false;
  for (const string_view part : {parts.hosts, parts.database, parts.options}) {
    if (part.contains('@')) return false;
  }
  return are_all(parts.hosts, is_host) && are_options(parts.options);
}

std::string password_of(string_view url) {
  Parts parts = parts_of(url);
  while (!parts.options.empty()) {
    string_view value = take_until(parts.options, '&');
    if (take_until(value, '=') == "password") parts.password = value;
  }
  return std::string{parts.password};
}

}  // namespace

std::optional<std::string> postgres_url(string_view text) {
  const std::size_t end = text.find("://");
  if (end == string_view::npos) return {};
  string_view scheme = text.substr(0, end);
  scheme = scheme.substr(0, scheme.find('+'));  // Which driver is not our concern.
  if (scheme != "postgresql" && scheme != "postgres") return {};
  if (!is_sound(text)) return {};
  return "postgresql" + std::string{text.substr(end)};
}

std::string without_password(std::string text, string_view url) {
  const std::string password = password_of(url);
  SecretMask mask;
  mask.add(Secret{std::string{password}});
  mask.add(Secret{decoded(password).value_or("")});
  mask.apply(text);
  return text;
}

}  // namespace relay::store
