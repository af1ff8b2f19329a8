#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// Every bound in the program, on one page. A buffer, queue, loop or wait that is not bounded by a
// name in this file is a bug. The configuration may lower some of these. Raising one is a change to
// this file, where the arithmetic below has to hold again.
namespace relay::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t kib = 1024;
inline constexpr std::size_t mib = 1024 * kib;

// One request, as it comes in.
inline constexpr std::size_t request_line_bytes_max = 8 * kib;  // RFC 9112 section 3 wants 8000.
inline constexpr std::size_t method_bytes_max = 64;
inline constexpr std::size_t request_head_bytes_max = 32 * kib;
inline constexpr std::size_t head_parse_step_bytes = kib;  // Between two attempts at a long line.
inline constexpr std::size_t fields_max = 100;
inline constexpr std::size_t chunk_size_digits_max = 16;
inline constexpr std::size_t chunk_extension_bytes_max = 256;       // Of one chunk.
inline constexpr std::size_t chunk_extensions_bytes_max = 4 * kib;  // Of one message.
inline constexpr std::size_t trailer_bytes_max = 8 * kib;
inline constexpr std::size_t trailer_fields_max = 32;
inline constexpr std::size_t forwarded_hops_max = 64;    // Of proxies that we trust.
inline constexpr std::size_t query_parameters_max = 32;  // Of our own endpoints.
inline constexpr std::size_t key_bytes_max = 128;        // A longer credential is none of ours.
inline constexpr std::size_t json_depth_max = 64;
inline constexpr std::size_t json_token_bytes_max = 4 * kib;  // Of a text we look at, or a number.
inline constexpr std::size_t model_bytes_max = 256;

// Anthropic's own limits per request: Messages 32 MB, batches 256 MB, files 500 MB.
inline constexpr std::size_t request_body_bytes_max = 32 * mib;
inline constexpr std::size_t batch_body_bytes_max = 256 * mib;
inline constexpr std::size_t file_body_bytes_max = 500 * mib;
inline constexpr std::size_t admin_body_bytes_max = 128 * kib;  // All that a key may carry.
inline constexpr std::size_t prices_body_bytes_max = 8 * mib;   // PUT /admin/prices.

// The admin API.
inline constexpr std::size_t session_token_bytes_max = 4 * kib;
inline constexpr std::size_t login_networks_max = 10'000;  // Whose wrong passwords are remembered.
inline constexpr std::size_t trusted_networks_max = 100;   // From which somebody has logged in.
inline constexpr std::size_t password_characters_max = 1'024;
inline constexpr std::size_t admin_tokens_max = 100;
inline constexpr auto admin_token_touch_interval = 1h;  // Between two notes of when it was used.
inline constexpr auto local_session_lifetime = 60s;     // Of a command on this host.
inline constexpr std::size_t page_rows_default = 50;
inline constexpr std::size_t page_rows_max = 500;
inline constexpr std::size_t cursor_bytes_max = 2 * kib;  // After a name, in hexadecimal digits.
inline constexpr std::size_t usage_buckets_max = 1'000;   // Hours, days or months of one report.
inline constexpr std::size_t report_rows_max = 20'000;
inline constexpr std::size_t report_keys_max = 100;  // That a report may be restricted to.

// What a key may carry. A character is a code point of Unicode, as in api/openapi.yaml.
inline constexpr std::size_t key_name_characters_max = 200;
inline constexpr std::size_t key_description_characters_max = 2'000;
inline constexpr std::size_t key_owner_characters_max = 200;
inline constexpr std::size_t key_tags_max = 32;
inline constexpr std::size_t key_tag_characters_max = 64;
inline constexpr std::size_t key_models_max = 64;
inline constexpr std::size_t key_addresses_max = 256;
inline constexpr std::size_t key_domains_max = 64;
inline constexpr std::size_t key_domain_bytes_max = 255;
inline constexpr int key_days_max = 36'500;
inline constexpr std::size_t key_batch_max = 500;  // Created at once.
inline constexpr auto key_grace_default = 24h;     // Of the secret before a rotation,
inline constexpr auto key_grace_max = 30 * 24h;    // and the longest.
inline constexpr std::size_t tier_name_bytes_max = 31;
inline constexpr std::int64_t tier_requests_max = 1'000'000'000;
inline constexpr auto tier_period_max = 24h;
inline constexpr std::int64_t tier_tokens_max = 1'000'000'000'000;  // A minute.

