#include "http/head_parser.h"

#include <array>
#include <span>

#include "base/limits.h"
#include "http/characters.h"
#include "http/field_reader.h"
#include "http/framing_fields.h"
#include "http/host.h"
#include "http/name_set.h"
#include "http/protected_fields.h"
#include "http/request_line.h"
#include "http/scan.h"
#include "http/token_list.h"

namespace relay::http {
namespace {

// Where the fields of a section lie, until they are worth a copy. Left as it is: only what was
// counted is read.
struct FoundFields {
  std::array<Fields::Slot, limits::fields_max + 1> slots;  // One more, to see that it is too many.
  std::size_t count = 0;
};

// Reads a section, blank line included, and shows each field to `facts`: how many bytes it takes.
template <typename Facts>
Parsed<std::optional<std::size_t>> read_section(std::string_view section, FoundFields& found,
                                                Facts& facts) noexcept {
  FieldReader reader{section};
  for (;;) {
    Fields::Slot& slot = found.slots[found.count];
    switch (reader.next(slot)) {
      case FieldReader::Step::incomplete: return std::nullopt;
      case FieldReader::Step::fault: return reader.fault();
      case FieldReader::Step::end: return reader.bytes();
      case FieldReader::Step::field: break;
    }
    if (++found.count > limits::fields_max) {
      return std::unexpected(Fault{ErrorCode::head_too_large, "there are too many header fields"});
    }
    const Parsed<void> noted = facts.note(reader.field(slot));
    if (!noted) return std::unexpected(noted.error());
  }
}

void store_fields(std::string_view section, const FoundFields& found, Fields& fields) {
  fields.assign(section, std::span{found.slots.data(), found.count});
}

bool names_protected_field(std::string_view list) noexcept {
  return !for_each_element(list, [](std::string_view e) { return !is_protected_field(e); });
}

// What the fields of a request say beyond its framing.
class RequestFacts {
 public:
  Parsed<void> note(const FieldView& field) noexcept;

  // Once the head is complete: fills in what follows from line and fields together.
  Parsed<void> conclude(const RequestLine& line, RequestHead& head) const noexcept;

 private:
  Parsed<void> note_host(std::string_view value) noexcept;
  Parsed<void> note_expect(std::string_view value) noexcept;

  FramingFields framing_;
  std::string_view host_;  // Empty if there was none: a valid one is not.
  bool expects_continue_ = false;
};

Parsed<void> RequestFacts::note(const FieldView& field) noexcept {
  constexpr NameSet noted{"host", "expect", "connection", "content-length", "transfer-encoding"};
  if (!noted.contains(field.name.id())) return {};
  if (field.name == "host") return note_host(field.value);
  if (field.name == "expect") return note_expect(field.value);
  if (field.name == "connection" && names_protected_field(field.value)) {
    return malformed("Connection names a field that may not be taken out");
  }
  return framing_.note(field);
}

Parsed<void> RequestFacts::note_host(std::string_view value) noexcept {
  if (!host_.empty()) return malformed("Host is given twice");
  if (!is_valid_host(value)) return malformed("Host is not the name of a host");
  host_ = value;
  return {};
}

Parsed<void> RequestFacts::note_expect(std::string_view value) noexcept {
  if (!same_name(value, "100-continue")) {
    return std::unexpected(
        Fault{ErrorCode::expectation_failed, "only Expect: 100-continue can be met"});
  }
  expects_continue_ = true;
  return {};
}

Parsed<void> RequestFacts::conclude(const RequestLine& line, RequestHead& head) const noexcept {
  if (host_.empty() && line.minor_version >= 1) return malformed("Host is missing");
  if (!line.authority.empty() && !same_name(line.authority, host_)) {
    return malformed("the target and Host name different hosts");
  }
  const Parsed<BodyFraming> body = framing_.body(line.minor_version, Framing::none);
  if (!body) return std::unexpected(body.error());
  const bool has_body =
      body->kind == Framing::chunked || (body->kind == Framing::length && body->length > 0);
  const bool may_have_body =
      line.method != Method::get && line.method != Method::head && line.method != Method::options;
  if (has_body && !may_have_body) return malformed("a request of this method has no body");

  head.method = line.method;
  head.minor_version = line.minor_version;
  head.body = *body;
  head.keep_alive = framing_.keep_alive(line.minor_version);
  head.expects_continue = expects_continue_ && has_body && line.minor_version >= 1;
  return {};
}

void store_target(const RequestLine& line, RequestHead& head) {
  head.target.assign(line.lacks_slash ? "/" : "").append(line.target);
  head.path_bytes = line.path_bytes + (line.lacks_slash ? 1 : 0);
}

Parsed<std::optional<std::size_t>> read_request_head(std::string_view bytes, RequestHead& head) {
  std::size_t at = 0;
  if (bytes.starts_with('\r')) {
    if (bytes.size() == 1) return std::nullopt;
    if (bytes[1] != '\n') return malformed("this is not an HTTP request");
    at = 2;
  }
  const auto line = read_request_line(bytes.substr(at));
  if (!line) return std::unexpected(line.error());
  if (!*line) return std::nullopt;
  at += (*line)->bytes;

  FoundFields found;
  RequestFacts facts;
  const auto section = read_section(bytes.substr(at), found, facts);
  if (!section || !*section) return section;
  const Parsed<void> concluded = facts.conclude(**line, head);
  if (!concluded) return std::unexpected(concluded.error());
  store_target(**line, head);
  store_fields(bytes.substr(at, **section), found, head.fields);
  return at + **section;
}

struct StatusLine {
  int status = 0;
  int minor_version = 1;
  std::size_t bytes = 0;  // With its CRLF.
};

// "HTTP/1.1 200 " and what the upstream thinks it means (RFC 9112 section 4).
Parsed<std::optional<StatusLine>> read_status_line(std::string_view bytes) noexcept {
  constexpr std::string_view pattern = "HTTP/1.# ### ";
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (i == bytes.size()) return std::nullopt;
    const char c = bytes[i];
    if (pattern[i] == '#' ? !is_digit(c) : c != pattern[i]) return malformed("no HTTP status line");
  }
  StatusLine line;
  line.minor_version = bytes[7] - '0';
  line.status = (bytes[9] - '0') * 100 + (bytes[10] - '0') * 10 + (bytes[11] - '0');
  if (line.minor_version > 1) return malformed("an HTTP version other than 1.1 and 1.0");
  if (line.status < 100 || line.status > 599) return malformed("a status out of range");

