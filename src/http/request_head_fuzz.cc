// Invariants under test: where the bytes are cut never changes the verdict, and an accepted head,
// written out again from what was understood, is understood in the same way.
#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "http/head_parser.h"

namespace relay::http {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_same(const Fields& a, const Fields& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].name != b[i].name || a[i].value != b[i].value) return false;
  }
  return true;
}

std::string written(const RequestHead& head) {
  std::string bytes =
      fmt::format("{} {} HTTP/1.{}\r\n", to_string(head.method), head.target, head.minor_version);
  for (const FieldView field : head.fields)
    bytes += fmt::format("{}: {}\r\n", field.name.text(), field.value);
  return bytes + "\r\n";
}

void check_rewritten(const RequestHead& head) {
  const std::string bytes = written(head);
  RequestHead again;
  require(parse_request_head(bytes, again).value_or(std::nullopt) == bytes.size());
  require(again.method == head.method && again.target == head.target);
  require(again.path() == head.path() && again.query() == head.query());
  require(again.minor_version == head.minor_version && again.body == head.body);
  require(again.keep_alive == head.keep_alive && again.expects_continue == head.expects_continue);
  require(is_same(again.fields, head.fields));
}

void check_cut(std::string_view bytes, std::size_t cut,
               const Result<std::optional<std::size_t>>& whole) {
  RequestHead ignored;
  const auto part = parse_request_head(bytes.substr(0, cut), ignored);
  if (!part) {
    require(!whole && whole.error().message == part.error().message);
  } else if (*part) {
    require(whole && *whole == *part);
  }
}

}  // namespace
}  // namespace relay::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay::http;
  if (size == 0) return 0;
  // As a copy of its own size, so that a sanitizer sees a read beyond its end.
  const std::string bytes{reinterpret_cast<const char*>(data), size};
  RequestHead head;
  const auto whole = parse_request_head(bytes, head);
  check_cut(bytes, data[size - 1] % size, whole);
  check_cut(bytes, size / 2, whole);
  check_cut(bytes, size - 1, whole);
  if (whole && *whole) check_rewritten(head);
  return 0;
}
