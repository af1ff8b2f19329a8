-- Times are milliseconds of UTC since 1970. Counts are tokens unless they say otherwise.

CREATE TABLE api_keys (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,  -- Never used again: the ledger refers to it.
  uuid            TEXT    NOT NULL UNIQUE,
  public_id       TEXT    NOT NULL UNIQUE,            -- The 10 digits after "sk-proxy-".
  secret_hash     TEXT    NOT NULL,                   -- bcrypt of base64(SHA-256(key)).
  digest          BLOB    NOT NULL,                   -- HMAC-SHA-256 under the pepper.
  name            TEXT    NOT NULL,
  description     TEXT    NOT NULL,
  token_limit     INTEGER,                            -- NULL: no limit.
  rate_limit_tier TEXT    NOT NULL,                   -- Empty: no limit.
  is_active       INTEGER NOT NULL,
  created_at      INTEGER NOT NULL,
  expires_at      INTEGER,
  deleted_at      INTEGER                             -- Set: no key any more, only a name for the ledger.
) STRICT;

-- One row per attempt, written once. No foreign key: what was used is recorded whether or not its
-- key is known here, because a batch that cannot be stored would hold up all that follow.
CREATE TABLE ledger (
  id               INTEGER PRIMARY KEY,
  attempt          BLOB    NOT NULL UNIQUE,  -- 128 random bits: why nothing is charged twice.
  request          TEXT    NOT NULL,
  key_id           INTEGER NOT NULL,
  endpoint         INTEGER NOT NULL,  -- 0 messages, 1 count_tokens, 2 chat_completions, 3 batches,
                                      -- 4 files, 5 models, 6 other
  delivery         INTEGER NOT NULL,  -- 0 complete, 1 client_gone, 2 upstream_failed, 3 refused,
                                      -- 4 abandoned
  is_stream        INTEGER NOT NULL,
  attempts         INTEGER NOT NULL,
  status           INTEGER NOT NULL,
  first_byte_ms    INTEGER NOT NULL,
  duration_ms      INTEGER NOT NULL,
  started          INTEGER NOT NULL,
  held             INTEGER NOT NULL,
  input            INTEGER NOT NULL,
  output           INTEGER NOT NULL,
  cache_write_5m   INTEGER NOT NULL,
  cache_write_1h   INTEGER NOT NULL,
  cache_read       INTEGER NOT NULL,
  web_searches     INTEGER NOT NULL,  -- Searches.
  is_estimated     INTEGER NOT NULL,
  model            TEXT    NOT NULL,
  served_model     TEXT    NOT NULL,
  upstream         TEXT    NOT NULL,
  upstream_request TEXT    NOT NULL,
  client           BLOB    NOT NULL   -- IPv6 address, 16 bytes; IPv4 in its mapped form.
) STRICT;
CREATE INDEX ledger_by_key ON ledger (key_id, started);

-- What each key was ever charged: the sums of its ledger rows, kept in the same transaction.
CREATE TABLE key_balances (
  key_id             INTEGER PRIMARY KEY,
  requests           INTEGER NOT NULL,  -- Without those that were refused.
  estimated_requests INTEGER NOT NULL,
  input              INTEGER NOT NULL,
  output             INTEGER NOT NULL,
  cache_write_5m     INTEGER NOT NULL,
  cache_write_1h     INTEGER NOT NULL,
  cache_read         INTEGER NOT NULL,
  web_searches       INTEGER NOT NULL
) STRICT;

-- The keys that are not deleted, as the relay reads them.
CREATE VIEW live_keys AS
SELECT id, uuid, public_id, secret_hash, digest, name, description, token_limit, rate_limit_tier,
       is_active, created_at, expires_at,
       coalesce(input + output + cache_write_5m + cache_write_1h + cache_read, 0) AS tokens_used
FROM api_keys LEFT JOIN key_balances ON key_id = id
WHERE deleted_at IS NULL;

-- The same sums by hour, so that old ledger rows may go without changing a total.
CREATE TABLE usage_hourly (
  hour               INTEGER NOT NULL,  -- When it began.
  key_id             INTEGER NOT NULL,
  model              TEXT    NOT NULL,  -- As served; as requested if nothing was.
  delivery           INTEGER NOT NULL,
  requests           INTEGER NOT NULL,
  estimated_requests INTEGER NOT NULL,
  input              INTEGER NOT NULL,
  output             INTEGER NOT NULL,
  cache_write_5m     INTEGER NOT NULL,
  cache_write_1h     INTEGER NOT NULL,
  cache_read         INTEGER NOT NULL,
  web_searches       INTEGER NOT NULL,
  PRIMARY KEY (key_id, hour, model, delivery)
) STRICT, WITHOUT ROWID;

-- How far each journal has been taken in.
CREATE TABLE journal_positions (
  journal  INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
