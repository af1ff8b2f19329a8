#include "admin/system_api.h"

#include "admin/json_writer.h"

namespace relay::admin {
namespace {

Error not_running() {
  return {.code = ErrorCode::not_found,
          .origin = Origin::client,
          .message = "No relay is running that could say how it is."};
}

void write_upstream(JsonWriter& json, const UpstreamView& upstream) {
  json.begin_object()
      .member("name", upstream.name)
      .member("url", upstream.url)
      .member("key", upstream.masked_key)
      .member("priority", upstream.priority)
      .member("weight", upstream.weight)
      .member("state", upstream.cooldowns.empty() ? "up" : "cooling")
      .key("cooldowns")
      .begin_list();
  for (const UpstreamView::Cooldown& cooldown : upstream.cooldowns) {
    json.begin_object().member("family", cooldown.family).member("until", cooldown.until).end();
  }
  json.end()
      .member("in_flight", upstream.in_flight)
      .member_or_null("last_error", upstream.last_error)
      .member("last_error_at", upstream.last_error_at)
      .end();
}

void write_config(JsonWriter& json, const std::vector<ConfigLine>& lines) {
  json.key("config").begin_list();
  for (const ConfigLine& line : lines) {
    json.begin_object()
        .member("path", line.path)
        .member("value", line.value)
        .member("source", line.source)
        .end();
  }
  json.end();
}

}  // namespace

Result<Reply> SystemApi::upstreams(const Call&) {
  if (system_ == nullptr) return std::unexpected(not_running());
  JsonWriter json;
  json.begin_object().key("data").begin_list();
  for (const UpstreamView& upstream : system_->upstreams()) write_upstream(json, upstream);
  json.end().end();
  return json_reply(200, json.take());
}

Result<Reply> SystemApi::system(const Call&) {
  if (system_ == nullptr) return std::unexpected(not_running());
  const SystemView view = system_->view();
  JsonWriter json;
  json.begin_object()
      .member("version", view.version)
      .member("uptime_seconds", view.uptime.count())
      .member("time_zone", view.time_zone)
      .member("loops", view.loops)
      .member("connections", view.connections)
      .member("exchanges_in_flight", view.exchanges_in_flight)
      .key("store")
      .begin_object()
      .member("kind", view.store_kind)
      .member("bytes", view.store_bytes)
      .member_or_null("migration", view.migration)
      .end()
      .key("ledger")
      .begin_object()
      .member("backlog", view.journal_backlog_entries)
      .member("written", view.entries_written)
      .member("dropped", 0)
      .member("differences", view.differences)
      .member("reconciled_at", view.reconciled_at)
      .end();
  write_config(json, view.config);
  json.end();
  return json_reply(200, json.take());
}

}  // namespace relay::admin