  const std::size_t end = pattern.size() + run_of_field_text(bytes.substr(pattern.size()));
  if (end == bytes.size()) return std::nullopt;
  if (bytes[end] != '\r') return malformed("a control character in the status line");
  if (end + 1 == bytes.size()) return std::nullopt;
  if (bytes[end + 1] != '\n') return malformed("a bare carriage return in the status line");
  line.bytes = end + 2;
  return line;
}

// RFC 9112 section 6.3, without the guesses.
Parsed<void> conclude_answer(const StatusLine& line, const FramingFields& framing,
                             bool expects_no_body, AnswerHead& head) noexcept {
  const Parsed<BodyFraming> body = framing.body(line.minor_version, Framing::until_close);
  if (!body) return std::unexpected(body.error());
  const bool never_has_body = line.status < 200 || line.status == 204;
  const bool announces_body =
      body->kind == Framing::chunked || (body->kind == Framing::length && body->length > 0);
  if (never_has_body && announces_body) return malformed("a body where the status allows none");

  const bool has_no_body = never_has_body || line.status == 304 || expects_no_body;
  head.status = line.status;
  head.body = has_no_body ? BodyFraming{} : *body;
  head.keep_alive =
      framing.keep_alive(line.minor_version) && head.body.kind != Framing::until_close;
  return {};
}

Parsed<std::optional<std::size_t>> read_answer_head(std::string_view bytes, bool expects_no_body,
                                                    AnswerHead& head) {
  const auto line = read_status_line(bytes);
  if (!line) return std::unexpected(line.error());
  if (!*line) return std::nullopt;

  const std::string_view rest = bytes.substr((*line)->bytes);
  FoundFields found;
  FramingFields framing;
  const auto section = read_section(rest, found, framing);
  if (!section || !*section) return section;
  const Parsed<void> concluded = conclude_answer(**line, framing, expects_no_body, head);
  if (!concluded) return std::unexpected(concluded.error());
  store_fields(rest.substr(0, **section), found, head.fields);
  return (*line)->bytes + **section;
}

// A head that is still open at its limit is too large. Bytes beyond the limit are not looked at, so
// the verdict does not depend on how many have come.
Result<std::optional<std::size_t>> settled(const Parsed<std::optional<std::size_t>>& parsed,
                                           std::size_t bytes, std::size_t bytes_max,
                                           Origin origin) {
  if (!parsed) return std::unexpected(to_error(parsed.error(), origin));
  if (!*parsed && bytes >= bytes_max) {
    const Fault fault{ErrorCode::head_too_large, "the header is too large"};
    return std::unexpected(to_error(fault, origin));
  }
  return *parsed;
}

}  // namespace

Result<std::optional<std::size_t>> parse_request_head(std::string_view bytes, RequestHead& head) {
  constexpr std::size_t bytes_max = limits::request_head_bytes_max;
  return settled(read_request_head(bytes.substr(0, bytes_max), head), bytes.size(), bytes_max,
                 Origin::client);
}

Result<std::optional<std::size_t>> parse_answer_head(std::string_view bytes, bool expects_no_body,
                                                     AnswerHead& head) {
  constexpr std::size_t bytes_max = limits::response_head_bytes_max;
  return settled(read_answer_head(bytes.substr(0, bytes_max), expects_no_body, head), bytes.size(),
                 bytes_max, Origin::upstream);
}

}  // namespace relay::http
