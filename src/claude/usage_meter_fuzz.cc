// Invariants under test: where the bytes are cut never changes what is counted, and no answer, be
// it never so wrong, makes us owe the client tokens or charge more than there can be.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/limits.h"
#include "claude/usage_meter.h"

namespace {

namespace claude = relay::claude;
namespace core = relay::core;
namespace limits = relay::limits;
using claude::AnswerKind;
using claude::UsageMeter;

constexpr AnswerKind kinds[] = {AnswerKind::messages_events, AnswerKind::messages_json,
                                AnswerKind::chat_events, AnswerKind::chat_json};
constexpr std::string_view codings[] = {"", "gzip", "deflate", "br", "zstd", "unknown"};

core::TokenCount count_bytes(std::string_view text) {
  return static_cast<core::TokenCount>(text.size());
}

void expect(bool holds) {
  if (!holds) std::abort();
}

bool is_possible(core::TokenCount count) {
  return count >= 0 && count <= limits::tokens_per_count_max;
}

void expect_possible(const core::Usage& usage) {
  expect(is_possible(usage.input) && is_possible(usage.output));
  expect(is_possible(usage.cache_write_5m) && is_possible(usage.cache_write_1h));
  expect(is_possible(usage.cache_read) && is_possible(usage.web_searches));
}

void expect_same(const UsageMeter& a, const UsageMeter& b) {
  expect(a.final_usage(5, count_bytes) == b.final_usage(5, count_bytes));
  expect(a.usage_so_far(5) == b.usage_so_far(5));
  expect(a.is_final() == b.is_final() && a.saw_input() == b.saw_input());
  expect(a.has_bad_usage() == b.has_bad_usage() && a.terms() == b.terms());
  expect(a.served_model() == b.served_model() && a.stop_reason() == b.stop_reason());
  expect(std::ranges::equal(a.advisors(), b.advisors()));
  expect(a.error_type() == b.error_type() && a.saw_message_stop() == b.saw_message_stop());
  expect(a.at_event_boundary() == b.at_event_boundary());
}

}  // namespace

// The first byte chooses what the answer is, the second where it is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const AnswerKind kind = kinds[data[0] % std::size(kinds)];
  const std::string_view coding = codings[data[0] / std::size(kinds) % std::size(codings)];
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 2, size - 2};
  const std::size_t cut = bytes.empty() ? 0 : data[1] % bytes.size();

  UsageMeter whole{kind, coding};
  whole.observe(bytes);
  expect_possible(whole.final_usage(5, count_bytes));
  expect_possible(whole.usage_so_far(5));

  UsageMeter halves{kind, coding};
  halves.observe(bytes.substr(0, cut));
  halves.observe(bytes.substr(cut));
  UsageMeter drops{kind, coding};
  for (std::size_t at = 0; at < bytes.size(); ++at) drops.observe(bytes.substr(at, 1));

  // A coded answer that goes wrong does so at the byte that says so: the rest counts as text.
  if (whole.has_unread_bytes() || halves.has_unread_bytes() || drops.has_unread_bytes()) return 0;
  expect_same(whole, halves);
  expect_same(whole, drops);
  return 0;
}
