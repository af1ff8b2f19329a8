#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/head.h"
#include "sim/answer.h"
#include "sim/request_log.h"
#include "sim/script.h"
#include "sim/workspace.h"

namespace relay::sim {

// A request that has been read.
struct Call {
  const http::RequestHead& head;
  std::string_view body;  // Decoded.
  const Script& script;
  std::uint64_t number;
  std::optional<StoredFile> upload;
};

// The Messages API, without sockets: what it holds, what it answers and what it has seen. All
// connections of a simulator share one. Belongs to one thread.
class Api {
 public:
  struct Options {
    std::string credential;
    std::string origin;    // As in https://api.anthropic.com: of absolute URLs.
    std::string log_path;  // Empty: no file.
  };

  Api(const Clock& clock, Options options);

  // True if the request shows the right credential, and no other.
  [[nodiscard]] bool is_authorized(const http::Fields& fields) const;

  // Whether the value of this field is or contains a credential.
  [[nodiscard]] static bool is_credential(std::string_view name) noexcept;

  // The answer of the real API, as far as it is simulated, or what the script has instead.
  [[nodiscard]] Answer answer(const Call& call, bool is_authorized);

  // GET /__sim/..., for tests. No answer: the path is not one of these.
  [[nodiscard]] std::optional<Answer> control(const http::RequestHead& head);

  // The fields that every answer has: whole lines.
  [[nodiscard]] std::string common_fields(std::uint64_t number, std::string_view nonce);

  // How many there have been of this id, this one included.
  [[nodiscard]] std::int64_t count_attempt(const std::string& id);

  [[nodiscard]] std::uint64_t next_number() noexcept { return next_number_++; }
  [[nodiscard]] WallTime wall() const noexcept { return clock_.wall(); }
  [[nodiscard]] RequestLog& log() noexcept { return log_; }
  [[nodiscard]] RequestLog::Gauges& gauges() noexcept { return gauges_; }

 private:
  [[nodiscard]] Answer route(const Call& call);
  [[nodiscard]] Answer model_call(const Call& call);

  const Clock& clock_;
  Options options_;
  RequestLog log_;
  RequestLog::Gauges gauges_;
  Workspace workspace_;
  std::map<std::string, std::int64_t> attempts_;
  std::uint64_t next_number_ = 1;
  std::chrono::sys_seconds fields_of_{};  // The second that dated_fields_ names.
  std::string dated_fields_;
};

}  // namespace relay::sim