// Keys whose digest has to be made anew, by bcrypt.
inline constexpr auto key_proof_interval_min = 200ms;  // Between two proofs of one public id.
inline constexpr auto key_proof_wait_max = 5s;
inline constexpr auto key_proof_poll = 20ms;

// One client connection.
inline constexpr auto request_head_timeout = 10s;
inline constexpr auto client_idle_timeout = 60s;
inline constexpr auto body_grace = 10s;  // Beyond it a body must come at body_bytes_per_second_min.
inline constexpr std::size_t body_bytes_per_second_min = kib;
inline constexpr auto body_stall_max = 60s;                       // However much of it came before.
inline constexpr std::size_t body_reservation_bytes = 256 * kib;  // Before the first byte has come.
inline constexpr std::size_t copied_bytes_max = 4 * kib;  // Of a buffer that is not kept for them.
inline constexpr std::size_t kept_string_bytes_max = 2 * kib;  // While nothing is in it.
inline constexpr auto write_stall_max = 60s;                   // No progress: the client is gone.
inline constexpr std::size_t early_answer_drain_bytes_max = 64 * kib;
inline constexpr auto early_answer_drain_max = 1s;
inline constexpr auto lingering_close_max = 2s;
inline constexpr std::size_t lingering_close_bytes_max = 64 * mib;
inline constexpr std::size_t stream_buffer_bytes = 32 * kib;
inline constexpr std::size_t bulk_buffer_bytes = 256 * kib;  // Where much more is still due.

// One exchange.
inline constexpr int upstream_attempts_max = 10;  // max_retries of the configuration, plus one.
inline constexpr std::size_t response_head_bytes_max = 64 * kib;
inline constexpr int interim_responses_max = 8;
inline constexpr auto connect_timeout = 10s;
inline constexpr auto early_answer_wait = 1s;  // When the upstream did not take all of a request.
inline constexpr auto response_head_timeout = 600s;  // A non-stream answer may take 10 minutes.
inline constexpr auto stream_idle_timeout = 330s;    // Clients give up at 300 s of silence.
inline constexpr auto stream_total_timeout = 3600s;
inline constexpr auto ping_interval = 15s;           // Of upstream silence.
inline constexpr auto first_event_wait_max = 5s;     // How long a head waits for the first event.
inline constexpr auto first_bytes_wait_max = 20ms;   // How long other heads wait for the body.
inline constexpr auto retry_after_least = 1s;        // What we ask for ourselves.
inline constexpr auto retry_after_obeyed_max = 30s;  // Longer ones are the client's to wait for.
inline constexpr auto retry_delay_first = 250ms;     // Doubles; full jitter.
inline constexpr auto retry_delay_max = 8s;
inline constexpr double retry_budget_ratio = 0.1;     // Retries per request in the long run,
inline constexpr double retry_budget_per_second = 3;  // and this many beside.
inline constexpr std::int64_t tokens_per_count_max = 1'000'000'000;  // More is nonsense; sums fit.
inline constexpr std::int64_t web_searches_max = 10'000;  // Of an answer; more is nonsense, too.
inline constexpr std::int64_t output_hold_tokens_min = 1'024;  // Unless max_tokens is less.
inline constexpr std::int64_t output_tokens_assumed =
    128'000;  // Of a model, where max_tokens is not said.
