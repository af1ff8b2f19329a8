-- All that a key may be granted. Lists are JSON arrays of texts; empty for an empty one.
ALTER TABLE api_keys ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN token_limit_5h INTEGER;
ALTER TABLE api_keys ADD COLUMN token_limit_day INTEGER;
ALTER TABLE api_keys ADD COLUMN token_limit_week INTEGER;
ALTER TABLE api_keys ADD COLUMN token_limit_month INTEGER;
ALTER TABLE api_keys ADD COLUMN cost_limit INTEGER;  -- Nano-dollars, like all that is called cost.
ALTER TABLE api_keys ADD COLUMN cost_limit_5h INTEGER;
ALTER TABLE api_keys ADD COLUMN cost_limit_day INTEGER;
ALTER TABLE api_keys ADD COLUMN cost_limit_week INTEGER;
ALTER TABLE api_keys ADD COLUMN cost_limit_month INTEGER;
ALTER TABLE api_keys ADD COLUMN concurrency INTEGER;
ALTER TABLE api_keys ADD COLUMN models TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN addresses TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN domains TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN days_from_first_use INTEGER;
ALTER TABLE api_keys ADD COLUMN on_abort INTEGER;  -- NULL as configured, 0 cancel, 1 drain
ALTER TABLE api_keys ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;  -- 0 estimate, 1 strict
ALTER TABLE api_keys ADD COLUMN former_public_id TEXT;  -- The secret before the last rotation.
ALTER TABLE api_keys ADD COLUMN former_secret_hash TEXT;
ALTER TABLE api_keys ADD COLUMN former_digest BLOB;
ALTER TABLE api_keys ADD COLUMN former_valid_until INTEGER;

