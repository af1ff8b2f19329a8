#pragma once

#include <string>
#include <string_view>

namespace relay::claude {

// The scheme and authority of an upstream and of the relay, as they stand in front of a path:
// "https://api.anthropic.com", "http://127.0.0.1:8000".
struct Origins {
  std::string_view upstream;
  std::string_view own;
};

// `json`, an answer about batches, with every `results_url` that lies on the upstream leading to
// the relay: of the batch itself, or of each in `data`. Clients fetch that URL with the key they
// have, which is ours and must not go elsewhere. Every other byte stays as it is, and so does all
// from where the text is not JSON.
[[nodiscard]] std::string with_own_results_urls(std::string_view json, const Origins& origins);

}  // namespace relay::claude