inline constexpr std::int64_t calibration_tokens_min = 256;  // Of a question that is learned from.
inline constexpr std::size_t output_sizes_kept = 64;         // Of a key's last answers.
inline constexpr auto held_retry_after =
    5s;  // For what other exchanges of the key hold to come back.
inline constexpr std::size_t event_bytes_max = 4 * mib;     // The meter skips longer ones.
inline constexpr std::size_t decoded_bytes_max = 64 * mib;  // Of a compressed body's copy.
inline constexpr std::size_t decoded_ratio_max = 100;
inline constexpr std::size_t decoded_bytes_free = 64 * kib;  // Whatever the ratio.
inline constexpr std::size_t decoded_piece_bytes = 16 * kib;
inline constexpr int decoded_window_log_max = 23;  // RFC 9659 section 3.
inline constexpr std::size_t usage_json_bytes_max = 64 * kib;
inline constexpr std::size_t advisor_models_max = 4;       // Of one answer; more count as the last.
inline constexpr std::size_t estimate_sample_bytes = kib;  // Of text, kept to be tokenized.
inline constexpr std::size_t first_event_bytes_max = 64 * kib;
inline constexpr std::size_t token_piece_bytes_max = 256 * kib;         // Merged as one, in 8 MiB.
inline constexpr std::size_t estimate_question_sample_bytes = 4 * kib;  // Of a request.
inline constexpr std::size_t rewritten_body_bytes_max = 16 * mib;       // Held to be seen whole.
inline constexpr auto drain_after_client_left_max = 30s;
inline constexpr auto burst_gap = 200us;     // Pieces of an answer that are closer are a burst,
inline constexpr auto burst_gather = 100us;  // whose next ones are left to gather for so long,
inline constexpr std::size_t burst_bytes = 16 * kib;  // or until they are as much.
inline constexpr auto upstream_cooldown = 30s;        // At most, where the upstream names no time.

// One event loop.
inline constexpr std::size_t events_per_turn_max = 256;
inline constexpr std::size_t operations_in_a_row_max = 64;  // Then it is somebody else's turn.
inline constexpr std::size_t operations_together_max = 64;  // Tried, then resumed, then they send.
inline constexpr int steps_in_a_turn_max = 16;              // Of one coroutine that is not alone.
inline constexpr int sends_in_a_turn_max = 4;               // Of one coroutine.
inline constexpr std::size_t send_at_once_bytes_min = 64 * kib;  // Less may be put off.
inline constexpr std::size_t posted_jobs_max = 65'536;
inline constexpr std::size_t idle_buffers_max = 256;  // Kept for the next reader; more are freed.
inline constexpr std::size_t idle_bulk_buffers_max = 64;
inline constexpr std::size_t idle_body_bytes_min = 64 * kib;    // Smaller ones are not kept.
inline constexpr std::size_t idle_bodies_bytes_max = 16 * mib;  // Of all, for the next ones.
inline constexpr std::size_t spare_heads_max = 128;  // Memory of old heads, for the next ones.
inline constexpr std::size_t idle_upstream_connections_max = 256;
inline constexpr auto idle_upstream_connection_max = 55s;  // Shorter than what upstreams allow.
inline constexpr auto idle_upstream_check_interval = 5s;
inline constexpr auto loop_sleep_max = 60s;
inline constexpr auto keepalive_idle = 60s;  // Then the kernel asks whether the peer is there,
inline constexpr auto keepalive_interval = 10s;
inline constexpr int keepalive_probes = 6;   // and gives up after two minutes of silence.
inline constexpr auto accept_pause = 100ms;  // When a connection could not be accepted.

