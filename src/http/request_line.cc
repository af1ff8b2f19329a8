#include "http/request_line.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "http/characters.h"
#include "http/host.h"

namespace relay::http {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t version_bytes = "HTTP/1.1"sv.size();

// Where the space after the target must be, at the latest, for the line to be short enough.
constexpr std::size_t target_end_max = limits::request_line_bytes_max - version_bytes - 1;

constexpr std::array methods = {Method::post,  Method::get,     Method::head,   Method::put,
                                Method::patch, Method::delete_, Method::options};

std::optional<Method> method_named(std::string_view name) noexcept {
  for (const Method method : methods) {
    if (to_string(method) == name) return method;
  }
  return std::nullopt;
}

// The token at the front, up to its space.
Parsed<std::optional<std::string_view>> read_method(std::string_view bytes) noexcept {
  const std::size_t n = run_of(CharClass::token, bytes.substr(0, limits::method_bytes_max + 1));
  if (n > limits::method_bytes_max) {
    return std::unexpected(Fault{ErrorCode::method_unknown, "this method is not known"});
  }
  if (n == bytes.size()) return std::nullopt;
  if (n == 0 || bytes[n] != ' ') return malformed("this is not an HTTP request");
  const std::string_view name = bytes.substr(0, n);
  if (name == "CONNECT" || name == "TRACE") {
    return std::unexpected(Fault{ErrorCode::method_not_allowed, "this method is not allowed"});
  }
  return name;
}

// The visible ASCII characters from `at` up to a space.
Parsed<std::optional<std::string_view>> read_target(std::string_view bytes,
                                                    std::size_t at) noexcept {
  std::size_t end = at;
  const std::size_t stop = std::min(bytes.size(), target_end_max + 1);
  while (end < stop && bytes[end] > ' ' && bytes[end] < '\x7f') ++end;
  if (end == stop && bytes.size() > target_end_max) {
    return std::unexpected(Fault{ErrorCode::target_too_long, "the request line is too long"});
  }
  if (end == bytes.size()) return std::nullopt;
  if (bytes[end] == '\r' || bytes[end] == '\n') {
    return malformed("the request line has no HTTP version");
  }
  if (bytes[end] != ' ') return malformed("the target has a character that must be escaped");
  if (end == at) return malformed("the request line has more than one space between its parts");
  return bytes.substr(at, end - at);
}

// "HTTP/1.1" CRLF, or 1.0: the minor version.
Parsed<std::optional<int>> read_version(std::string_view bytes) noexcept {
  constexpr std::string_view expected = "HTTP/1.1\r\n";
  if (bytes.starts_with(expected)) return 1;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (i == bytes.size()) return std::nullopt;
    const char c = bytes[i];
    if (c == expected[i] || (i == 7 && c == '0')) continue;
    if ((i == 5 || i == 7) && is_digit(c)) {
      return std::unexpected(
          Fault{ErrorCode::version_unsupported, "only HTTP/1.1 and HTTP/1.0 are spoken here"});
    }
    return malformed("the request line does not end in an HTTP version");
  }
  return bytes[7] - '0';
}

bool has_whole_escapes(std::string_view text) noexcept {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (at + 2 >= text.size() || hex_value(text[at + 1]) < 0 || hex_value(text[at + 2]) < 0) {
      return false;
    }
  }
  return true;
}

// How many bytes of `target` the path takes; nullopt if a character may not stand where it is.
std::optional<std::size_t> path_bytes_of(std::string_view target) noexcept {
  const auto is_run = [](CharClass of, std::string_view text) {
    return std::ranges::all_of(text, [of](char c) { return is_in(of, c) || c == '%'; });
  };
  const std::size_t path_bytes = std::min(target.find('?'), target.size());
  if (!is_run(CharClass::path, target.substr(0, path_bytes))) return std::nullopt;
  if (!is_run(CharClass::query, target.substr(path_bytes))) return std::nullopt;
  if (!has_whole_escapes(target)) return std::nullopt;
  return path_bytes;
}

// Takes "http://authority" off the front of `target`, in any case. Empty: it is not there.
std::string_view take_authority(std::string_view& target) noexcept {
  for (const std::string_view scheme : {"http://"sv, "https://"sv}) {
    if (!same_name(target.substr(0, scheme.size()), scheme)) continue;
    const std::string_view rest = target.substr(scheme.size());
    const std::size_t n = std::min(rest.find_first_of("/?#"), rest.size());
    target = rest.substr(n);
    return rest.substr(0, n);
  }
  return {};
}

// Fills in what a target says. Which form it has depends on the method.
Parsed<void> resolve_target(std::string_view target, bool is_options, RequestLine& line) noexcept {
  if (target == "*") {
    if (!is_options) return malformed("the target * is for OPTIONS only");
    line.target = target;
    line.path_bytes = 1;
    return {};
  }
  if (!target.starts_with('/')) {
    line.authority = take_authority(target);
    if (!is_valid_host(line.authority)) return malformed("the target is not a path");
    line.lacks_slash = !target.starts_with('/');
  }
  const std::optional<std::size_t> path_bytes = path_bytes_of(target);
  if (!path_bytes) return malformed("the target has a character that must be escaped");
  line.target = target;
  line.path_bytes = *path_bytes;
  return {};
}

}  // namespace

Parsed<std::optional<RequestLine>> read_request_line(std::string_view bytes) noexcept {
  const auto name = read_method(bytes);
  if (!name) return std::unexpected(name.error());
  if (!*name) return std::nullopt;

  const auto target = read_target(bytes, (*name)->size() + 1);
  if (!target) return std::unexpected(target.error());
  if (!*target) return std::nullopt;
  RequestLine line;
  const std::optional<Method> method = method_named(**name);
  const Parsed<void> resolved = resolve_target(**target, method == Method::options, line);
  if (!resolved) return std::unexpected(resolved.error());

  const std::size_t version_at = (*name)->size() + 1 + (*target)->size() + 1;
  const auto version = read_version(bytes.substr(version_at));
  if (!version) return std::unexpected(version.error());
  if (!*version) return std::nullopt;

  // The method comes last: bytes of another protocol are told that they are no HTTP.
  if (!method) {
    return std::unexpected(Fault{ErrorCode::method_unknown, "this method is not known"});
  }
  line.method = *method;
  line.minor_version = **version;
  line.bytes = version_at + version_bytes + 2;
  return line;
}

}  // namespace relay::http
