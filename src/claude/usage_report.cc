#include "claude/usage_report.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/limits.h"

namespace relay::claude {
namespace {

using Token = JsonReader::Token;
using Count = UsageReport::Count;

Count count_of(std::string_view number, std::int64_t most) {
  core::TokenCount count = 0;
  const auto parsed = std::from_chars(number.data(), number.data() + number.size(), count);
  const bool is_whole = parsed.ec == std::errc{} && parsed.ptr == number.data() + number.size();
  const bool is_count = is_whole && count >= 0 && count <= most;
  return is_count ? Count{count} : std::nullopt;
}

ServiceTier tier_of(std::string_view text) {
  if (text == "standard") return ServiceTier::standard;
  if (text == "priority") return ServiceTier::priority;
  return text == "batch" ? ServiceTier::batch : ServiceTier::unknown;
}

InferenceGeo geo_of(std::string_view text) {
  if (text == "global") return InferenceGeo::global;
  return text == "us" ? InferenceGeo::us : InferenceGeo::other;
}

// Reads one usage object and the objects inside it.
class Reading {
 public:
  explicit Reading(JsonReader& reader) noexcept : reader_{reader} {}

  UsageReport run(Token first) {
    if (first == Token::null) return {};
    if (first == Token::object) {
      report_.is_bad = !usage() || report_.is_bad;
    } else {
      skip_value(reader_, first);
      report_.is_bad = true;
    }
    separate_cached();
    return std::move(report_);
  }

 private:
  bool usage() {
    return each_member(reader_, [this](std::string_view name, Token first) {
      if (token_member(report_, name, first)) return true;
      if (name == "prompt_tokens") return count(report_.input, first);
      if (name == "completion_tokens") return count(report_.output, first);
      if (name == "iterations" && first == Token::array) return iterations();
      if (first == Token::object && name == "server_tool_use") return inner();
      if (first == Token::object && name == "prompt_tokens_details") return inner();
      if (first == Token::string) terms_member(name);
      return skip_value(reader_, first);
    });
  }

  // What the usage object and its iterations have in common. False: none of these.
  bool token_member(UsageReport& report, std::string_view name, Token first) {
    if (name == "input_tokens") return count(report.input, first);
    if (name == "output_tokens") return count(report.output, first);
    if (name == "cache_creation_input_tokens") return count(report.cache_write, first);
    if (name == "cache_read_input_tokens") return count(report.cache_read, first);
    return first == Token::object && name == "cache_creation" && cache_creation(report);
  }

  bool cache_creation(UsageReport& report) {
    return each_member(reader_, [&](std::string_view name, Token first) {
      if (name == "ephemeral_5m_input_tokens") return count(report.cache_write_5m, first);
      if (name == "ephemeral_1h_input_tokens") return count(report.cache_write_1h, first);
      return skip_value(reader_, first);
    });
  }

  bool inner() {
    return each_member(reader_, [this](std::string_view name, Token first) {
      if (name == "web_search_requests")
        return count(report_.web_searches, first, limits::web_searches_max);
      if (name == "cached_tokens") return count(cached_of_prompt_, first);
      return skip_value(reader_, first);
    });
  }

  bool iterations() {
    for (;;) {
      const Token token = reader_.next();
      if (token == Token::array_end) return true;
      const bool is_read = token == Token::object ? iteration() : skip_value(reader_, token);
      if (!is_read) return false;
    }
  }

  bool iteration() {
    UsageReport report;
    ModelName model;
    bool is_compaction = false;
    bool is_advisor = false;
    const bool is_read = each_member(reader_, [&](std::string_view name, Token first) {
      if (token_member(report, name, first)) return true;
      const bool is_text = first == Token::string;
      if (name == "type") is_compaction = is_text && reader_.is_text("compaction");
      if (name == "type") is_advisor = is_text && reader_.is_text("advisor_message");
      if (name == "model" && is_text) model = reader_.short_text<ModelName::bytes_max>();
      return skip_value(reader_, first);
    });
    if (is_compaction) add(report_.compactions, report);
    if (is_advisor) add(usage_of(report_.advisors, model), report);
    return is_read;
  }

  static void add(core::Usage& sum, const UsageReport& report) {
    const core::TokenCount long_lived = report.cache_write_1h.value_or(0);
    const core::TokenCount short_lived =
        std::max(report.cache_write_5m.value_or(0), report.cache_write.value_or(0) - long_lived);
    sum += {.input = report.input.value_or(0),
            .output = report.output.value_or(0),
            .cache_write_5m = short_lived,
            .cache_write_1h = long_lived,
            .cache_read = report.cache_read.value_or(0)};
    sum = core::bounded(sum);
  }

  void terms_member(std::string_view name) {
    if (name == "service_tier") report_.terms.tier = tier_of(reader_.text());
    if (name == "inference_geo") report_.terms.geo = geo_of(reader_.text());
    if (name == "speed") report_.terms.is_fast = reader_.is_text("fast");
  }

  // In chat/completions the prompt includes what was read from a cache; here it does not.
  void separate_cached() {
    if (!cached_of_prompt_ || !report_.input || *cached_of_prompt_ > *report_.input) return;
    report_.input = *report_.input - *cached_of_prompt_;
    report_.cache_read = cached_of_prompt_;
  }

  bool count(Count& into, Token first, std::int64_t most = limits::tokens_per_count_max) {
    if (first == Token::null) return true;
    const Count read = first == Token::number ? count_of(reader_.text(), most) : std::nullopt;
    if (!read) report_.is_bad = true;
    if (read) into = std::max(into.value_or(0), *read);
    return skip_value(reader_, first);
  }

  JsonReader& reader_;
  UsageReport report_;
  Count cached_of_prompt_;
};

}  // namespace

UsageReport read_usage(JsonReader& reader, Token first) {
  return Reading{reader}.run(first);
}

}  // namespace relay::claude
