#include "admin/reports_api.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "admin/json_writer.h"
#include "admin/ledger_page.h"
#include "admin/ledger_parameters.h"
#include "admin/page_json.h"
#include "admin/parameters.h"
#include "admin/period.h"
#include "admin/usage_report.h"
#include "core/words.h"

namespace relay::admin {
namespace {

using core::GroupBy;

constexpr int days_default = 30;
constexpr std::size_t groups_max = 2;

// As the parameter `by` names it, and the member of a row.
struct GroupName {
  std::string_view word;
  std::string_view member;
};
constexpr std::array<GroupName, 5> group_names = {{{"key", "key_id"},
                                                   {"model", "model"},
                                                   {"tag", "tag"},
                                                   {"tier", "tier"},
                                                   {"outcome", "outcome"}}};

const GroupName& name_of(GroupBy group) {
  return group_names[static_cast<std::size_t>(group)];
}
static_assert(static_cast<std::size_t>(GroupBy::delivery) == 4);

std::vector<GroupBy> read_groups(Parameters& asked) {
  constexpr std::string_view expected =
      "one or two of key, model, tag, tier and outcome, separated by a comma";
  std::vector<GroupBy> groups;
  for (const std::string_view word : asked.list("by")) {
    const auto name = std::ranges::find(group_names, word, &GroupName::word);
    const auto group = static_cast<GroupBy>(name - group_names.begin());
    const bool is_new = std::ranges::find(groups, group) == groups.end();
    if (name == group_names.end() || !is_new || groups.size() == groups_max) {
      asked.refuse("by", expected);
      return groups;
    }
    groups.push_back(group);
  }
  return groups;
}

// The names of the keys in a report, by their ids. A deleted key has none here.
Result<std::map<std::string, std::string>> key_names(core::Store& store,
                                                     const UsageQuestion& question,
                                                     const std::vector<core::UsageGroup>& groups) {
  std::map<std::string, std::string> names;
  const auto place = std::ranges::find(question.by, GroupBy::key) - question.by.begin();
  if (static_cast<std::size_t>(place) == question.by.size()) return names;
  for (const core::UsageGroup& group : groups) {
    const std::string& id = group.names[static_cast<std::size_t>(place)];
    const auto [name, is_new] = names.emplace(id, "");
    if (!is_new) continue;
    const Result<core::ApiKey> key = store.find_key(id);
    if (!key && key.error().code != ErrorCode::not_found) return std::unexpected(key.error());
    if (key) name->second = key->name;
  }
  return names;
}

// Each tag of a key counts all of it, so rows by tag do not add up to what was used.
Result<core::UsageSums> total_of(core::Store& store, UsageQuestion question,
                                 const std::vector<core::UsageGroup>& groups) {
  core::UsageSums total;
  if (std::ranges::find(question.by, GroupBy::tag) == question.by.end()) {
    for (const core::UsageGroup& group : groups) total += group.sums;
    return total;
  }
  question.by.clear();
  question.cut = Cut::none;
  const auto whole = usage_groups(store, question);
  if (!whole) return std::unexpected(whole.error());
  for (const core::UsageGroup& group : *whole) total += group.sums;
  return total;
}

void write_group(JsonWriter& json, const UsageQuestion& question, const core::UsageGroup& group,
                 const std::map<std::string, std::string>& key_names) {
  json.begin_object();
  if (question.cut != Cut::none) json.member("start", group.bucket);
  for (std::size_t i = 0; i < question.by.size(); ++i) {
    json.member_or_null(name_of(question.by[i]).member, group.names[i]);
    if (question.by[i] == GroupBy::key) {
      json.member_or_null("key_name", key_names.at(group.names[i]));
    }
  }
  write_sums(json, group.sums);
  json.end();
}

core::AuditFilter audit_filter(Parameters& asked, const OpenPeriod& period) {
  return {.from = period.from,
          .to = period.to,
          .action = asked.text("action"),
          .object = asked.text("object"),
          .actor = asked.text("actor")};
}

void write_audit(JsonWriter& json, const core::AuditEntry& entry) {
  const auto raw_or_null = [](const std::string& text) {
    return text.empty() ? std::string_view{"null"} : std::string_view{text};
  };
  json.begin_object()
      .member("id", entry.id)
      .member("at", entry.at)
      .member("actor", entry.actor)
      .member("from", to_string(entry.from))
      .member("action", entry.action)
      .member_or_null("object", entry.object)
      .member_or_null("name", entry.name)
      .key("before")
      .raw(raw_or_null(entry.before))
      .key("after")
      .raw(raw_or_null(entry.after))
      .end();
}

}  // namespace

Result<Reply> ReportsApi::usage(const Call& call) {
  Parameters asked{call.head.query()};
  UsageQuestion question{.zone = read_zone(asked, zone_)};
  question.period = read_period(asked, question.zone, clock_.wall(), days_default);
  question.cut = asked.word("bucket", "hour, day, month or none", parse_cut).value_or(Cut::none);
  question.by = read_groups(asked);
  question.filter = read_exchanges(asked);
  const Result<void> keys = read_keys(asked, store_, question.filter);
  if (!keys) return std::unexpected(keys.error());
  const Result<void> sound = asked.finish();
  if (!sound) return std::unexpected(sound.error());

  const auto groups = usage_groups(store_, question);
  if (!groups) return std::unexpected(groups.error());
  const auto total = total_of(store_, question, *groups);
  if (!total) return std::unexpected(total.error());
  const auto names = key_names(store_, question, *groups);
  if (!names) return std::unexpected(names.error());

  JsonWriter json;
  json.begin_object()
      .member("from", question.period.from)
      .member("to", question.period.to)
      .member("time_zone", question.zone.name())
      .member("bucket", to_string(question.cut))
      .key("data")
      .begin_list();
  for (const core::UsageGroup& group : *groups) write_group(json, question, group, *names);
  json.end().key("totals").begin_object();
  write_sums(json, *total);
  json.end().end();
  return json_reply(200, json.take());
}

Result<Reply> ReportsApi::logs(const Call& call) {
  return ledger_page(store_, zone_, call, Reader::administrator);
}

Result<Reply> ReportsApi::audit(const Call& call) {
  Parameters asked{call.head.query()};
  const OpenPeriod period = read_open_period(asked, read_zone(asked, zone_));
  const core::AuditFilter filter = audit_filter(asked, period);
  const core::PageRequest wanted = asked.page();
  const Result<void> sound = asked.finish();
  if (!sound) return std::unexpected(sound.error());
  const Result<core::Page<core::AuditEntry>> page = store_.page_of_audit(filter, wanted);
  if (!page) return std::unexpected(page.error());
  return json_reply(200, page_json(*page, write_audit));
}

}  // namespace relay::admin
