#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sim/digest.h"
#include "sim/workspace.h"

namespace relay::sim {

// Finds the file in a multipart/form-data upload while it comes in, and keeps little of it: its
// hash, its size, and its content only if that is small. Pieces may be cut anywhere.
class MultipartFile {
 public:
  // The value of the content-type field.
  explicit MultipartFile(std::string_view content_type);

  void add(std::string_view bytes);

  // Whether a whole part with a file name has come.
  [[nodiscard]] bool is_complete() const noexcept { return state_ == State::done; }

  // Once, if complete.
  [[nodiscard]] StoredFile take();

 private:
  enum class State : std::uint8_t { before_part, in_head, in_file, done };

  bool advance();  // False: nothing more to be had from what there is.
  bool read_head();
  bool read_file();
  void keep(std::string_view bytes);

  std::string boundary_;  // With the dashes before it.
  std::string pending_;   // Not yet understood: at most a head, or a boundary cut in two.
  State state_ = State::before_part;
  StoredFile file_;
  Sha256 digest_;
};

}  // namespace relay::sim
