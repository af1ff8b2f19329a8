#include "claude/endpoint.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace relay::claude {
namespace {

using core::Endpoint;
using http::Method;

struct CoreCall {
  Method method;
  std::string_view path;  // "*" stands for one segment.
};

constexpr CoreCall core_calls[] = {
    {Method::post, "/v1/messages"},
    {Method::post, "/v1/messages/count_tokens"},
    {Method::post, "/v1/chat/completions"},
    {Method::post, "/v1/messages/batches"},
    {Method::get, "/v1/messages/batches"},
    {Method::get, "/v1/messages/batches/*"},
    {Method::delete_, "/v1/messages/batches/*"},
    {Method::post, "/v1/messages/batches/*/cancel"},
    {Method::get, "/v1/messages/batches/*/results"},
    {Method::get, "/v1/models"},
    {Method::get, "/v1/models/*"},
    {Method::post, "/v1/files"},
    {Method::get, "/v1/files"},
    {Method::get, "/v1/files/*"},
    {Method::delete_, "/v1/files/*"},
    {Method::get, "/v1/files/*/content"},
};

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// Without escapes, without a slash at its end.
std::string decoded(std::string_view path) {
  std::string text;
  text.reserve(path.size());
  for (std::size_t at = 0; at < path.size(); ++at) {
    unsigned char byte = 0;
    const char* const digits = path.data() + at + 1;
    const bool is_escape = path[at] == '%' && path.size() - at > 2 &&
                           std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    text += is_escape ? static_cast<char>(byte) : path[at];
    if (is_escape) at += 2;
  }
  while (text.ends_with('/')) text.pop_back();
  return text;
}

std::string plain(std::string_view path) {
  std::string text = decoded(path);
  std::ranges::transform(text, text.begin(), lower);
  return text;
}

bool matches(std::string_view path, std::string_view pattern) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return path == pattern;
  if (!path.starts_with(pattern.substr(0, star))) return false;
  path.remove_prefix(star);
  const std::size_t segment = std::min(path.find('/'), path.size());
  return segment > 0 && path.substr(segment) == pattern.substr(star + 1);
}

bool is_core(Method method, std::string_view path) {
  if (method == Method::head) method = Method::get;
  return std::ranges::any_of(core_calls, [&](const CoreCall& call) {
    return call.method == method && matches(path, call.path);
  });
}

bool is_under(std::string_view path, std::string_view parent) {
  return path.starts_with(parent) && (path.size() == parent.size() || path[parent.size()] == '/');
}

Endpoint endpoint_of(std::string_view path) {
  if (path == "/v1/messages") return Endpoint::messages;
  if (path == "/v1/messages/count_tokens") return Endpoint::count_tokens;
  if (path == "/v1/chat/completions") return Endpoint::chat_completions;
  if (is_under(path, "/v1/messages/batches")) return Endpoint::batches;
  if (is_under(path, "/v1/files")) return Endpoint::files;
  if (is_under(path, "/v1/models")) return Endpoint::models;
  return Endpoint::other;
}

ApiCall call_of(Method method, std::string_view target_path) {
  const std::string path = plain(target_path);
  ApiCall call{.endpoint = endpoint_of(path),
               .is_core = is_core(method, path),
               .is_organization = is_under(path, "/v1/organizations")};
  call.gives_results = method == Method::get && matches(path, "/v1/messages/batches/*/results");
  if (method != Method::post) return call;

  call.is_metered =
      call.endpoint == Endpoint::messages || call.endpoint == Endpoint::chat_completions;
  call.is_peeked = call.is_metered || call.endpoint == Endpoint::count_tokens;
  call.creates_batch = path == "/v1/messages/batches";
  if (call.creates_batch) call.body_bytes_max = limits::batch_body_bytes_max;
  if (path == "/v1/files") call.body_bytes_max = limits::file_body_bytes_max;
  call.is_body_streamed = call.body_bytes_max > limits::request_body_bytes_max;
  call.runs_unseen_models = call.endpoint == Endpoint::other || call.creates_batch;
  return call;
}

}  // namespace

// Nearly all calls are one call, and all spell it alike.
ApiCall api_call(Method method, std::string_view target_path) {
  constexpr std::string_view messages = "/v1/messages";
  static const ApiCall post_messages = call_of(Method::post, messages);
  if (method == Method::post && target_path == messages) return post_messages;
  return call_of(method, target_path);
}

std::string batch_id_in(std::string_view path) {
  constexpr std::string_view parent = "/v1/messages/batches/";
  std::string id = decoded(path).erase(0, parent.size());
  id.resize(std::min(id.find('/'), id.size()));
  return id;
}

}  // namespace relay::claude
