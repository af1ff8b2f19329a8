#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "load_client/options.h"

namespace relay::bench {

// The requests, made beforehand: a head for each key, and one body for all.
class Requests {
 public:
  explicit Requests(const Options& options);

  // Which head comes next.
  [[nodiscard]] std::size_t next() noexcept { return turn_++ % heads_.size(); }

  [[nodiscard]] std::size_t bytes(std::size_t head) const noexcept {
    return heads_[head].size() + body_.size();
  }

  // What is left of a request of which `sent` bytes have gone.
  [[nodiscard]] std::array<iovec, 2> rest(std::size_t head, std::size_t sent) noexcept;

 private:
  std::vector<std::string> heads_;
  std::string body_;
  std::size_t turn_ = 0;
};

}  // namespace relay::bench
