#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "admin/json_writer.h"
#include "base/clock.h"
#include "base/result.h"
#include "core/key.h"

namespace relay::admin {

// A key as the API shows it: all that was said of it, and what the ledger says. Its secret only in
// the one answer that creates it. `now` decides about its status.
void write_key(JsonWriter& json, const core::ApiKey& key, WallTime now,
               std::string_view secret = {});
std::string key_json(const core::ApiKey& key, WallTime now, std::string_view secret = {});

// Changes to the members of a key. Each was found sound; null takes away what was there.
using KeyPatch = nlohmann::json;

// What a request says of a key. Members that we do not know are refused: a limit that was misspelt
// must not become a key without one.
Result<KeyPatch> parse_key_patch(std::string_view body, WallTime now);
void apply_patch(const KeyPatch& patch, core::ApiKey& key);

// The key that a request describes, which has a name at least.
Result<core::ApiKey> parse_new_key(std::string_view body, WallTime now);

// The same for several keys at once, which differ in the number behind their names.
struct NewKeys {
  core::ApiKey key;
  std::size_t count = 0;
};
Result<NewKeys> parse_new_keys(std::string_view body, WallTime now);

// What differs between two states of a key, as JSON objects for the audit.
struct KeyDifference {
  std::string before;
  std::string after;
};
KeyDifference difference(const core::ApiKey& before, const core::ApiKey& after);

}  // namespace relay::admin
