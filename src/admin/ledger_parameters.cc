#include "admin/ledger_parameters.h"

#include <limits>

#include "base/address.h"
#include "base/limits.h"
#include "core/words.h"

namespace relay::admin {
namespace {

// "2xx"
std::optional<int> parse_status_class(std::string_view word) {
  const bool is_one = word.size() == 3 && word.ends_with("xx") && word[0] >= '1' && word[0] <= '5';
  return is_one ? std::optional{word[0] - '0'} : std::nullopt;
}

}  // namespace

core::LedgerFilter read_exchanges(Parameters& asked) {
  return {.model = asked.text("model"),
          .delivery = asked.word(
              "outcome", "complete, client_gone, upstream_failed, refused, abandoned or adjusted",
              core::parse_delivery)};
}

core::LedgerFilter read_entries(Parameters& asked) {
  core::LedgerFilter filter = read_exchanges(asked);
  filter.endpoint = asked.word(
      "endpoint",
      "messages, count_tokens, chat_completions, batches, files, models, other or advisor",
      core::parse_endpoint);
  filter.status_class = asked.word("status", "1xx, 2xx, 3xx, 4xx or 5xx", parse_status_class);
  filter.is_stream = asked.truth("stream");
  filter.is_estimated = asked.truth("estimated");
  filter.is_unpriced = asked.truth("unpriced");
  filter.cost_min = asked.usd("cost_min_usd");
  const auto duration =
      asked.count("duration_min_ms", 0, std::numeric_limits<std::uint32_t>::max());
  if (duration) filter.duration_ms_min = static_cast<std::uint32_t>(*duration);
  filter.client = asked.word("client", "an IP address", parse_address);
  filter.request = asked.text("request");
  return filter;
}

Result<void> read_keys(Parameters& asked, core::Store& store, core::LedgerFilter& filter) {
  filter.tag = asked.text("tag");
  filter.tier = asked.text("tier");
  asked.refuse_empty("tier", "the name of a tier");
  const std::vector<std::string_view> ids = asked.list("key");
  if (ids.size() > limits::report_keys_max) {
    asked.refuse("key", "at most " + std::to_string(limits::report_keys_max) + " ids of keys");
    return {};
  }
  for (const std::string_view id : ids) {
    const Result<core::KeyId> key = store.ledger_id_of(id);
    if (!key && key.error().code != ErrorCode::not_found) return std::unexpected(key.error());
    if (key) {
      filter.keys.push_back(*key);
    } else {
      asked.refuse("key", "the id of a key, or several, separated by commas");
    }
  }
  return {};
}

}  // namespace relay::admin
