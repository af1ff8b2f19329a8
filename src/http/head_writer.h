#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "http/head.h"
#include "http/ports.h"

// The bytes of answers to clients. Every function appends to `out`.
namespace relay::http {

// How the body of an answer to this request is framed. A request of HTTP/1.0 knows no chunks, so a
// body of unknown length ends with the connection.
[[nodiscard]] BodyFraming answer_framing(const RequestHead& request,
                                         const ResponseHead& head) noexcept;

// What a connection adds to the head of an answer.
struct AnswerEnds {
  BodyFraming body;        // As answer_framing() says.
  bool keep_alive = true;  // False, or body.kind until_close: the connection ends with it.
  int request_minor_version = 1;
  std::string_view date_line;  // "date: ...\r\n", or empty.
};

// The whole head, with its blank line. `head.fields` must be whole lines.
void write_answer_head(const ResponseHead& head, const AnswerEnds& ends, std::string& out);

// The interim answer to Expect: 100-continue.
inline constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";

// What stands around the payload of a chunk: its size line and chunk_end. A size of 0 would end the
// body: that is last_chunk.
class ChunkSizeLine {
 public:
  explicit ChunkSizeLine(std::size_t payload_bytes) noexcept;
  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), size_}; }

 private:
  std::array<char, 2 * sizeof(std::size_t) + 2> text_;
  std::size_t size_;
};
inline constexpr std::string_view chunk_end = "\r\n";
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

// What a status means, or "" where nobody knows.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

}  // namespace relay::http
