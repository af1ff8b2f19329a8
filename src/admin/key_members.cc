#include "admin/key_members.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "admin/json_body.h"
#include "admin/key_rules.h"
#include "base/address_range.h"
#include "base/limits.h"
#include "base/rfc3339.h"

namespace relay::admin {
namespace {

using core::ApiKey;
using core::Window;
using nlohmann::json;

// `member` gives a reference into a key: [](auto& key) -> auto& { return key.x; }
template <typename Member>
KeyMember text(std::string name, std::size_t characters_max, Member member) {
  return {std::move(name), "a text of at most " + std::to_string(characters_max) + " characters",
          [characters_max, member](const json& value, ApiKey& key) {
            const std::optional<std::string> read =
                value.is_null() ? std::string{} : read_text(value, characters_max);
            if (read) member(key) = *read;
            return read.has_value();
          },
          [member](JsonWriter& out, const ApiKey& key) {
            member(key).empty() ? out.value(nullptr) : out.value(member(key));
          }};
}

template <typename Member>
KeyMember count(std::string name, std::int64_t least, std::int64_t most, Member member) {
  return {std::move(name),
          "a whole number from " + std::to_string(least) + " to " + std::to_string(most) +
              ", or null for no limit",
          [least, most, member](const json& value, ApiKey& key) {
            const auto read = read_count(value);
            const bool is_sound = value.is_null() || (read && *read >= least && *read <= most);
            if (is_sound) member(key) = read;
            return is_sound;
          },
          [member](JsonWriter& out, const ApiKey& key) { out.value(member(key)); }};
}

KeyMember token_limit(const std::string& name, Window window) {
  return count(
      name, 0, std::int64_t{1} << 53, [window](auto& key) -> auto& {
        return key.terms.token_limits[window];
      });
}

KeyMember usd_limit(std::string name, Window window) {
  return {std::move(name),
          "an amount of dollars, not negative and with at most nine decimals, or null for no limit",
          [window](const json& value, ApiKey& key) {
            const auto read = read_usd(value);
            const bool is_sound = value.is_null() || read;
            if (is_sound) key.terms.cost_limits[window] = read;
            return is_sound;
          },
          [window](JsonWriter& out, const ApiKey& key) {
            const auto limit = key.terms.cost_limits[window];
            limit ? out.value(Usd{*limit}) : out.value(nullptr);
          }};
}

// `parse` reads one text as an item of the list, or as none.
template <typename Parse, typename Show, typename Member>
KeyMember list(std::string name, std::size_t items_max, std::string items, Parse parse, Show show,
               Member member) {
  return {std::move(name), "a list of at most " + std::to_string(items_max) + " " + items,
          [items_max, parse, member](const json& value, ApiKey& key) {
            std::remove_reference_t<decltype(member(key))> read;
            const bool is_list = value.is_null() || (value.is_array() && value.size() <= items_max);
            if (!is_list) return false;
            for (const json& item : value) {
              auto parsed = item.is_string() ? parse(item.get_ref<const std::string&>())
                                             : decltype(parse(std::string{})){};
              if (!parsed) return false;
              if (std::ranges::find(read, *parsed) == read.end()) read.push_back(*parsed);
            }
            member(key) = std::move(read);
            return true;
          },
          [show, member](JsonWriter& out, const ApiKey& key) {
            out.begin_list();
            for (const auto& item : member(key)) out.value(show(item));
            out.end();
          }};
}

template <typename Parse, typename Member>
KeyMember texts(std::string name, std::size_t items_max, std::string items, Parse parse,
                Member member) {
  return list(
      std::move(name), items_max, std::move(items), parse,
      [](const std::string& item) { return item; }, member);
}

// A member that is one of a few words.
template <typename Value>
struct Word {
  std::string_view word;
  Value value;
};

template <typename Value, typename Member>
KeyMember word(std::string name, std::string expected, std::vector<Word<Value>> words, Value none,
               Member member) {
  return {std::move(name), std::move(expected),
          [words, none, member](const json& value, ApiKey& key) {
            if (value.is_null()) member(key) = none;
            const auto is_meant = [&](const auto& each) { return value == each.word; };
            const auto found = std::ranges::find_if(words, is_meant);
            if (found != words.end()) member(key) = found->value;
            return value.is_null() || found != words.end();
          },
          [words, member](JsonWriter& out, const ApiKey& key) {
            const auto is_set = [&](const auto& each) { return member(key) == each.value; };
            const auto found = std::ranges::find_if(words, is_set);
            found == words.end() ? out.value(nullptr) : out.value(found->word);
          }};
}

// Whether there is such a tier is looked for later.
KeyMember tier() {
  return {"rate_limit_tier", "the name of a tier, or null for what is configured",
          [](const json& value, ApiKey& key) {
            const auto read = read_text(value, limits::tier_name_bytes_max);
            const bool is_sound = value.is_null() || (read && !read->empty());
            if (is_sound) key.terms.tier = read.value_or("");
            return is_sound;
          },
          [](JsonWriter& out, const ApiKey& key) {
            key.terms.tier.empty() ? out.value(nullptr) : out.value(key.terms.tier);
          }};
}

KeyMember expiry() {
  return {"expires_at", "a time like 2027-01-31T00:00:00Z, or null for never",
          [](const json& value, ApiKey& key) {
            const auto read = value.is_string() ? parse_rfc3339(value.get_ref<const std::string&>())
                                                : std::nullopt;
            const bool is_sound = value.is_null() || read;
            if (is_sound) key.terms.expires_at = read;
            return is_sound;
          },
          [](JsonWriter& out, const ApiKey& key) { out.value(key.terms.expires_at); }};
}

void add_identity(std::vector<KeyMember>& all) {
  all.push_back(text(
      "name", limits::key_name_characters_max, [](auto& key) -> auto& { return key.name; }));
  all.push_back(text(
      "description", limits::key_description_characters_max,
      [](auto& key) -> auto& { return key.description; }));
  all.push_back(text(
      "owner", limits::key_owner_characters_max, [](auto& key) -> auto& { return key.owner; }));
  all.push_back(texts(
      "tags", limits::key_tags_max,
      "texts of 1 to " + std::to_string(limits::key_tag_characters_max) +
          " characters, none of them a control character",
      parse_tag, [](auto& key) -> auto& { return key.tags; }));
}

void add_limits(std::vector<KeyMember>& all) {
  all.push_back(token_limit("token_limit", Window::total));
  all.push_back(token_limit("token_limit_5h", Window::five_hours));
  all.push_back(token_limit("token_limit_day", Window::day));
  all.push_back(token_limit("token_limit_week", Window::week));
  all.push_back(token_limit("token_limit_month", Window::month));
  all.push_back(usd_limit("usd_limit", Window::total));
  all.push_back(usd_limit("usd_limit_5h", Window::five_hours));
  all.push_back(usd_limit("usd_limit_day", Window::day));
  all.push_back(usd_limit("usd_limit_week", Window::week));
  all.push_back(usd_limit("usd_limit_month", Window::month));
  all.push_back(tier());
  all.push_back(count(
      "concurrency", 1, limits::exchanges_in_flight_max,
      [](auto& key) -> auto& { return key.terms.concurrency; }));
}

void add_access(std::vector<KeyMember>& all) {
  all.push_back(texts(
      "allowed_models", limits::key_models_max, "model ids, in which * stands for any text",
      parse_model_glob, [](auto& key) -> auto& { return key.terms.models; }));
  all.push_back(list(
      "allowed_ips", limits::key_addresses_max, "IP addresses or ranges such as 10.0.0.0/8",
      [](const std::string& item) { return parse_client_range(item); },
      [](const AddressRange& range) { return to_string(range); },
      [](auto& key) -> auto& { return key.terms.addresses; }));
  all.push_back(texts(
      "allowed_domains", limits::key_domains_max,
      "domains such as example.com, example.com:8443 or *.example.com", parse_domain,
      [](auto& key) -> auto& { return key.terms.domains; }));
  all.push_back(expiry());
  all.push_back(count(
      "days_from_first_use", 1, limits::key_days_max,
      [](auto& key) -> auto& { return key.terms.days_from_first_use; }));
}

void add_policies(std::vector<KeyMember>& all) {
  all.push_back(word<std::optional<core::OnAbort>>(
      "on_abort", "\"cancel\", \"drain\", or null for what the relay does",
      {{"cancel", core::OnAbort::cancel}, {"drain", core::OnAbort::drain}}, std::nullopt,
      [](auto& key) -> auto& { return key.terms.on_abort; }));
  all.push_back(word<core::HoldPolicy>(
      "hold", "\"estimate\" or \"strict\"",
      {{"estimate", core::HoldPolicy::estimate}, {"strict", core::HoldPolicy::strict}},
      core::HoldPolicy::estimate, [](auto& key) -> auto& { return key.terms.hold; }));
}

}  // namespace

const std::vector<KeyMember>& key_members() {
  static const std::vector<KeyMember> members = [] {
    std::vector<KeyMember> all;
    add_identity(all);
    add_limits(all);
    add_access(all);
    add_policies(all);
    return all;
  }();
  return members;
}

}  // namespace relay::admin
