#include "load_client/answer_reader.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace relay::bench {
namespace {

constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::string_view length_field = "\r\ncontent-length:";

std::uint64_t number_after(std::string_view head, std::size_t at) noexcept {
  while (at < head.size() && head[at] == ' ') ++at;
  std::uint64_t number = 0;
  std::from_chars(head.data() + at, head.data() + head.size(), number);
  return number;
}

int hex_value(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  const char lower = static_cast<char>(digit | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

void AnswerReader::reset() noexcept {
  state_ = State::head;
  status_ = 0;
  head_.clear();
}

bool AnswerReader::read(std::string_view bytes) {
  while (!bytes.empty() && state_ != State::done) {
    switch (state_) {
      case State::head: bytes = read_head(bytes); break;
      case State::length: bytes = skip(bytes, State::done); break;
      case State::chunk_size: bytes = read_chunk_size(bytes); break;
      case State::chunk: bytes = skip(bytes, State::chunk_end); break;
      case State::chunk_end: bytes = read_line_end(bytes, State::chunk_size); break;
      case State::trailer: bytes = read_trailer(bytes); break;
      case State::done: break;
    }
  }
  return state_ == State::done;
}

std::string_view AnswerReader::read_head(std::string_view bytes) {
  const std::size_t had = head_.size();
  head_.append(bytes);
  const std::size_t end = head_.find(head_end, had < 3 ? 0 : had - 3);
  if (end == std::string::npos) return {};
  bytes.remove_prefix(end + head_end.size() - had);
  head_.resize(end + 2);
  std::ranges::transform(head_, head_.begin(), [](unsigned char c) { return std::tolower(c); });

  status_ = static_cast<int>(number_after(head_, std::string_view{"http/1.1"}.size()));
  closes_ = head_.find("\r\nconnection: close\r\n") != std::string::npos;
  const std::size_t length = head_.find(length_field);
  left_ = length == std::string::npos ? 0 : number_after(head_, length + length_field.size());
  if (head_.find("\r\ntransfer-encoding: chunked") != std::string::npos) {
    left_ = 0;
    state_ = State::chunk_size;
  } else {
    state_ = left_ == 0 ? State::done : State::length;
  }
  return bytes;
}

std::string_view AnswerReader::skip(std::string_view bytes, State after) noexcept {
  const std::size_t skipped = std::min<std::uint64_t>(left_, bytes.size());
  left_ -= skipped;
  if (left_ == 0) state_ = after;
  return bytes.substr(skipped);
}

std::string_view AnswerReader::read_chunk_size(std::string_view bytes) noexcept {
  const int digit = hex_value(bytes.front());
  if (digit >= 0) left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
  if (bytes.front() == '\n') {
    state_ = left_ == 0 ? State::trailer : State::chunk;
    has_trailer_line_ = false;
  }
  return bytes.substr(1);
}

std::string_view AnswerReader::read_line_end(std::string_view bytes, State after) noexcept {
  if (bytes.front() == '\n') state_ = after;
  return bytes.substr(1);
}

std::string_view AnswerReader::read_trailer(std::string_view bytes) noexcept {
  if (bytes.front() == '\n') {
    if (!has_trailer_line_) state_ = State::done;
    has_trailer_line_ = false;
  } else if (bytes.front() != '\r') {
    has_trailer_line_ = true;
  }
  return bytes.substr(1);
}

}  // namespace relay::bench
