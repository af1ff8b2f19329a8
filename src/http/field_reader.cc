#include "http/field_reader.h"

#include "http/scan.h"

namespace relay::http {
namespace {

bool is_space(char c) noexcept {
  return c == ' ' || c == '\t';
}

}  // namespace

FieldReader::Step FieldReader::next(Fields::Slot& slot) noexcept {
  const char* const begin = section_.data();
  const std::size_t size = section_.size();
  const std::size_t name_at = at_;
  const std::size_t colon = name_at + run_of_token(section_.substr(name_at));
  if (colon == size) return Step::incomplete;
  if (colon == name_at && begin[colon] == '\r') return end_of_section();
  if (colon == name_at || begin[colon] != ':') return failed_in_name(colon);

  std::size_t value_at = colon + 1;
  const std::size_t end = value_at + run_of_field_text(section_.substr(value_at));
  if (end + 1 >= size || begin[end] != '\r' || begin[end + 1] != '\n') return failed_in_value(end);
  std::size_t value_end = end;
  while (value_at < value_end && is_space(begin[value_at])) ++value_at;
  while (value_at < value_end && is_space(begin[value_end - 1])) --value_end;

  slot = {static_cast<std::uint32_t>(name_at), static_cast<std::uint32_t>(colon - name_at),
          static_cast<std::uint32_t>(value_at), static_cast<std::uint32_t>(value_end - value_at),
          field_id(section_.substr(name_at, colon - name_at))};
  at_ = end + 2;
  return Step::field;
}

FieldReader::Step FieldReader::end_of_section() noexcept {
  if (at_ + 1 == section_.size()) return Step::incomplete;
  if (section_[at_ + 1] != '\n') return failed("a header line begins with a bare carriage return");
  at_ += 2;
  return Step::end;
}

FieldReader::Step FieldReader::failed(std::string_view why) noexcept {
  fault_ = why;
  return Step::fault;
}

FieldReader::Step FieldReader::failed_in_name(std::size_t at) noexcept {
  const char c = section_[at];
  if (is_space(c)) {
    return failed(at == at_ ? "a header line is folded" : "a header name is followed by a space");
  }
  if (c == ':') return failed("a header line has no name");
  if (c == '\r') return failed("a header line has no colon");
  if (c == '\n') return failed("a header line ends in a bare line feed");
  return failed("a header name has a character that may not stand there");
}

FieldReader::Step FieldReader::failed_in_value(std::size_t at) noexcept {
  if (at == section_.size()) return Step::incomplete;
  if (section_[at] == '\n') return failed("a header line ends in a bare line feed");
  if (section_[at] != '\r') return failed("a header value has a control character");
  if (at + 1 == section_.size()) return Step::incomplete;
  return failed("a header value has a bare carriage return");
}

}  // namespace relay::http
