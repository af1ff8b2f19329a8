#include "http/oracle/llhttp_oracle.h"

#ifdef RELAY_HAS_LLHTTP
#include <llhttp.h>

#include "http/characters.h"
#endif

namespace relay::http::oracle {

#ifdef RELAY_HAS_LLHTTP
namespace {

thread_local std::string reason;

// What the callbacks gather. Spans may come in pieces.
struct Gathered {
  Head head;
  Body body;
  std::string name;
  std::string value;
  bool is_head_complete = false;
  bool is_message_complete = false;
};

Gathered& gathered(llhttp_t* parser) {
  return *static_cast<Gathered*>(parser->data);
}

int on_target(llhttp_t* parser, const char* at, std::size_t size) {
  gathered(parser).head.target.append(at, size);
  return 0;
}
int on_name(llhttp_t* parser, const char* at, std::size_t size) {
  gathered(parser).name.append(at, size);
  return 0;
}
int on_value(llhttp_t* parser, const char* at, std::size_t size) {
  gathered(parser).value.append(at, size);
  return 0;
}
int on_value_end(llhttp_t* parser) {
  Gathered& seen = gathered(parser);
  seen.head.fields.emplace_back(seen.name, std::string{trimmed(seen.value)});
  seen.name.clear();
  seen.value.clear();
  return 0;
}
int on_body(llhttp_t* parser, const char* at, std::size_t size) {
  gathered(parser).body.payload.append(at, size);
  return 0;
}
int on_head_end_pause(llhttp_t* parser) {
  gathered(parser).is_head_complete = true;
  return HPE_PAUSED;
}
int on_message_end_pause(llhttp_t* parser) {
  gathered(parser).is_message_complete = true;
  return HPE_PAUSED;
}

void run(llhttp_type_t type, llhttp_settings_t& settings, std::string_view bytes, llhttp_t& parser,
         Gathered& seen) {
  settings.on_url = on_target;
  settings.on_header_field = on_name;
  settings.on_header_value = on_value;
  settings.on_header_value_complete = on_value_end;
  settings.on_body = on_body;
  llhttp_init(&parser, type, &settings);
  parser.data = &seen;
  llhttp_execute(&parser, bytes.data(), bytes.size());
  const char* const why = llhttp_get_error_reason(&parser);
  reason = why == nullptr ? "" : why;
}

std::optional<Head> read_head(llhttp_type_t type, std::string_view bytes) {
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_headers_complete = on_head_end_pause;
  llhttp_t parser;
  Gathered seen;
  run(type, settings, bytes, parser, seen);
  if (!seen.is_head_complete) return std::nullopt;
  seen.head.bytes = static_cast<std::size_t>(llhttp_get_error_pos(&parser) - bytes.data());
  seen.head.minor_version = parser.http_minor;
  seen.head.says_close = (parser.flags & F_CONNECTION_CLOSE) != 0;
  if ((parser.flags & F_CHUNKED) != 0) {
    seen.head.body = {Framing::chunked, 0};
  } else if ((parser.flags & F_CONTENT_LENGTH) != 0) {
    seen.head.body = {Framing::length, parser.content_length};
  }
  if (type == HTTP_REQUEST) {
    seen.head.method = llhttp_method_name(static_cast<llhttp_method_t>(parser.method));
  } else {
    seen.head.status = parser.status_code;
  }
  return seen.head;
}

}  // namespace

bool is_available() noexcept {
  return true;
}

std::optional<Head> read_request(std::string_view bytes) {
  return read_head(HTTP_REQUEST, bytes);
}

std::optional<Head> read_answer(std::string_view bytes) {
  return read_head(HTTP_RESPONSE, bytes);
}

std::optional<Body> read_chunked(std::string_view bytes) {
  constexpr std::string_view head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string message = std::string{head}.append(bytes);
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_message_complete = on_message_end_pause;
  llhttp_t parser;
  Gathered seen;
  run(HTTP_REQUEST, settings, message, parser, seen);
  if (!seen.is_message_complete) return std::nullopt;
  seen.body.bytes =
      static_cast<std::size_t>(llhttp_get_error_pos(&parser) - message.data()) - head.size();
  return seen.body;
}

std::string_view last_reason() noexcept {
  return reason;
}
#else
bool is_available() noexcept {
  return false;
}

std::optional<Head> read_request(std::string_view) {
  return std::nullopt;
}

std::optional<Head> read_answer(std::string_view) {
  return std::nullopt;
}

std::optional<Body> read_chunked(std::string_view) {
  return std::nullopt;
}

std::string_view last_reason() noexcept {
  return "there is no llhttp here";
}
#endif

}  // namespace relay::http::oracle