CREATE TABLE key_tags (
  key_id   INTEGER NOT NULL,
  position INTEGER NOT NULL,  -- Tags are shown in the order in which they were given.
  tag      TEXT    NOT NULL,
  PRIMARY KEY (key_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX key_tags_by_tag ON key_tags (tag, key_id);

-- What an exchange costs, and what that was reckoned from.
ALTER TABLE ledger ADD COLUMN cost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN price_version INTEGER NOT NULL DEFAULT 0;  -- 0: no price was known.
ALTER TABLE ledger ADD COLUMN is_unpriced INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN service_tier INTEGER NOT NULL DEFAULT 0;  -- 1 standard, 2 priority, 3 batch
ALTER TABLE ledger ADD COLUMN geo INTEGER NOT NULL DEFAULT 0;  -- 1 global, 2 us, 3 other
ALTER TABLE ledger ADD COLUMN is_fast INTEGER NOT NULL DEFAULT 0;

-- The ledger is read newest first. Each index serves a way to ask for few rows among many.
CREATE INDEX ledger_by_time ON ledger (started);
CREATE INDEX ledger_by_model
    ON ledger (CASE WHEN served_model = '' THEN model ELSE served_model END, started);
CREATE INDEX ledger_by_cost ON ledger (cost);
CREATE INDEX ledger_by_request ON ledger (request);
CREATE INDEX ledger_by_upstream_request ON ledger (upstream_request) WHERE upstream_request <> '';
CREATE INDEX ledger_unusual ON ledger (started)
    WHERE delivery <> 0 OR status NOT BETWEEN 200 AND 299 OR is_estimated OR is_unpriced;

ALTER TABLE key_balances ADD COLUMN unpriced_requests INTEGER NOT NULL DEFAULT 0;
ALTER TABLE key_balances ADD COLUMN cost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE key_balances ADD COLUMN first_used INTEGER;
ALTER TABLE key_balances ADD COLUMN last_used INTEGER;
UPDATE key_balances SET
  first_used = (SELECT min(started) FROM ledger WHERE ledger.key_id = key_balances.key_id),
  last_used  = (SELECT max(started) FROM ledger WHERE ledger.key_id = key_balances.key_id);

DROP VIEW live_keys;
-- The keys that are not deleted, as the relay reads them: first the members of a key in their
-- order, then what keys are looked for and sorted by.
CREATE VIEW live_keys AS
SELECT id, uuid, public_id, secret_hash, digest, name, description, owner,
       coalesce((SELECT json_group_array(tag) FROM
                 (SELECT tag FROM key_tags WHERE key_id = id ORDER BY position)), '') AS tags,
       token_limit, token_limit_5h, token_limit_day, token_limit_week, token_limit_month,
       cost_limit, cost_limit_5h, cost_limit_day, cost_limit_week, cost_limit_month,
       rate_limit_tier, concurrency, models, addresses, domains, expires_at, days_from_first_use,
       on_abort, hold, is_active, created_at,
       former_public_id, former_secret_hash, former_digest, former_valid_until,
       coalesce(input + output + cache_write_5m + cache_write_1h + cache_read, 0) AS tokens_used,
       coalesce(cost, 0) AS cost_used, first_used, last_used,
       lower(name) AS folded_name,
       lower(name || char(10) || owner || char(10) || description || char(10) ||
             'sk-proxy-' || public_id) AS searched,
       coalesce(last_used, -1) AS last_used_or_never,
       min(coalesce(expires_at, 9223372036854775807),
           coalesce(first_used + min(days_from_first_use, 36500) * 86400000,
                    9223372036854775807)) AS ends_at,
       coalesce(input + output + cache_write_5m + cache_write_1h + cache_read >= token_limit, 0) OR
       coalesce(cost >= cost_limit, 0) AS is_exhausted
FROM api_keys LEFT JOIN key_balances ON key_id = id
WHERE deleted_at IS NULL;

ALTER TABLE usage_hourly ADD COLUMN unpriced_requests INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_hourly ADD COLUMN cost INTEGER NOT NULL DEFAULT 0;

-- The same sums once more: over all keys, for who asks how things go, and by day, for who asks which
-- keys cost what in a month.
CREATE TABLE usage_hourly_all_keys (
  hour               INTEGER NOT NULL,
  model              TEXT    NOT NULL,
  delivery           INTEGER NOT NULL,
  requests           INTEGER NOT NULL,
  estimated_requests INTEGER NOT NULL,
  unpriced_requests  INTEGER NOT NULL,
  input              INTEGER NOT NULL,
  output             INTEGER NOT NULL,
  cache_write_5m     INTEGER NOT NULL,
  cache_write_1h     INTEGER NOT NULL,
  cache_read         INTEGER NOT NULL,
  web_searches       INTEGER NOT NULL,
  cost               INTEGER NOT NULL,
  PRIMARY KEY (hour, model, delivery)
) STRICT, WITHOUT ROWID;
INSERT INTO usage_hourly_all_keys
SELECT hour, model, delivery,
       sum(requests), sum(estimated_requests), sum(unpriced_requests), sum(input), sum(output),
       sum(cache_write_5m), sum(cache_write_1h), sum(cache_read), sum(web_searches), sum(cost)
FROM usage_hourly GROUP BY hour, model, delivery;

CREATE TABLE usage_daily (
  key_id             INTEGER NOT NULL,
  day                INTEGER NOT NULL,  -- When it began, in UTC.
  model              TEXT    NOT NULL,
  delivery           INTEGER NOT NULL,
  requests           INTEGER NOT NULL,
  estimated_requests INTEGER NOT NULL,
  unpriced_requests  INTEGER NOT NULL,
  input              INTEGER NOT NULL,
  output             INTEGER NOT NULL,
  cache_write_5m     INTEGER NOT NULL,
  cache_write_1h     INTEGER NOT NULL,
  cache_read         INTEGER NOT NULL,
  web_searches       INTEGER NOT NULL,
  cost               INTEGER NOT NULL,
  PRIMARY KEY (key_id, day, model, delivery)
) STRICT, WITHOUT ROWID;
INSERT INTO usage_daily
SELECT key_id, hour - hour % 86400000 AS day, model, delivery,
       sum(requests), sum(estimated_requests), sum(unpriced_requests), sum(input), sum(output),
       sum(cache_write_5m), sum(cache_write_1h), sum(cache_read), sum(web_searches), sum(cost)
FROM usage_hourly GROUP BY key_id, day, model, delivery;
CREATE TABLE usage_daily_all_models (
  key_id             INTEGER NOT NULL,
  day                INTEGER NOT NULL,
  refused            INTEGER NOT NULL,  -- Of the requests.
  requests           INTEGER NOT NULL,
  estimated_requests INTEGER NOT NULL,
  unpriced_requests  INTEGER NOT NULL,
  input              INTEGER NOT NULL,
  output             INTEGER NOT NULL,
  cache_write_5m     INTEGER NOT NULL,
  cache_write_1h     INTEGER NOT NULL,
  cache_read         INTEGER NOT NULL,
  web_searches       INTEGER NOT NULL,
  cost               INTEGER NOT NULL,
  PRIMARY KEY (key_id, day)
) STRICT, WITHOUT ROWID;
INSERT INTO usage_daily_all_models
SELECT key_id, day, sum(CASE WHEN delivery = 3 THEN requests ELSE 0 END),
       sum(requests), sum(estimated_requests), sum(unpriced_requests), sum(input), sum(output),
       sum(cache_write_5m), sum(cache_write_1h), sum(cache_read), sum(web_searches), sum(cost)
FROM usage_daily GROUP BY key_id, day;

CREATE TABLE tiers (
  name                  TEXT    PRIMARY KEY,
  requests              INTEGER NOT NULL,  -- In a period. 0: no limit.
  period_ms             INTEGER NOT NULL,
  tokens_per_minute     INTEGER NOT NULL,
  count_tokens_requests INTEGER NOT NULL,
  is_configured         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE admin_tokens (
  id           INTEGER PRIMARY KEY,
  uuid         TEXT    NOT NULL UNIQUE,
  name         TEXT    NOT NULL,
  digest       BLOB    NOT NULL,  -- HMAC-SHA-256 under the pepper.
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  last_used_at INTEGER
) STRICT;

-- One row for each change that an operator made, written with the change.
CREATE TABLE audit (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  actor   TEXT    NOT NULL,
  client  BLOB    NOT NULL,
  action  TEXT    NOT NULL,
  object  TEXT    NOT NULL,
  name    TEXT    NOT NULL,
  before  TEXT    NOT NULL,  -- JSON without secrets.
  after   TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_by_object ON audit (object, id);
