#include "app/term_flags.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace relay::app {
namespace {

enum class Kind : std::uint8_t { text, number, list };

struct Term {
  const char* flag;
  const char* member;
  Kind kind;
  const char* about;
};

constexpr std::array terms = {
    Term{"--name", "name", Kind::text, "Whose it is."},
    Term{"--description", "description", Kind::text, "What it is for."},
    Term{"--owner", "owner", Kind::text, "Who answers for it."},
    Term{"--tag", "tags", Kind::list, "By which reports group it. May be repeated."},
    Term{"--token-limit", "token_limit", Kind::number, "Tokens in all."},
    Term{"--token-limit-5h", "token_limit_5h", Kind::number, "Tokens in any five hours."},
    Term{"--token-limit-day", "token_limit_day", Kind::number, "Tokens a day."},
    Term{"--token-limit-week", "token_limit_week", Kind::number, "Tokens a week."},
    Term{"--token-limit-month", "token_limit_month", Kind::number, "Tokens a month."},
    Term{"--usd-limit", "usd_limit", Kind::number, "Dollars in all."},
    Term{"--usd-limit-5h", "usd_limit_5h", Kind::number, "Dollars in any five hours."},
    Term{"--usd-limit-day", "usd_limit_day", Kind::number, "Dollars a day."},
    Term{"--usd-limit-week", "usd_limit_week", Kind::number, "Dollars a week."},
    Term{"--usd-limit-month", "usd_limit_month", Kind::number, "Dollars a month."},
    Term{"--tier", "rate_limit_tier", Kind::text, "How fast it may ask: the name of a tier."},
    Term{"--concurrency", "concurrency", Kind::number, "Exchanges at the same time."},
    Term{"--model", "allowed_models", Kind::list, "Such as 'claude-haiku-*'. May be repeated."},
    Term{"--ip", "allowed_ips", Kind::list, "Such as 10.0.0.0/8. May be repeated."},
    Term{"--domain", "allowed_domains", Kind::list, "Such as '*.example.com'. May be repeated."},
    Term{"--expires-at", "expires_at", Kind::text, "Such as 2027-01-31T00:00:00Z."},
    Term{"--expires-in-days", "expires_in_days", Kind::number, "From now."},
    Term{"--days-from-first-use", "days_from_first_use", Kind::number, "Then it expires."},
    Term{"--on-abort", "on_abort", Kind::text, "When its client leaves: cancel or drain."},
    Term{"--hold", "hold", Kind::text, "estimate, or strict to never overspend."},
};

// A number in JSON, digit by digit as it was written.
bool is_number(const std::string& text) {
  return nlohmann::json::accept(text) && nlohmann::json::parse(text).is_number();
}

void write_list(admin::JsonWriter& json, const std::vector<std::string>& texts) {
  json.begin_list();
  for (const std::string& text : texts) {
    if (text != "none") json.value(text);
  }
  json.end();
}

}  // namespace

void TermFlags::add_to(CLI::App& command) {
  for (const Term& term : terms) {
    auto* flag = command.add_option(term.flag, given_[term.flag], term.about);
    flag->type_name(term.kind == Kind::number ? "NUMBER" : "TEXT")->allow_extra_args(false);
    if (term.kind != Kind::list) flag->expected(1);
    flag->group("Terms; \"none\" takes away what was there");
  }
}

bool TermFlags::empty() const {
  return std::ranges::all_of(given_, [](const auto& flag) { return flag.second.empty(); });
}

std::expected<void, std::string> TermFlags::write(admin::JsonWriter& json) const {
  for (const Term& term : terms) {
    const auto found = given_.find(term.flag);
    if (found == given_.end() || found->second.empty()) continue;
    const std::string& text = found->second.front();
    json.key(term.member);
    if (term.kind == Kind::list) {
      write_list(json, found->second);
    } else if (text == "none") {
      json.value(nullptr);
    } else if (term.kind == Kind::text) {
      json.value(text);
    } else if (is_number(text)) {
      json.raw(text);
    } else {
      return std::unexpected(std::string{term.flag} + " takes a number, or none");
    }
  }
  return {};
}

}  // namespace relay::app
