#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "app/load_config.h"

namespace relay::app {

// A folder of its own, with the files that a configuration comes from.
class ConfigFixture : public testing::Test {
 protected:
  ConfigFixture() {
    std::string path = testing::TempDir() + "relay_config_XXXXXX";
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
    folder_ = path;
    inputs_.folder = path;
  }
  ~ConfigFixture() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, std::string_view text, int mode = 0600) {
    const std::filesystem::path file = folder_ / name;
    std::ofstream{file, std::ios::binary} << text;
    std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
  }
  void set(const std::string& name, std::string value) {
    inputs_.environment[name] = {std::move(value), "environment variable " + name};
  }
  void flag(std::string name, std::string value) {
    inputs_.flags.push_back({std::move(name), {std::move(value)}});
  }

  LoadedConfig loaded() {
    auto result = load_config(inputs_);
    if (result) return *std::move(result);
    std::string problems;
    for (const Problem& problem : result.error()) problems += to_string(problem) + "\n";
    ADD_FAILURE() << problems;
    return {};
  }

  // One per line, without the folder.
  std::string problems() {
    const auto result = load_config(inputs_);
    std::string text;
    if (result) return text;
    for (const Problem& problem : result.error()) text += to_string(problem) + "\n";
    const std::string prefix = folder_.string() + "/";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

  std::filesystem::path folder_;
  ConfigInputs inputs_;
};

}  // namespace relay::app
