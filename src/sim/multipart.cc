#include "sim/multipart.h"

#include <algorithm>

#include "base/limits.h"
#include "http/head.h"

namespace relay::sim {
namespace {

// The value of `name="..."` or `name=...` in a field.
std::string parameter(std::string_view field, std::string_view name) {
  const std::string wanted = std::string{name} + "=";
  const std::size_t at = field.find(wanted);
  if (at == std::string_view::npos) return {};
  std::string_view value = field.substr(at + wanted.size());
  if (value.starts_with('"')) return std::string{value.substr(1, value.find('"', 1) - 1)};
  return std::string{value.substr(0, value.find_first_of("; \r\n"))};
}

std::string field_of(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !http::same_name(line.substr(0, colon), name)) continue;
    const std::size_t value = std::min(line.find_first_not_of(' ', colon + 1), line.size());
    return std::string{line.substr(value)};
  }
  return {};
}

}  // namespace

MultipartFile::MultipartFile(std::string_view content_type)
    : boundary_{"--" + parameter(content_type, "boundary")} {
}

void MultipartFile::add(std::string_view bytes) {
  if (state_ == State::done) return;
  pending_ += bytes;
  while (advance()) {
  }
}

bool MultipartFile::advance() {
  switch (state_) {
    case State::before_part: {
      const std::size_t at = pending_.find(boundary_ + "\r\n");
      if (at == std::string::npos) return false;
      pending_.erase(0, at + boundary_.size() + 2);
      state_ = State::in_head;
      return true;
    }
    case State::in_head: return read_head();
    case State::in_file: return read_file();
    case State::done: return false;
  }
  __builtin_unreachable();
}

bool MultipartFile::read_head() {
  const std::size_t end = pending_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const std::string head = pending_.substr(0, end + 2);
  const std::string name = parameter(field_of(head, "content-disposition"), "filename");
  pending_.erase(0, end + 4);
  state_ = name.empty() ? State::before_part : State::in_file;
  if (name.empty()) return true;
  file_.name = name;
  const std::string type = field_of(head, "content-type");
  if (!type.empty()) file_.media_type = type;
  return true;
}

// The boundary may come with the next bytes, so as many as it has are held back.
bool MultipartFile::read_file() {
  const std::string end = "\r\n" + boundary_;
  const std::size_t at = pending_.find(end);
  const bool has_ended = at != std::string::npos;
  const std::size_t known =
      has_ended ? at : pending_.size() - std::min(end.size(), pending_.size());
  keep(std::string_view{pending_}.substr(0, known));
  pending_.erase(0, known);
  if (!has_ended) return false;
  file_.sha256 = digest_.finish();
  state_ = State::done;
  pending_.clear();
  return false;
}

void MultipartFile::keep(std::string_view bytes) {
  digest_.add(bytes);
  file_.bytes += bytes.size();
  if (file_.bytes <= limits::simulator_file_bytes_kept_max) {
    file_.content += bytes;
  } else {
    file_.content.clear();
    file_.content.shrink_to_fit();
  }
}

StoredFile MultipartFile::take() {
  return std::move(file_);
}

}  // namespace relay::sim
