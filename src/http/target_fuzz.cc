// Invariants under test: of a path that was found good, a plain comparison of bytes says all there
// is to say about who owns it; decoded, it has no empty or dot segment; and joining
// it to a base loses nothing. A query that was read reads the same when it is written out again.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "http/characters.h"
#include "http/query.h"
#include "http/target.h"

namespace relay::http {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::string decoded(std::string_view path) {
  std::string plain;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool is_escape = path[i] == '%' && path.size() - i > 2 && hex_value(path[i + 1]) >= 0 &&
                           hex_value(path[i + 2]) >= 0;
    plain += is_escape ? static_cast<char>(hex_value(path[i + 1]) * 16 + hex_value(path[i + 2]))
                       : path[i];
    if (is_escape) i += 2;
  }
  return plain;
}

void check_good_path(std::string_view path) {
  std::string plain = decoded(path);
  if (!plain.ends_with('/')) plain += '/';
  for (const char* bad : {"/./", "/../", "//", "\\"}) {
    require(plain.find(bad) == std::string::npos);
  }
  require(std::ranges::none_of(plain, [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
  constexpr std::array<std::string_view, 7> reserved = {
      "/admin", "/console", "/api/usage", "/health", "/ready", "/metrics", "/openapi.json"};
  const bool is_ours =
      std::ranges::any_of(reserved, [&](auto prefix) { return is_under(path, prefix); });
  require(is_ours == is_reserved(path));
}

void check_joined(std::string_view target) {
  constexpr std::string_view base_path = "/prefix/v1/";
  std::string joined(base_path.size() + target.size(), '\0');
  const char* const end = put_joined_target(joined.data(), base_path, target);
  joined.resize(static_cast<std::size_t>(end - joined.data()));
  require(joined.ends_with(target));
  require(target == "*" || joined.size() == target.size() + std::string_view{"/prefix"}.size());
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out.append("%")
        .append(1, "0123456789ABCDEF"[byte / 16])
        .append(1, "0123456789abcdef"[byte % 16]);
  }
  return out;
}

void check_query(std::string_view text) {
  const Result<Query> query = Query::parse(text);
  if (!query) return;
  std::string again;
  for (const auto& [name, value] : query->parameters()) {
    again.append(escaped(name)).append("=").append(escaped(value)).append("&");
  }
  const Result<Query> reread = Query::parse(again);
  require(reread && reread->parameters().size() == query->parameters().size());
  for (const auto& [name, value] : query->parameters()) require(reread->find(name) == value);
}

}  // namespace
}  // namespace relay::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay::http;
  const std::string bytes{reinterpret_cast<const char*>(data), size};
  const std::size_t question = std::min(bytes.find('?'), bytes.size());
  const std::string_view path = std::string_view{bytes}.substr(0, question);
  if (check_path(path)) {
    if (path != "*") check_good_path(path);
    check_joined(bytes);
  }
  check_query(std::string_view{bytes}.substr(std::min(question + 1, bytes.size())));
  return 0;
}
