#include "http/head_writer.h"

#include <cassert>
#include <charconv>

#include "base/put.h"

namespace relay::http {
namespace {

bool never_has_body(int status) noexcept {
  return status < 200 || status == 204;
}

char* put_status_line(char* to, int status) noexcept {
  to = put_digits(put(to, "HTTP/1.1 "), static_cast<unsigned>(status), 3);
  return put(put(put(to, " "), reason_phrase(status)), "\r\n");
}

// A head without a body may still say how long it would be: for HEAD, and for 304.
char* put_framing(char* to, const ResponseHead& head, const AnswerEnds& ends) noexcept {
  if (ends.body.kind == Framing::chunked) return put(to, "transfer-encoding: chunked\r\n");
  const bool has_length =
      ends.body.kind != Framing::until_close && head.length && !never_has_body(head.status);
  if (!has_length) return to;
  return put(put_number(put(to, "content-length: "), *head.length), "\r\n");
}

char* put_connection(char* to, const AnswerEnds& ends) noexcept {
  if (!ends.keep_alive || ends.body.kind == Framing::until_close) {
    return put(to, "connection: close\r\n");
  }
  return ends.request_minor_version == 0 ? put(to, "connection: keep-alive\r\n") : to;
}

}  // namespace

BodyFraming answer_framing(const RequestHead& request, const ResponseHead& head) noexcept {
  const bool has_body =
      request.method != Method::head && !never_has_body(head.status) && head.status != 304;
  if (!has_body) return {};
  if (head.length) return {Framing::length, *head.length};
  return {request.minor_version == 0 ? Framing::until_close : Framing::chunked, 0};
}

void write_answer_head(const ResponseHead& head, const AnswerEnds& ends, std::string& out) {
  assert(head.status >= 100 && head.status <= 999);
  constexpr std::size_t fixed_bytes = 160;  // All but the fields and the date.
  const std::size_t before = out.size();
  const std::size_t room = fixed_bytes + head.fields.size() + ends.date_line.size();
  out.resize_and_overwrite(before + room, [&](char* memory, std::size_t) {
    char* to = put_status_line(memory + before, head.status);
    to = put_framing(put(to, head.fields), head, ends);
    to = put_connection(to, ends);
    return put(put(to, ends.date_line), "\r\n") - memory;
  });
}

ChunkSizeLine::ChunkSizeLine(std::size_t payload_bytes) noexcept {
  assert(payload_bytes > 0);
  const auto digits = std::to_chars(text_.begin(), text_.end(), payload_bytes, 16);
  digits.ptr[0] = '\r';
  digits.ptr[1] = '\n';
  size_ = static_cast<std::size_t>(digits.ptr + 2 - text_.begin());
}

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 425: return "Too Early";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 529: return "Overloaded";  // Anthropic's own.
    default: return "";
  }
}

}  // namespace relay::http
