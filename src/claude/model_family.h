#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace relay::claude {

// Models that share a limit at the upstream. A closed set, so it can label a metric.
enum class ModelFamily : std::uint8_t { opus, sonnet, haiku, fable, mythos, other };
inline constexpr std::array every_family = {ModelFamily::opus,   ModelFamily::sonnet,
                                            ModelFamily::haiku,  ModelFamily::fable,
                                            ModelFamily::mythos, ModelFamily::other};

[[nodiscard]] constexpr std::string_view to_string(ModelFamily family) noexcept {
  switch (family) {
    case ModelFamily::opus: return "opus";
    case ModelFamily::sonnet: return "sonnet";
    case ModelFamily::haiku: return "haiku";
    case ModelFamily::fable: return "fable";
    case ModelFamily::mythos: return "mythos";
    case ModelFamily::other: return "other";
  }
  return "other";
}

// From a model id, in which the family is a word between dashes: claude-opus-5-5, and also
// claude-3-5-haiku-20241022.
[[nodiscard]] constexpr ModelFamily family_of(std::string_view model) noexcept {
  while (!model.empty()) {
    const std::string_view word = model.substr(0, model.find('-'));
    for (const ModelFamily family : {ModelFamily::opus, ModelFamily::sonnet, ModelFamily::haiku,
                                     ModelFamily::fable, ModelFamily::mythos}) {
      if (word == to_string(family)) return family;
    }
    model.remove_prefix(std::min(word.size() + 1, model.size()));
  }
  return ModelFamily::other;
}

}  // namespace relay::claude
