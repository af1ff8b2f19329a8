#include "http/oracle/comparison.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/body_decoder.h"
#include "http/head_parser.h"
#include "http/oracle/llhttp_oracle.h"

namespace relay::http::oracle {
namespace {

std::string refused() {
  return fmt::format("llhttp refuses it: {}", last_reason());
}

std::string difference_in_fields(const Fields& ours, const Head& theirs) {
  if (ours.size() != theirs.fields.size()) return "another number of fields";
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const FieldView field = ours[i];
    if (field.name.text() != theirs.fields[i].first || field.value != theirs.fields[i].second) {
      return fmt::format("field {} reads {}: {}", i, theirs.fields[i].first,
                         theirs.fields[i].second);
    }
  }
  return "";
}

// An absolute target is stored as a path by us, and as it came by llhttp.
bool is_same_target(std::string_view ours, std::string_view theirs) {
  if (theirs.starts_with('/') || theirs == "*") return ours == theirs;
  return theirs.ends_with(ours) || ours == "/" || theirs.ends_with(ours.substr(1));
}

// The first known exception: what llhttp refuses may be due to a tab, so it is asked again without.
bool has_tab(std::string_view bytes) {
  return bytes.find('\t') != std::string_view::npos;
}

std::string without_tabs(std::string_view bytes) {
  std::string spaced{bytes};
  std::ranges::replace(spaced, '\t', ' ');
  return spaced;
}

// The second one. Payload may look like it, which costs a comparison now and then.
bool has_extension_after_value(std::string_view bytes) {
  for (std::size_t at = bytes.find('='); at != std::string_view::npos;
       at = bytes.find('=', at + 1)) {
    const std::size_t next = bytes.find_first_of(";\r", at);
    if (next != std::string_view::npos && bytes[next] == ';') return true;
  }
  return false;
}

}  // namespace

std::string difference_in_request(std::string_view bytes) {
  RequestHead ours;
  const auto read = parse_request_head(bytes, ours);
  if (!read || !*read) return "";
  const std::optional<Head> theirs = read_request(bytes);
  if (!theirs) return has_tab(bytes) ? difference_in_request(without_tabs(bytes)) : refused();
  if (theirs->bytes != **read) return fmt::format("the head has {} bytes", theirs->bytes);
  if (theirs->method != to_string(ours.method)) return "the method is " + theirs->method;
  if (!is_same_target(ours.target, theirs->target)) return "the target is " + theirs->target;
  if (theirs->minor_version != ours.minor_version) return "another version";
  if (theirs->body != ours.body) return fmt::format("the body has {} bytes", theirs->body.length);
  if (theirs->says_close && ours.keep_alive) return "the connection is to be closed";
  return difference_in_fields(ours.fields, *theirs);
}

std::string difference_in_answer(std::string_view bytes) {
  AnswerHead ours;
  const auto read = parse_answer_head(bytes, false, ours);
  if (!read || !*read) return "";
  const std::optional<Head> theirs = read_answer(bytes);
  if (!theirs) return has_tab(bytes) ? difference_in_answer(without_tabs(bytes)) : refused();
  if (theirs->bytes != **read) return fmt::format("the head has {} bytes", theirs->bytes);
  if (theirs->status != ours.status) return fmt::format("the status is {}", theirs->status);
  if (theirs->says_close && ours.keep_alive) return "the connection is to be closed";
  const bool is_framed = ours.body.kind == Framing::length || ours.body.kind == Framing::chunked;
  if (is_framed && theirs->body != ours.body) {
    return fmt::format("the body has {} bytes", theirs->body.length);
  }
  return difference_in_fields(ours.fields, *theirs);
}

std::string difference_in_chunked(std::string_view bytes) {
  BodyDecoder decoder{{Framing::chunked, 0}};
  std::string buffer{bytes};
  const auto ours = decoder.decode(buffer);
  if (!ours || !ours->is_last) return "";
  const std::optional<Body> theirs = read_chunked(bytes);
  if (!theirs) return has_extension_after_value(bytes) ? "" : refused();
  if (theirs->bytes != ours->consumed) return fmt::format("the body ends at {}", theirs->bytes);
  if (theirs->payload != ours->payload) return "the payload is another one";
  return "";
}

}  // namespace relay::http::oracle
