#pragma once

#include <vector>

#include "app/config.h"
#include "app/option.h"

// Every option there is: the tables that the file, the environment and the flags are read by, that
// `check --dump` writes and that the documents are checked against.
namespace relay::app {

inline constexpr std::string_view primary_path = "upstream.primary";
inline constexpr std::string_view upstreams_path = "upstreams";
inline constexpr std::string_view tiers_path = "rate_limit.by_tier";

const std::vector<Option<Config>>& config_options();
const std::vector<Option<UpstreamConfig>>& upstream_options();  // Below upstream.primary too.
const std::vector<Option<TierConfig>>& tier_options();

// All of them as a table in Markdown.
std::string options_table();

// "timeouts.connect" is RELAY_TIMEOUTS_CONNECT.
std::string variable_of(std::string_view path);

}  // namespace relay::app
