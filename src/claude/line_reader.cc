#include "claude/line_reader.h"

#include <algorithm>
#include <cstring>

#include "base/limits.h"

namespace relay::claude {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t kept_capacity_max = 4 * limits::kib;  // Beyond it memory is given back.

}  // namespace

void LineReader::feed(std::string_view piece) noexcept {
  piece_ = piece;
  at_ = 0;
  is_cr_sought_ = false;
}

std::optional<LineReader::Line> LineReader::next() {
  if (is_after_cr_ && at_ < piece_.size()) {
    if (piece_[at_] == '\n') ++at_;
    is_after_cr_ = false;
  }
  if (at_ == piece_.size()) return std::nullopt;
  const std::size_t end = line_end(at_);
  const std::string_view rest = piece_.substr(at_, end - at_);
  if (end == piece_.size()) {
    at_ = end;
    keep(rest);
    return std::nullopt;
  }
  at_ = end + 1;
  is_after_cr_ = piece_[end] == '\r';
  return line(rest);
}

std::optional<std::string_view> LineReader::next_after(std::string_view lead) noexcept {
  const bool is_new_line = !is_first_ && !is_after_cr_ && kept_bytes_ == 0;
  if (!is_new_line || !piece_.substr(at_).starts_with(lead)) return std::nullopt;
  const std::size_t begin = at_ + lead.size();
  const std::size_t end = line_end(begin);
  const bool is_event = piece_.substr(end).starts_with("\n\n");
  if (!is_event || end - at_ > limits::event_bytes_max) return std::nullopt;
  at_ = end + 2;
  return piece_.substr(begin, end - begin);
}

// Whichever comes first. The stretches looked through for LF do not overlap.
std::size_t LineReader::line_end(std::size_t from) noexcept {
  if (!is_cr_sought_ || cr_ < from) cr_ = std::min(piece_.find('\r', from), piece_.size());
  is_cr_sought_ = true;
  return std::min(piece_.substr(0, cr_).find('\n', from), cr_);
}

void LineReader::keep(std::string_view part) {
  if (kept_bytes_ == 0) {
    kept_.clear();
    if (kept_.capacity() > kept_capacity_max) kept_.shrink_to_fit();
  }
  kept_bytes_ += part.size();
  if (kept_bytes_ <= limits::event_bytes_max) kept_.append(part);
}

LineReader::Line LineReader::line(std::string_view rest) {
  if (kept_bytes_ > 0) {
    keep(rest);
    rest = kept_;
  }
  Line whole{rest, std::max(rest.size(), kept_bytes_)};
  kept_bytes_ = 0;
  if (whole.bytes > limits::event_bytes_max) whole.text = {};
  if (is_first_ && whole.text.starts_with(byte_order_mark)) {
    whole.text.remove_prefix(byte_order_mark.size());
    whole.bytes -= byte_order_mark.size();
  }
  is_first_ = false;
  return whole;
}

}  // namespace relay::claude
