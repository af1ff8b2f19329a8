#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "admin/json_writer.h"
#include "core/key.h"

namespace relay::admin {

// One thing that an operator can say of a key: the row from which it is read, written and compared.
struct KeyMember {
  std::string name;
  std::string expected;  // What it has to be, for whom it is refused.

  // False: it is not that, and the key is as it was. null takes away what was there.
  std::function<bool(const nlohmann::json& value, core::ApiKey& key)> read;

  std::function<void(JsonWriter& json, const core::ApiKey& key)> write;  // The value.
};

// In the order in which they are shown.
const std::vector<KeyMember>& key_members();

}  // namespace relay::admin
