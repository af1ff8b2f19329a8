DROP TABLE audit;
DROP TABLE admin_tokens;
DROP TABLE tiers;

DROP TABLE usage_daily_all_models;
DROP TABLE usage_daily;
DROP TABLE usage_hourly_all_keys;
ALTER TABLE usage_hourly DROP COLUMN cost;
ALTER TABLE usage_hourly DROP COLUMN unpriced_requests;

DROP VIEW live_keys;
ALTER TABLE key_balances DROP COLUMN last_used;
ALTER TABLE key_balances DROP COLUMN first_used;
ALTER TABLE key_balances DROP COLUMN cost;
ALTER TABLE key_balances DROP COLUMN unpriced_requests;

DROP INDEX ledger_unusual;
DROP INDEX ledger_by_upstream_request;
DROP INDEX ledger_by_request;
DROP INDEX ledger_by_cost;
DROP INDEX ledger_by_model;
DROP INDEX ledger_by_time;
ALTER TABLE ledger DROP COLUMN is_fast;
ALTER TABLE ledger DROP COLUMN geo;
ALTER TABLE ledger DROP COLUMN service_tier;
ALTER TABLE ledger DROP COLUMN is_unpriced;
ALTER TABLE ledger DROP COLUMN price_version;
ALTER TABLE ledger DROP COLUMN cost;

DROP TABLE key_tags;
ALTER TABLE api_keys DROP COLUMN former_valid_until;
ALTER TABLE api_keys DROP COLUMN former_digest;
ALTER TABLE api_keys DROP COLUMN former_secret_hash;
ALTER TABLE api_keys DROP COLUMN former_public_id;
ALTER TABLE api_keys DROP COLUMN hold;
ALTER TABLE api_keys DROP COLUMN on_abort;
ALTER TABLE api_keys DROP COLUMN days_from_first_use;
ALTER TABLE api_keys DROP COLUMN domains;
ALTER TABLE api_keys DROP COLUMN addresses;
ALTER TABLE api_keys DROP COLUMN models;
ALTER TABLE api_keys DROP COLUMN concurrency;
ALTER TABLE api_keys DROP COLUMN cost_limit_month;
ALTER TABLE api_keys DROP COLUMN cost_limit_week;
ALTER TABLE api_keys DROP COLUMN cost_limit_day;
ALTER TABLE api_keys DROP COLUMN cost_limit_5h;
ALTER TABLE api_keys DROP COLUMN cost_limit;
ALTER TABLE api_keys DROP COLUMN token_limit_month;
ALTER TABLE api_keys DROP COLUMN token_limit_week;
ALTER TABLE api_keys DROP COLUMN token_limit_day;
ALTER TABLE api_keys DROP COLUMN token_limit_5h;
ALTER TABLE api_keys DROP COLUMN owner;

-- The keys that are not deleted, as the relay reads them.
CREATE VIEW live_keys AS
SELECT id, uuid, public_id, secret_hash, digest, name, description, token_limit, rate_limit_tier,
       is_active, created_at, expires_at,
       coalesce(input + output + cache_write_5m + cache_write_1h + cache_read, 0) AS tokens_used
FROM api_keys LEFT JOIN key_balances ON key_id = id
WHERE deleted_at IS NULL;
