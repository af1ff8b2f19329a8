#include "app/yaml_config.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "app/name_rules.h"
#include "app/options.h"
#include "app/suggest.h"
#include "base/limits.h"

namespace relay::app {
namespace {

// "upstream" of "upstream.primary", "" of "listen".
std::string_view first_part(std::string_view path) {
  return path.substr(0, path.find('.'));
}

// The names that may stand directly below `prefix` ("" or "timeouts.").
template <typename Target>
std::vector<std::string> names_below(std::string_view prefix,
                                     const std::vector<Option<Target>>& options) {
  std::set<std::string> names;
  const auto add = [&](std::string_view path) {
    if (path.starts_with(prefix)) names.emplace(first_part(path.substr(prefix.size())));
  };
  for (const Option<Target>& option : options) add(option.path);
  if constexpr (std::is_same_v<Target, Config>) {
    for (const std::string_view path : {primary_path, upstreams_path, tiers_path}) add(path);
  }
  return {names.begin(), names.end()};
}

class YamlReader {
 public:
  YamlReader(const std::string& file, const FindVariable& find, ConfigDraft& draft)
      : file_{file}, find_{find}, draft_{draft} {}

  void read(const YAML::Node& root) { read_below("", "", root, draft_.config, config_options()); }

 private:
  [[nodiscard]] std::string place(const YAML::Mark& mark) const {
    return mark.is_null() ? file_ : fmt::format("{}:{}:{}", file_, mark.line + 1, mark.column + 1);
  }

  void fail(const YAML::Node& at, std::string message) {
    draft_.fail(place(at.Mark()), std::move(message));
  }

  // Reads a mapping whose options begin with `prefix` in their table. `owner` is what the table
  // belongs to, in full: "upstreams[0].".
  template <typename Target>
  void read_below(const std::string& owner, const std::string& prefix, const YAML::Node& node,
                  Target& target, const std::vector<Option<Target>>& options) {
    if (node.IsNull()) return;  // All of it is commented out.
    if (!node.IsMap()) {
      return fail(node, fmt::format("{}: expected a mapping", named(owner + prefix)));
    }
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) {
        fail(entry.first, fmt::format("{}: expected a name", named(owner + prefix)));
        continue;
      }
      const std::string& name = entry.first.Scalar();
      if (!seen.insert(name).second) {
        fail(entry.first, fmt::format("{}{}{} is there twice", owner, prefix, name));
      } else if (!read_section(prefix + name, entry.second, target)) {
        read_entry(owner, prefix, entry.first, entry.second, target, options);
      }
    }
  }

  static std::string named(std::string path) {
    while (path.ends_with('.')) path.pop_back();
    return path.empty() ? "the file" : path;
  }

  template <typename Target>
  void read_entry(const std::string& owner, const std::string& prefix, const YAML::Node& key,
                  const YAML::Node& value, Target& target,
                  const std::vector<Option<Target>>& options) {
    const std::string path = prefix + key.Scalar();
    const auto option = std::ranges::find(options, path, &Option<Target>::path);
    if (option != options.end() && value.IsNull()) {
      return fail(key, fmt::format("{}: expected {}", owner + path, option->what));
    }
    if (option != options.end()) return read_option(*option, owner + path, value, target);

    const std::vector<std::string> known = names_below(prefix, options);
    if (std::ranges::find(known, key.Scalar()) != known.end()) {
      return read_below(owner, path + ".", value, target, options);
    }
    fail(key, fmt::format("unknown key '{}'{}{}", key.Scalar(),
                          prefix.empty() && owner.empty() ? "" : " in " + named(owner + prefix),
                          suggestion(key.Scalar(), known)));
  }

  // What is not a plain table of options. False: it is none of these.
  bool read_section(const std::string& path, const YAML::Node& node, Config& config) {
    if (path == primary_path) {
      read_below("upstream.primary.", "", node, config.upstreams.front(), upstream_options());
    } else if (path == upstreams_path) {
      read_upstreams(node, config);
    } else if (path == tiers_path) {
      read_tiers(node, config);
    } else {
      return false;
    }
    return true;
  }
  template <typename Target>
  bool read_section(const std::string&, const YAML::Node&, Target&) {
    return false;
  }

