#include "sim/sending.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <random>

namespace relay::sim {
namespace {

using Offset = std::optional<std::int64_t>;

constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

// Of three ways to name a place in the answer, the one that was used: bytes of the whole, bytes of
// the body, or pieces.
std::size_t place(const WireAnswer& answer, Offset at, Offset in_body, Offset pieces) noexcept {
  if (at) return static_cast<std::size_t>(*at);
  if (in_body) return answer.head_bytes + static_cast<std::size_t>(*in_body);
  if (!pieces) return never;
  const auto whole = static_cast<std::size_t>(*pieces);
  if (whole == 0) return answer.head_bytes;
  return whole > answer.marks.size() ? never : answer.marks[whole - 1].end;
}

// Deals out how many bytes go into one write.
class Fragments {
 public:
  explicit Fragments(const Script& script)
      : is_random_{script.fragment == "random"},
        random_{static_cast<std::minstd_rand::result_type>(script.seed)} {
    const std::string& text = script.fragment;
    std::from_chars(text.data(), text.data() + text.size(), bytes_);
  }

  [[nodiscard]] std::size_t next() {
    static constexpr std::size_t random_bytes_max = 64;
    if (is_random_) return 1 + random_() % random_bytes_max;
    return bytes_ == 0 ? never : bytes_;
  }

 private:
  std::size_t bytes_ = 0;
  bool is_random_;
  std::minstd_rand random_;
};

// One run over the bytes of an answer.
class Run {
 public:
  Run(Link& link, const WireAnswer& answer, const Script& script)
      : link_{link},
        answer_{answer},
        script_{script},
        fragments_{script},
        cut_{place(answer, script.cut_at, script.cut_body, script.cut_events)},
        stall_{place(answer, script.stall_at, script.stall_body, script.stall_events)} {}

  Task<Sent> run();

 private:
  Task<bool> send_head();
  Task<bool> send_up_to(std::size_t end);
  [[nodiscard]] std::size_t step(std::size_t end);
  [[nodiscard]] Sent outcome() const;

  Link& link_;
  const WireAnswer& answer_;
  const Script& script_;
  Fragments fragments_;
  std::size_t cut_;
  std::size_t stall_;
  std::size_t at_ = 0;
};

// The next write ends at a fragment, at a place where something happens, or at `end`.
std::size_t Run::step(std::size_t end) {
  std::size_t to = end;
  if (cut_ > at_) to = std::min(to, cut_);
  if (stall_ > at_) to = std::min(to, stall_);
  return std::min(to - at_, fragments_.next());
}

// False: this was the end, one way or the other.
Task<bool> Run::send_up_to(std::size_t end) {
  for (;;) {
    if (at_ == stall_) {
      stall_ = never;
      const bool alive = co_await link_.pause(script_.stall);
      if (!alive) co_return false;
    }
    if (at_ >= cut_) co_return false;
    if (at_ >= end) co_return true;
    const std::size_t bytes = step(end);
    const bool sent = co_await link_.send(std::string_view{answer_.bytes}.substr(at_, bytes));
    if (!sent) co_return false;
    at_ += bytes;
    if (at_ < end) {
      const bool alive = co_await link_.pause(script_.gap);
      if (!alive) co_return false;
    }
  }
}

Task<bool> Run::send_head() {
  if (script_.head_delay.count() > 0) {
    const bool alive = co_await link_.pause(script_.head_delay);
    if (!alive) co_return false;
  }
  if (!script_.head_apart && script_.first_delay.count() == 0) co_return true;
  const bool sent = co_await send_up_to(answer_.head_bytes);
  if (!sent) co_return false;
  const bool alive = co_await link_.pause(script_.first_delay);
  co_return alive;
}

Task<Sent> Run::run() {
  const bool begun = co_await send_head();
  if (!begun) co_return outcome();
  const auto together = static_cast<std::size_t>(std::max<std::int64_t>(script_.coalesce, 1));
  for (std::size_t i = 0; i < answer_.marks.size();) {
    i = std::min(i + together, answer_.marks.size());
    const bool is_last = i == answer_.marks.size();
    const std::size_t end = is_last ? answer_.bytes.size() : answer_.marks[i - 1].end;
    const bool sent = co_await send_up_to(end);
    if (!sent) break;
    if (is_last || script_.delay.count() == 0) continue;
    const bool alive = co_await link_.pause(script_.delay);
    if (!alive) break;
  }
  co_return outcome();
}

Sent Run::outcome() const {
  Sent sent{.ending = Ending::complete, .bytes = at_};
  for (const Mark& mark : answer_.marks) {
    if (mark.end > at_) break;
    ++sent.pieces;
    if (mark.usage) sent.usage = mark.usage;
  }
  if (at_ < answer_.bytes.size()) {
    sent.ending = at_ >= cut_ ? Ending::cut : Ending::client_closed;
  }
  return sent;
}

}  // namespace

Task<Sent> send_answer(Link& link, const WireAnswer& answer, const Script& script) {
  Run run{link, answer, script};
  const Sent sent = co_await run.run();
  co_return sent;
}

}  // namespace relay::sim
