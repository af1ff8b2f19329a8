#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace relay::bench {

// Finds the end of one answer of HTTP/1.1, framed by its length or in chunks. It trusts the peer:
// this is a measuring tool, and what it costs is not to be measured.
class AnswerReader {
 public:
  // For the next answer.
  void reset() noexcept;

  // Takes the next bytes. True once the answer is complete; what follows it is ignored, because
  // the client does not pipeline.
  bool read(std::string_view bytes);

  // Once the head is complete; 0 before.
  [[nodiscard]] int status() const noexcept { return status_; }

  // Whether the head says that the connection ends with this answer.
  [[nodiscard]] bool closes() const noexcept { return closes_; }

 private:
  enum class State : std::uint8_t { head, length, chunk_size, chunk, chunk_end, trailer, done };

  std::string_view read_head(std::string_view bytes);
  std::string_view skip(std::string_view bytes, State after) noexcept;
  std::string_view read_chunk_size(std::string_view bytes) noexcept;
  std::string_view read_line_end(std::string_view bytes, State after) noexcept;
  std::string_view read_trailer(std::string_view bytes) noexcept;

  State state_ = State::head;
  int status_ = 0;
  bool closes_ = false;
  std::string head_;
  std::uint64_t left_ = 0;         // Bytes of the body, or of this chunk.
  bool has_trailer_line_ = false;  // The line under way is not empty.
};

}  // namespace relay::bench
