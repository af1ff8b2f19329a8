#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/limits.h"
#include "core/terms.h"
#include "http/forwarding.h"

namespace relay::exchange {

using core::OnAbort;
using http::CredentialScheme;
using http::ForwardHeaders;
using http::RateLimitFields;

// One upstream, as the pipeline sees it. Its index in Settings is its http::UpstreamId.
struct UpstreamSettings {
  std::string name;
  std::string host;       // As the Host field says it: with its port, unless that is the default.
  std::string base_path;  // "/v1" of "https://api.anthropic.com/v1"; empty if there is none.
  std::string origin;     // "https://api.anthropic.com": what its own links begin with.
  std::string api_key;
  CredentialScheme scheme = CredentialScheme::x_api_key;
  int priority = 0;  // Lower ones are asked first.
  int weight = 1;    // Among those of one priority.
  std::chrono::milliseconds cooldown_max = limits::upstream_cooldown;
  std::chrono::milliseconds head_timeout = limits::response_head_timeout;
  std::chrono::milliseconds stream_head_timeout = limits::response_head_timeout;
  int retries_max = 3;
};

// What the operator decides about exchanges. Immutable while the relay runs.
struct Settings {
  std::vector<UpstreamSettings> upstreams;
  bool forwards_core_paths_only = false;     // Decision 8.
  bool forwards_organization_paths = false;  // /v1/organizations/*
  ForwardHeaders forward_headers = ForwardHeaders::denylist;
  RateLimitFields ratelimit_fields = RateLimitFields::pass;
  OnAbort on_abort = OnAbort::cancel;
  std::chrono::milliseconds abort_drain = limits::drain_after_client_left_max;
  std::string public_origin;  // "https://relay.example.com"; empty: as the request's Host says it.
  std::chrono::milliseconds ping_interval = limits::ping_interval;
  std::chrono::milliseconds stream_idle_timeout = limits::stream_idle_timeout;
  std::chrono::milliseconds stream_total_timeout = limits::stream_total_timeout;
  std::chrono::milliseconds first_event_wait = limits::first_event_wait_max;
  std::size_t request_body_bytes_max = limits::request_body_bytes_max;
  std::size_t batch_body_bytes_max = limits::batch_body_bytes_max;
  std::size_t file_body_bytes_max = limits::file_body_bytes_max;
};

}  // namespace relay::exchange
