// Writes a YAML document as JSON: yaml_to_json IN OUT. Runs while the relay is built.
#include <yaml-cpp/yaml.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

namespace {

using nlohmann::ordered_json;

// By the core schema of YAML 1.2 (section 10.3.2): what is quoted is a text, whatever it looks
// like.
ordered_json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;
  if (text == "true") return true;
  if (text == "false") return false;
  if (text == "null" || text == "~" || text.empty()) return nullptr;
  ordered_json number = ordered_json::parse(text, nullptr, false);
  return number.is_number() ? number : ordered_json(text);
}

ordered_json convert(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Undefined:
    case YAML::NodeType::Null: return nullptr;
    case YAML::NodeType::Scalar: return scalar(node);
    case YAML::NodeType::Sequence: {
      ordered_json list = ordered_json::array();
      for (const YAML::Node& item : node) list.push_back(convert(item));
      return list;
    }
    case YAML::NodeType::Map: {
      ordered_json object = ordered_json::object();
      for (const auto& member : node) {
        const std::string name = member.first.Scalar();
        if (object.contains(name)) throw YAML::RepresentationException{member.first.Mark(), name};
        object[name] = convert(member.second);
      }
      return object;
    }
  }
  return nullptr;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  try {
    const ordered_json document = convert(YAML::LoadFile(arguments[1]));
    std::ofstream out{arguments[2], std::ios::binary};
    out << document.dump();
    out.close();
    return out ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", arguments[1], error.what());
    return 1;
  }
}