// The whole process.
inline constexpr std::size_t loops_max = 64;
inline constexpr std::size_t connections_max = 10'000;
inline constexpr std::size_t connections_per_address_max = 256;  // Before the first valid key.
inline constexpr std::size_t exchanges_in_flight_max = 10'000;
inline constexpr std::size_t request_bodies_bytes_max = 1024 * mib;  // All of them together.
inline constexpr std::size_t drains_at_once_max = 64;
inline constexpr std::size_t worker_threads = 2;
inline constexpr auto worker_job_wait_max = 30s;
inline constexpr std::size_t worker_jobs_max = 1'024;
inline constexpr std::size_t resolved_names_max = 256;  // Per loop; then all are forgotten.
inline constexpr std::size_t resolved_addresses_max = 8;
inline constexpr auto resolved_fresh = 30s;
inline constexpr auto unresolved_fresh = 1s;
inline constexpr auto look_up_max = 30s;  // Then another one may be begun for the same name.
inline constexpr std::size_t descriptors_reserved = 32;  // For the store, admin and upstreams.
inline constexpr auto drain_timeout = 300s;              // On SIGTERM, for streams to end,
inline constexpr auto last_words_max = 1s;  // and for the rest to be told that they do not.

// The journal and the ledger.
inline constexpr std::size_t journal_segment_bytes = 16 * mib;
inline constexpr std::size_t journal_backlog_bytes_max = 256 * mib;  // Not yet in the store.
inline constexpr std::size_t fault_watches_max = 256;  // Mapped segments of all journals.
inline constexpr auto journal_sync_interval = 100ms;   // What a loss of power may take.
inline constexpr auto journal_sync_interval_min = 10ms;
inline constexpr auto journal_sync_interval_max = 10s;
inline constexpr auto journal_sync_wait_max = 10s;  // By an exchange, where each has to.
inline constexpr auto progress_mark_interval = 2s;
inline constexpr std::size_t progress_mark_bytes = 16 * kib;
inline constexpr std::size_t ledger_batch_entries_max = 2'000;  // Many share what a commit costs.
inline constexpr auto ledger_stop_max = 10s;  // For the last entries, when the relay stops.
inline constexpr auto ledger_flush_interval = 100ms;
inline constexpr auto ledger_room_poll = 5ms;         // By what waits for room in a busy ledger,
inline constexpr auto ledger_room_wait_max = 30s;     // and for how long.
inline constexpr auto batch_claim_wait_max = 10s;     // For the store to say whose a batch is.
inline constexpr auto batch_results_kept = 30 * 24h;  // By the upstream: 29 days.
inline constexpr std::size_t recovery_batch_entries_max = 5'000;  // Nobody waits for a reader yet.

inline constexpr std::size_t differences_max = 1'000;      // Of a check; one is too many.
inline constexpr auto reconcile_delay_first = 60s;         // After the start,
inline constexpr auto reconcile_interval = 1h;             // and then between two looks at sums.
inline constexpr auto retention_interval = 10min;          // Between two looks for old entries.
inline constexpr std::size_t retention_step_rows = 2'000;  // Removed in one transaction.

// Logs and metrics.
inline constexpr std::size_t log_field_bytes_max = 256;
inline constexpr std::size_t log_message_bytes_max = kib;
inline constexpr std::size_t log_masked_bytes_max = 4 * kib;   // Of a field, before it is cut.
inline constexpr std::size_t log_backlog_bytes_max = 4 * mib;  // Beyond it lines are dropped.
inline constexpr auto log_flush_interval = 10ms;               // Lines are written in batches.
inline constexpr auto log_room_poll = 100ms;                   // By who waits for room in a pipe,
inline constexpr auto log_room_wait_max = 10s;                 // for so long while none comes.
inline constexpr auto log_end_wait_max = 3s;                   // For flush(), and when it ends.
inline constexpr auto log_report_interval = 1s;                // Between two of lost lines.
inline constexpr std::size_t masked_secret_bytes_min = 8;      // Shorter ones are ordinary words.
inline constexpr std::size_t masked_token_begin_bytes = 64;    // Behind a prefix within a word,
inline constexpr std::size_t masked_token_run_bytes_min = 20;  // so many without a hyphen.
inline constexpr std::size_t metrics_series_max = 10'000;      // Then label values become "other".

