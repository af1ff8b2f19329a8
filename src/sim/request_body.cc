#include "sim/request_body.h"

#include <span>

#include "base/limits.h"
#include "sim/coding.h"

namespace relay::sim {
namespace {

std::size_t bytes_max_of(std::string_view path) noexcept {
  if (path == "/v1/files") return limits::file_body_bytes_max;
  if (path == "/v1/messages/batches") return limits::batch_body_bytes_max;
  return limits::request_body_bytes_max;
}

bool is_upload(const http::RequestHead& head) noexcept {
  return head.method == http::Method::post && head.path() == "/v1/files";
}

std::unexpected<Error> refuse(ErrorCode code, std::string_view message) {
  return std::unexpected(
      Error{.code = code, .origin = Origin::client, .message = std::string{message}});
}

}  // namespace

RequestBody::RequestBody(const http::RequestHead& head)
    : decoder_{head.body},
      bytes_max_{bytes_max_of(head.path())},
      coding_{head.fields.find("content-encoding").value_or("")} {
  if (is_upload(head)) upload_.emplace(head.fields.find("content-type").value_or(""));
}

Result<void> RequestBody::take(std::string& received) {
  while (!received.empty() && !is_complete()) {
    const Result<http::BodyDecoder::Decoded> decoded = decoder_.decode(std::span{received});
    if (!decoded) return std::unexpected(decoded.error());
    bytes_ += decoded->payload.size();
    if (bytes_ > bytes_max_) {
      return refuse(ErrorCode::request_too_large, "Request exceeds the maximum size");
    }
    digest_.add(decoded->payload);
    if (upload_) {
      upload_->add(decoded->payload);
    } else {
      held_ += decoded->payload;
    }
    received.erase(0, decoded->consumed);
  }
  return {};
}

Result<std::string_view> RequestBody::text() {
  if (coding_.empty() || coding_ == "identity") return std::string_view{held_};
  std::optional<std::string> decoded = decode(coding_, held_, limits::decoded_bytes_max);
  if (!decoded) {
    return refuse(ErrorCode::invalid_request, "request body cannot be decoded: " + coding_);
  }
  held_ = std::move(*decoded);
  coding_.clear();
  return std::string_view{held_};
}

std::optional<StoredFile> RequestBody::take_upload() {
  if (!upload_ || !upload_->is_complete()) return std::nullopt;
  return upload_->take();
}

}  // namespace relay::sim
