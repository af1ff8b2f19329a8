#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/body_decoder.h"
#include "http/head.h"
#include "sim/digest.h"
#include "sim/multipart.h"

namespace relay::sim {

// The body of one request while it comes in: counted and hashed, and held, unless it is the upload
// of a file, of which only the file is kept. Knows no sockets.
class RequestBody {
 public:
  explicit RequestBody(const http::RequestHead& head);

  // Takes what belongs to the body from the front of `received`. invalid_request: bad framing.
  // request_too_large: more than the real API takes. Nothing can be added after an error.
  [[nodiscard]] Result<void> take(std::string& received);

  [[nodiscard]] bool is_complete() const noexcept { return decoder_.is_done(); }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

  // As far as it has come.
  [[nodiscard]] std::string_view held() const noexcept { return held_; }

  // With its content coding resolved. Requires: complete. invalid_request: it cannot be.
  [[nodiscard]] Result<std::string_view> text();

  // Both once.
  [[nodiscard]] std::string sha256() { return digest_.finish(); }
  [[nodiscard]] std::optional<StoredFile> take_upload();

 private:
  http::BodyDecoder decoder_;
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::string coding_;
  std::string held_;
  std::optional<MultipartFile> upload_;
  Sha256 digest_;
};

}  // namespace relay::sim