// The store.
inline constexpr std::size_t store_readers = 4;         // Connections that only read.
inline constexpr auto store_busy_timeout = 5s;          // Waiting for a lock of the database.
inline constexpr auto store_retry_delay_first = 100ms;  // Doubles.
inline constexpr auto store_retry_delay_max = 5s;

inline constexpr std::ptrdiff_t postgres_connections_max =
    8;  // Besides the ledger's and the listener's.
inline constexpr auto postgres_connect_max = 5s;
inline constexpr auto postgres_statement_max = 10s;  // Then the server gives up,
inline constexpr auto postgres_answer_max = 15s;     // and then we do, also on a whole batch.
inline constexpr auto postgres_listen_check_interval = 30s;     // Of silence: is it still there?
inline constexpr auto postgres_listen_retry_delay_max = 500ms;  // A key may be revoked meanwhile.
inline constexpr auto postgres_leisure_max = 6h;  // To migrate, to check and to forget.
inline constexpr std::int64_t ledger_sorted_entries_max = 10'000;  // For one page.
inline constexpr std::int64_t ledger_walked_entries_max = 20'000;
inline constexpr std::size_t usage_groups_max = 50'000;  // Of one report.

// The simulator, which serves tests.
inline constexpr std::size_t simulator_log_bytes_max = 256 * mib;
inline constexpr std::size_t simulator_objects_max = 10'000;  // Batches; files; series of attempts.
inline constexpr std::size_t simulator_file_bytes_kept_max = 4 * mib;
inline constexpr std::size_t simulator_read_ahead_bytes_max = 256 * kib;  // While it pauses.
inline constexpr auto simulator_write_stall_max = 600s;
inline constexpr auto simulator_idle_max = 600s;

// The configuration.
inline constexpr std::size_t config_file_bytes_max = mib;
inline constexpr std::size_t config_list_max = 256;  // Values of one option.
inline constexpr std::size_t upstreams_max = 64;
inline constexpr std::size_t tiers_max = 256;

// Prices. They keep the cost of an exchange within 64 bits of nano-dollars, see core/price.cc.
inline constexpr std::int64_t price_usd_max = 1'000;  // Per million tokens, or thousand searches.
inline constexpr std::int32_t price_factor_max = 10;
inline constexpr std::size_t price_rows_max = 1'000;  // Of one origin.
inline constexpr std::size_t price_models_max = 32;   // Of one row.
inline constexpr std::size_t price_model_bytes_max = 47;
inline constexpr std::size_t price_source_characters_max = 500;
inline constexpr int price_changes_tried_max = 20;        // While others change prices, too.
inline constexpr std::size_t reprice_page_rows = 500;     // Read, and corrected in one transaction.
inline constexpr std::size_t reprice_lines_max = 20'000;  // In one call, about.

// Commands that speak to a running relay.
inline constexpr auto local_answer_wait_max = 30s;
inline constexpr std::size_t command_rows_max = 1'000'000;  // That a command holds at once.
inline constexpr std::size_t local_answer_bytes_max = 64 * mib;

// One exchange that waits holds no buffer, so a full house costs its frames; if every one had data
// in hand on both sides at once, buffers would be the cost.
static_assert(exchanges_in_flight_max <= connections_max);
static_assert(exchanges_in_flight_max * 2 * stream_buffer_bytes <= 640 * mib);

// Request bodies are what memory is spent on; their budget must admit the largest that is held.
static_assert(request_bodies_bytes_max >= request_body_bytes_max);
static_assert(stream_idle_timeout > 300s && response_head_timeout >= 600s);
static_assert(burst_gather < burst_gap && burst_gap < 1ms && burst_bytes < stream_buffer_bytes);
static_assert(request_line_bytes_max < request_head_bytes_max);
static_assert(prices_body_bytes_max >= price_rows_max * 8 * kib);
static_assert(key_name_characters_max * 4 * 2 < cursor_bytes_max - 64);
static_assert(postgres_answer_max > postgres_statement_max);

}  // namespace relay::limits
