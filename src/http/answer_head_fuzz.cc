// Invariants under test: where the bytes are cut never changes the verdict, and the fields of an
// accepted head, written out again, say the same about its body.
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

void check_rewritten(std::string_view version, bool expects_no_body, const AnswerHead& head) {
  std::string bytes = fmt::format("{} {} x\r\n", version, head.status);
  for (const FieldView field : head.fields)
    bytes += fmt::format("{}: {}\r\n", field.name.text(), field.value);
  bytes += "\r\n";
  AnswerHead again;
  require(parse_answer_head(bytes, expects_no_body, again).value_or(std::nullopt) == bytes.size());
  require(again.status == head.status && again.body == head.body);
  require(again.keep_alive == head.keep_alive && again.fields.size() == head.fields.size());
}

void check_cut(std::string_view bytes, std::size_t cut, bool expects_no_body,
               const Result<std::optional<std::size_t>>& whole) {
  AnswerHead ignored;
  const auto part = parse_answer_head(bytes.substr(0, cut), expects_no_body, ignored);
  if (!part) {
    require(!whole && whole.error().detail == part.error().detail);
  } else if (*part) {
    require(whole && *whole == *part);
  }
}

}  // namespace
}  // namespace relay::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay::http;
  if (size == 0) return 0;
  const std::string bytes{reinterpret_cast<const char*>(data), size};
  const bool expects_no_body = data[size - 1] % 2 == 1;
  AnswerHead head;
  const auto whole = parse_answer_head(bytes, expects_no_body, head);
  check_cut(bytes, data[size - 1] % size, expects_no_body, whole);
  check_cut(bytes, size / 2, expects_no_body, whole);
  check_cut(bytes, size - 1, expects_no_body, whole);
  if (whole && *whole) check_rewritten(bytes.substr(0, 8), expects_no_body, head);
  return 0;
}
