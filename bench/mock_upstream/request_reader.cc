#include "mock_upstream/request_reader.h"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace relay::bench {
namespace {

constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::string_view last_chunk = "0\r\n\r\n";
constexpr std::size_t body_start_bytes = 256;

bool begins_with(std::string_view line, std::string_view name) noexcept {
  return line.size() > name.size() && line[name.size()] == ':' &&
         ::strncasecmp(line.data(), name.data(), name.size()) == 0;
}

std::string_view field(std::string_view head, std::string_view name) noexcept {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
       at = head.find("\r\n", at + 2)) {
    std::string_view line = head.substr(at + 2);
    if (!begins_with(line, name)) continue;
    line.remove_prefix(name.size() + 1);
    while (line.starts_with(' ')) line.remove_prefix(1);
    return line.substr(0, line.find("\r\n"));
  }
  return {};
}

std::int64_t number(std::string_view text, std::int64_t otherwise) noexcept {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? value : otherwise;
}

}  // namespace

bool RequestReader::read(std::string_view bytes) {
  return is_in_body_ ? read_body(bytes) : read_head(bytes);
}

bool RequestReader::read_head(std::string_view bytes) {
  head_.append(bytes);
  const std::size_t end = head_.find(head_end);
  if (end == std::string::npos) return false;
  const std::string whole = std::move(head_);
  head_.clear();
  const std::string_view head = std::string_view{whole}.substr(0, end + 2);
  request_ = {.events = static_cast<int>(number(field(head, "x-mock-events"), 60)),
              .delay = number(field(head, "x-mock-delay-us"), 0) * 1'000};
  is_chunked_ = field(head, "transfer-encoding") == "chunked";
  body_left_ = number(field(head, "content-length"), 0);
  body_start_.clear();
  body_end_.clear();
  is_in_body_ = true;
  return read_body(std::string_view{whole}.substr(end + head_end.size()));
}

bool RequestReader::read_body(std::string_view bytes) {
  if (body_start_.size() < body_start_bytes) {
    body_start_.append(bytes.substr(0, body_start_bytes - body_start_.size()));
    request_.wants_stream = body_start_.find(R"("stream":true)") != std::string::npos;
  }
  if (is_chunked_) {
    body_end_.append(bytes.substr(bytes.size() - std::min(bytes.size(), last_chunk.size())));
    body_end_.erase(0, body_end_.size() - std::min(body_end_.size(), last_chunk.size()));
    is_in_body_ = body_end_ != last_chunk;
  } else {
    body_left_ -= static_cast<std::int64_t>(bytes.size());
    is_in_body_ = body_left_ > 0;
  }
  return !is_in_body_;
}

}  // namespace relay::bench