  void read_upstreams(const YAML::Node& node, Config& config) {
    if (node.IsNull()) return;
    if (!node.IsSequence()) return fail(node, "upstreams: expected a list");
    if (node.size() > limits::upstreams_max) {
      return fail(node, fmt::format("upstreams: more than {}", limits::upstreams_max));
    }
    for (std::size_t i = 0; i < node.size(); ++i) {
      UpstreamConfig& upstream = config.upstreams.emplace_back();
      upstream.name = fmt::format("upstream-{}", i + 1);
      upstream.path = fmt::format("{}[{}]", upstreams_path, i);
      draft_.sources[upstream.path] = place(node[i].Mark());
      read_below(upstream.path + ".", "", node[i], upstream, upstream_options());
    }
  }

  void read_tiers(const YAML::Node& node, Config& config) {
    if (node.IsNull()) return;
    const std::string path{tiers_path};
    if (!node.IsMap()) return fail(node, path + ": expected a mapping from names to limits");
    if (node.size() > limits::tiers_max) {
      return fail(node, fmt::format("{}: more than {}", path, limits::tiers_max));
    }
    config.rate_limit.by_tier.clear();
    draft_.sources[path] = place(node.Mark());
    for (const auto& entry : node) read_tier(entry.first, entry.second, config);
  }

  void read_tier(const YAML::Node& key, const YAML::Node& node, Config& config) {
    if (!key.IsScalar() || !is_name(key.Scalar())) {
      return fail(key, "the name of a tier: expected letters, digits, - and _, at most 31");
    }
    const auto [tier, is_new] = config.rate_limit.by_tier.try_emplace(key.Scalar());
    const std::string path = fmt::format("{}.{}", tiers_path, key.Scalar());
    if (!is_new) return fail(key, path + " is there twice");
    read_below(path + ".", "", node, tier->second, tier_options());
    if (node.IsMap() && tier->second.requests == 0 && !node["requests"]) {
      fail(key, path + ": requests is missing");
    }
  }

  template <typename Target>
  void read_option(const Option<Target>& option, const std::string& path, const YAML::Node& node,
                   Target& target) {
    std::vector<std::string> texts;
    const bool is_list = node.IsSequence() && option.is_list;
    if (is_list && node.size() > limits::config_list_max) {
      return fail(node, fmt::format("{}: more than {} values", path, limits::config_list_max));
    }
    if (is_list) {
      for (const YAML::Node& each : node) {
        if (!read_scalar(option, path, each, texts)) return;
      }
    } else if (!read_scalar(option, path, node, texts)) {
      return;
    }
    draft_.assign(option, target, path, texts, place(node.Mark()));
  }

  template <typename Target>
  bool read_scalar(const Option<Target>& option, const std::string& path, const YAML::Node& node,
                   std::vector<std::string>& texts) {
    if (!node.IsScalar()) {
      fail(node, fmt::format("{}: expected {}", path, option.what));
      return false;
    }
    auto text = expand_variables(node.Scalar(), find_);
    if (!text) {
      fail(node, fmt::format("{}: {}", path, text.error()));
      return false;
    }
    if (option.is_list) {
      std::ranges::move(split_list(*text), std::back_inserter(texts));
    } else {
      texts.push_back(*std::move(text));
    }
    return true;
  }

  const std::string& file_;
  const FindVariable& find_;
  ConfigDraft& draft_;
};

}  // namespace

void read_yaml_config(const std::string& file, const std::string& text, const FindVariable& find,
                      ConfigDraft& draft) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1) draft.fail(file, "expected one document, not several");
    if (documents.size() == 1) YamlReader{file, find, draft}.read(documents.front());
  } catch (const YAML::Exception& error) {
    const std::string place =
        error.mark.is_null()
            ? file
            : fmt::format("{}:{}:{}", file, error.mark.line + 1, error.mark.column + 1);
    draft.fail(place, error.msg);
  }
}

}  // namespace relay::app
