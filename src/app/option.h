#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/option_kinds.h"

namespace relay::app {

// "a, b" as a list of two; empty text as an empty list.
std::vector<std::string> split_list(std::string_view text);

// One thing that can be configured: the row from which it is read, written, checked and documented.
// `Target` is what it belongs to: Config, UpstreamConfig or TierConfig.
template <typename Target>
struct Option {
  std::string path;           // Within its target: "timeouts.connect".
  std::string what;           // What it takes.
  std::string about;          // One sentence.
  std::string variable = {};  // An environment variable beside RELAY_<PATH>.
  std::string flag = {};      // Of `serve`.
  bool is_list = false;
  bool is_secret = false;
  // Reads one text, or any number of them for a list. On failure the target is as it was.
  std::function<Parsed<void>(Target&, std::span<const std::string>)> set = {};
  std::function<std::vector<std::string>(const Target&)> show = {};

  [[nodiscard]] Option with_variable(std::string name) && {
    variable = std::move(name);
    return std::move(*this);
  }
  [[nodiscard]] Option with_flag(std::string name) && {
    flag = std::move(name);
    return std::move(*this);
  }
};

// `member` gives a reference into its argument: [](auto& target) -> auto& { return target.x; }
template <typename Target, typename Kind, typename Member>
Option<Target> make_option(std::string path, Kind kind, Member member, std::string about) {
  Option<Target> option{std::move(path), kind.what(), std::move(about)};
  option.is_secret = std::is_same_v<Kind, SecretKind>;
  option.set = [kind, member](Target& target, std::span<const std::string> texts) -> Parsed<void> {
    if (texts.size() != 1) return std::unexpected("expected one value: " + kind.what());
    auto value = kind.parse(texts.front());
    if (!value) return std::unexpected(value.error());
    member(target) = *std::move(value);
    return {};
  };
  option.show = [kind, member](const Target& target) {
    return std::vector<std::string>{kind.show(member(target))};
  };
  return option;
}

// As make_option(), for a member that is a vector.
template <typename Target, typename Kind, typename Member>
Option<Target> make_list_option(std::string path, Kind kind, Member member, std::string about) {
  Option<Target> option{std::move(path), "a list: " + kind.what(), std::move(about)};
  option.is_list = true;
  option.set = [kind, member](Target& target, std::span<const std::string> texts) -> Parsed<void> {
    std::vector<typename Kind::Value> values;
    for (const std::string& text : texts) {
      auto value = kind.parse(text);
      if (!value && texts.size() == 1) return std::unexpected(value.error());
      if (!value) {
        return std::unexpected(fmt::format("value {}: {}", values.size() + 1, value.error()));
      }
      values.push_back(*std::move(value));
    }
    member(target) = std::move(values);
    return {};
  };
  option.show = [kind, member](const Target& target) {
    std::vector<std::string> texts;
    for (const auto& value : member(target)) texts.push_back(kind.show(value));
    return texts;
  };
  return option;
}

}  // namespace relay::app
