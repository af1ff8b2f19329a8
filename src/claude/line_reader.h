#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace relay::claude {

// Splits an event stream into its lines (WHATWG HTML section 9.2.6): they end in LF, CR or CRLF,
// and a byte order mark may stand in front of the first. Bytes may be cut anywhere. A line that
// lies within one piece is not copied; of one that does not, the beginning is kept.
//
// Not thread-safe.
class LineReader {
 public:
  struct Line {
    std::string_view text;  // Without its end. Empty if there is more than limits::event_bytes_max.
    std::size_t bytes = 0;  // How long it was.

    [[nodiscard]] bool is_too_long() const noexcept { return bytes > text.size(); }
  };

  // Requires: next() has given none, or was not called yet. The bytes must stay until it does.
  void feed(std::string_view piece) noexcept;

  // The next whole line, valid until the next call.
  [[nodiscard]] std::optional<Line> next();

  // Several lines at once, for speed: if what comes next is `lead` (which ends inside a line), the
  // rest of that line and an empty line, all within the piece and ended by LF, goes behind them and
  // gives that rest.
  [[nodiscard]] std::optional<std::string_view> next_after(std::string_view lead) noexcept;

  // True while bytes of a line were seen whose end was not. Asked when next() has given none.
  [[nodiscard]] bool is_inside_line() const noexcept { return kept_bytes_ > 0; }

 private:
  std::size_t line_end(std::size_t from) noexcept;
  void keep(std::string_view part);
  Line line(std::string_view rest);

  std::string_view piece_;
  std::size_t at_ = 0;
  std::size_t cr_ = 0;  // The first CR not before at_, once looked for: no byte is looked at twice.
  std::string kept_;    // The beginning of the unfinished line,
  std::size_t kept_bytes_ = 0;  // and how long it is really.
  bool is_first_ = true;
  bool is_after_cr_ = false;   // An LF now belongs to the last line.
  bool is_cr_sought_ = false;  // cr_ is of this piece.
};

}  // namespace relay::claude
