#include "app/dump_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "app/options.h"
#include "base/json_text.h"

namespace relay::app {
namespace {

// Numbers, words and durations need no quotes; whatever has a meaning in YAML gets them.
std::string scalar(std::string_view text) {
  const bool is_plain = !text.empty() && std::ranges::all_of(text, [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '.';
  });
  if (is_plain) return std::string{text};
  std::string quoted = "\"";
  append_json_escaped(quoted, text);
  return quoted + '"';
}

template <typename Target>
std::string value_of(const Option<Target>& option, const Target& target) {
  std::string value;
  for (const std::string& text : option.show(target)) {
    std::string escaped = text;  // A "${" that is meant as such.
    for (std::size_t at = escaped.find("${"); at != std::string::npos;) {
      escaped.insert(at, "$");
      at = escaped.find("${", at + 3);
    }
    value += (value.empty() ? "" : ", ") + scalar(escaped);
  }
  return option.is_list ? "[" + value + "]" : value;
}

std::string source_of(const ConfigSources& sources, const std::string& path) {
  const auto found = sources.find(path);
  return found == sources.end() ? "default" : found->second;
}

class Dump {
 public:
  explicit Dump(const ConfigSources& sources) : sources_{sources} {}

  // Opens the mappings that lead to `path` and are not open yet, and writes its last part.
  void line(std::string_view path, std::string_view value) {
    std::size_t depth = 0;
    std::size_t dot = path.find('.');
    std::size_t begin = 0;
    for (; dot != std::string_view::npos; dot = path.find('.', begin), ++depth) {
      open(depth, path.substr(begin, dot - begin));
      begin = dot + 1;
    }
    open_.resize(depth);
    write(depth, fmt::format("{}:{}{}", path.substr(begin), value.empty() ? "" : " ", value),
          source_of(sources_, std::string{path}));
  }

  void item(const UpstreamConfig& upstream, bool is_first) {
    if (is_first) write(0, fmt::format("{}:", upstreams_path), "");
    open_.clear();
    std::string_view bullet = "-";
    for (const auto& option : upstream_options()) {
      write(1, fmt::format("{} {}: {}", bullet, option.path, value_of(option, upstream)),
            source_of(sources_, fmt::format("{}.{}", upstream.path, option.path)));
      bullet = " ";
    }
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void open(std::size_t depth, std::string_view name) {
    if (depth < open_.size() && open_[depth] == name) return;
    open_.resize(depth);
    open_.emplace_back(name);
    write(depth, fmt::format("{}:", name), "");
  }

  void write(std::size_t depth, const std::string& content, const std::string& source) {
    const std::string line = std::string(2 * depth, ' ') + content;
    text_ += source.empty() ? line : fmt::format("{:<48}  # {}", line, source);
    text_ += '\n';
  }

  const ConfigSources& sources_;
  std::string text_;
  std::vector<std::string> open_;  // The mappings that the last line lies in.
};

struct Row {
  std::string path;
  std::string value;
};

// Rows by the section they lie in, so that sections come together, each in the order of its table.
using Sections = std::map<std::string, std::vector<Row>>;

template <typename Target>
void add_rows(Sections& sections, const std::string& owner,
              const std::vector<Option<Target>>& options, const Target& target) {
  for (const Option<Target>& option : options) {
    const std::string path = owner + option.path;
    const std::size_t dot = path.rfind('.');
    const std::string section = path.substr(0, dot == std::string::npos ? 0 : dot);
    sections[section].push_back({path, value_of(option, target)});
  }
}

Sections all_sections(const Config& config) {
  Sections sections;
  add_rows(sections, "", config_options(), config);
  for (const auto& [name, tier] : config.rate_limit.by_tier) {
    add_rows(sections, fmt::format("{}.{}.", tiers_path, name), tier_options(), tier);
  }
  for (const UpstreamConfig& upstream : config.upstreams) {
    if (upstream.path == primary_path) {
      add_rows(sections, upstream.path + ".", upstream_options(), upstream);
    }
  }
  return sections;
}

}  // namespace

std::string dump_config(const LoadedConfig& loaded) {
  Dump dump{loaded.sources};
  for (const auto& [section, rows] : all_sections(loaded.config)) {
    for (const Row& row : rows) dump.line(row.path, row.value);
  }
  bool is_first = true;
  for (const UpstreamConfig& upstream : loaded.config.upstreams) {
    if (upstream.path != primary_path) dump.item(upstream, std::exchange(is_first, false));
  }
  return dump.take();
}

std::vector<admin::ConfigLine> config_lines(const LoadedConfig& loaded) {
  std::vector<admin::ConfigLine> lines;
  const auto add = [&](const std::string& path, std::string value) {
    lines.push_back({path, std::move(value), source_of(loaded.sources, path)});
  };
  for (const auto& [section, rows] : all_sections(loaded.config)) {
    for (const Row& row : rows) add(row.path, row.value);
  }
  for (const UpstreamConfig& upstream : loaded.config.upstreams) {
    if (upstream.path == primary_path) continue;
    for (const auto& option : upstream_options()) {
      add(upstream.path + "." + option.path, value_of(option, upstream));
    }
  }
  return lines;
}

}  // namespace relay::app
