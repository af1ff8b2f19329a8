-- The names are those of the SQLite schema, so that most statements are the same.
-- Times are milliseconds of UTC since 1970. Counts are tokens unless they say otherwise; what is called
-- cost is nano-dollars. Lists are JSON arrays of texts; empty for an empty one.

CREATE TABLE api_keys (
  id                  BIGINT   PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  uuid                TEXT     NOT NULL UNIQUE,
  public_id           TEXT     NOT NULL UNIQUE,  -- The 10 digits after "sk-proxy-".
  secret_hash         TEXT     NOT NULL,         -- bcrypt of base64(SHA-256(key)).
  digest              BYTEA    NOT NULL,         -- HMAC-SHA-256 under the pepper.
  name                TEXT     NOT NULL,
  description         TEXT     NOT NULL,
  owner               TEXT     NOT NULL,
  token_limit         BIGINT,                    -- NULL: no limit.
  token_limit_5h      BIGINT,
  token_limit_day     BIGINT,
  token_limit_week    BIGINT,
  token_limit_month   BIGINT,
  cost_limit          BIGINT,
  cost_limit_5h       BIGINT,
  cost_limit_day      BIGINT,
  cost_limit_week     BIGINT,
  cost_limit_month    BIGINT,
  rate_limit_tier     TEXT     NOT NULL,
  concurrency         BIGINT,
  models              TEXT     NOT NULL,
  addresses           TEXT     NOT NULL,
  domains             TEXT     NOT NULL,
  expires_at          BIGINT,
  days_from_first_use BIGINT,
  on_abort            SMALLINT,                  -- NULL as configured, 0 cancel, 1 drain
  hold                SMALLINT NOT NULL,         -- 0 estimate, 1 strict
  is_active           BOOLEAN  NOT NULL,
  created_at          BIGINT   NOT NULL,
  former_public_id    TEXT,                      -- The secret before the last rotation.
  former_secret_hash  TEXT,
  former_digest       BYTEA,
  former_valid_until  BIGINT,
  deleted_at          BIGINT                     -- Set: no key any more, only a name for the ledger.
);

CREATE TABLE key_tags (
  key_id   BIGINT  NOT NULL,
  position INTEGER NOT NULL,  -- Tags are shown in the order in which they were given.
  tag      TEXT    NOT NULL,
  PRIMARY KEY (key_id, position)
);
CREATE INDEX key_tags_by_tag ON key_tags (tag, key_id);

-- One row per attempt, written once, in a partition for each month of UTC. No foreign key: what was
-- used is recorded whether or not its key is known here, because a batch that cannot be stored would
-- hold up all that follow.
--
-- An attempt is recorded again as it was, so that it is unique together with its time, which the
-- partitions need.
CREATE SEQUENCE ledger_id;
CREATE TABLE ledger (
  id               BIGINT   NOT NULL DEFAULT nextval('ledger_id'),
  attempt          BYTEA    NOT NULL,  -- 128 random bits: why nothing is charged twice.
  request          TEXT     NOT NULL,
  key_id           BIGINT   NOT NULL,
  endpoint         SMALLINT NOT NULL,  -- 0 messages, 1 count_tokens, 2 chat_completions, 3 batches,
                                       -- 4 files, 5 models, 6 other
  delivery         SMALLINT NOT NULL,  -- 0 complete, 1 client_gone, 2 upstream_failed, 3 refused,
                                       -- 4 abandoned, 5 adjusted
  is_stream        BOOLEAN  NOT NULL,
  attempts         SMALLINT NOT NULL,
  status           INTEGER  NOT NULL,
  first_byte_ms    BIGINT   NOT NULL,
  duration_ms      BIGINT   NOT NULL,
  started          BIGINT   NOT NULL,
  held             BIGINT   NOT NULL,
  input            BIGINT   NOT NULL,
  output           BIGINT   NOT NULL,
  cache_write_5m   BIGINT   NOT NULL,
  cache_write_1h   BIGINT   NOT NULL,
  cache_read       BIGINT   NOT NULL,
  web_searches     INTEGER  NOT NULL,  -- Searches.
  is_estimated     BOOLEAN  NOT NULL,
  model            TEXT     NOT NULL,
  served_model     TEXT     NOT NULL,
  upstream         TEXT     NOT NULL,
  upstream_request TEXT     NOT NULL,
  client           BYTEA    NOT NULL,  -- IPv6 address, 16 bytes; IPv4 in its mapped form.
  cost             BIGINT   NOT NULL,
  price_version    BIGINT   NOT NULL,  -- 0: no price was known.
  is_unpriced      BOOLEAN  NOT NULL,
  service_tier     SMALLINT NOT NULL,  -- 1 standard, 2 priority, 3 batch
  geo              SMALLINT NOT NULL,  -- 1 global, 2 us, 3 other
  is_fast          BOOLEAN  NOT NULL,
  UNIQUE (attempt, started)
) PARTITION BY RANGE (started);

-- The ledger is read newest first. Each index serves a way to ask for few rows among many.
CREATE INDEX ledger_by_time ON ledger (started, id);
CREATE INDEX ledger_by_key ON ledger (key_id, started, id);
CREATE INDEX ledger_by_model
    ON ledger ((CASE WHEN served_model = '' THEN model ELSE served_model END), started, id);
CREATE INDEX ledger_by_cost ON ledger (cost);
CREATE INDEX ledger_by_request ON ledger (request);
CREATE INDEX ledger_by_upstream_request ON ledger (upstream_request) WHERE upstream_request <> '';
CREATE INDEX ledger_unusual
    ON ledger (started, id, delivery, status, is_estimated, is_unpriced)
    WHERE delivery <> 0 OR status NOT BETWEEN 200 AND 299 OR is_estimated OR is_unpriced;

-- Makes the partition of the month of UTC in which `moment` lies, if there is none yet.
CREATE FUNCTION make_ledger_month(moment BIGINT) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
  first TIMESTAMP := date_trunc('month', to_timestamp(moment / 1000.0) AT TIME ZONE 'UTC');
  partition TEXT := 'ledger_' || to_char(first, 'YYYY_MM');
BEGIN
  IF to_regclass(partition) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtext(partition));  -- Others may be at it, too.
  IF to_regclass(partition) IS NOT NULL THEN RETURN; END IF;
  -- Attached, not created as a partition: that would wait for all who use the ledger.
  EXECUTE format('CREATE TABLE %I (LIKE ledger INCLUDING DEFAULTS)', partition);
  EXECUTE format('ALTER TABLE ledger ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', partition,
                 (extract(epoch FROM first) * 1000)::BIGINT,
                 (extract(epoch FROM first + INTERVAL '1 month') * 1000)::BIGINT);
END $$;

-- Removes entries that began before `horizon` from the oldest partition that has any: at most
-- `rows_max`, or all of a month that lies wholly before it, whose partition goes. Says how many.
CREATE FUNCTION forget_ledger_entries(horizon BIGINT, rows_max BIGINT) RETURNS BIGINT
LANGUAGE plpgsql AS $$
DECLARE
  oldest BIGINT := (SELECT min(started) FROM ledger);
  first TIMESTAMP := date_trunc('month', to_timestamp(oldest / 1000.0) AT TIME ZONE 'UTC');
  partition TEXT := 'ledger_' || to_char(first, 'YYYY_MM');
  removed BIGINT;
BEGIN
  IF oldest IS NULL OR oldest >= horizon THEN RETURN 0; END IF;
  IF extract(epoch FROM first + INTERVAL '1 month') * 1000 <= horizon THEN
    EXECUTE format('SELECT count(*) FROM %I', partition) INTO removed;
    EXECUTE format('DROP TABLE %I', partition);
  ELSE
    EXECUTE format('DELETE FROM %I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %I '
                   'WHERE started < $1 ORDER BY started LIMIT $2))', partition, partition)
      USING horizon, rows_max;
    GET DIAGNOSTICS removed = ROW_COUNT;
  END IF;
  RETURN removed;
END $$;

-- Sums are changed again and again while their hour lasts: their pages have room for it. What is not
-- of one width comes last, so that the rest is read fast.

-- What each key was ever charged: the sums of its ledger rows, kept in the same transaction.
CREATE TABLE key_balances (
  key_id             BIGINT PRIMARY KEY,
  requests           BIGINT NOT NULL,  -- Without those that were refused.
  estimated_requests BIGINT NOT NULL,
  unpriced_requests  BIGINT NOT NULL,
  input              BIGINT NOT NULL,
  output             BIGINT NOT NULL,
  cache_write_5m     BIGINT NOT NULL,
  cache_write_1h     BIGINT NOT NULL,
  cache_read         BIGINT NOT NULL,
  web_searches       BIGINT NOT NULL,
  cost               BIGINT NOT NULL,
  first_used         BIGINT,
  last_used          BIGINT
) WITH (fillfactor = 70);

-- The keys that are not deleted, as the relay reads them: first the members of a key in their
-- order, then what keys are looked for and sorted by.
CREATE VIEW live_keys AS
SELECT id, uuid, public_id, secret_hash, digest, name, description, owner,
       coalesce((SELECT json_agg(tag ORDER BY position) FROM key_tags
                 WHERE key_tags.key_id = id)::TEXT, '') AS tags,
       token_limit, token_limit_5h, token_limit_day, token_limit_week, token_limit_month,
       cost_limit, cost_limit_5h, cost_limit_day, cost_limit_week, cost_limit_month,
       rate_limit_tier, concurrency, models, addresses, domains, expires_at, days_from_first_use,
       on_abort, hold, is_active, created_at,
       former_public_id, former_secret_hash, former_digest, former_valid_until,
       coalesce(input + output + cache_write_5m + cache_write_1h + cache_read, 0) AS tokens_used,
       coalesce(cost, 0) AS cost_used, first_used, last_used,
       lower(name COLLATE "C") AS folded_name,
       lower((name || chr(10) || owner || chr(10) || description || chr(10) ||
              'sk-proxy-' || public_id) COLLATE "C") AS searched,
       coalesce(last_used, -1) AS last_used_or_never,
       least(coalesce(expires_at, 9223372036854775807),
             coalesce(first_used + least(days_from_first_use, 36500) * 86400000,
                      9223372036854775807)) AS ends_at,
       coalesce(input + output + cache_write_5m + cache_write_1h + cache_read >= token_limit,
                FALSE) OR
       coalesce(cost >= cost_limit, FALSE) AS is_exhausted
FROM api_keys LEFT JOIN key_balances ON key_id = id
WHERE deleted_at IS NULL;

-- The sums by hour, so that old ledger rows may go without changing a total.
CREATE TABLE usage_hourly (
  key_id             BIGINT   NOT NULL,
  hour               BIGINT   NOT NULL,  -- When it began.
  requests           BIGINT NOT NULL,
  estimated_requests BIGINT NOT NULL,
  unpriced_requests  BIGINT NOT NULL,
  input              BIGINT NOT NULL,
  output             BIGINT NOT NULL,
  cache_write_5m     BIGINT NOT NULL,
  cache_write_1h     BIGINT NOT NULL,
  cache_read         BIGINT NOT NULL,
  web_searches       BIGINT NOT NULL,
  cost               BIGINT NOT NULL,
  delivery           SMALLINT NOT NULL,
  model              TEXT     NOT NULL,  -- As served; as requested if nothing was.
  PRIMARY KEY (key_id, hour, model, delivery)
) WITH (fillfactor = 70);

CREATE INDEX usage_hourly_by_hour ON usage_hourly (hour);

-- The same sums once more: over all keys, for who asks how things go, and by day, for who asks which
-- keys cost what in a month.
CREATE TABLE usage_hourly_all_keys (
  hour               BIGINT   NOT NULL,
  requests           BIGINT NOT NULL,
  estimated_requests BIGINT NOT NULL,
  unpriced_requests  BIGINT NOT NULL,
  input              BIGINT NOT NULL,
  output             BIGINT NOT NULL,
  cache_write_5m     BIGINT NOT NULL,
  cache_write_1h     BIGINT NOT NULL,
  cache_read         BIGINT NOT NULL,
  web_searches       BIGINT NOT NULL,
  cost               BIGINT NOT NULL,
  delivery           SMALLINT NOT NULL,
  model              TEXT     NOT NULL,
  PRIMARY KEY (hour, model, delivery)
) WITH (fillfactor = 70);
CREATE TABLE usage_daily (
  key_id             BIGINT   NOT NULL,
  day                BIGINT   NOT NULL,  -- When it began, in UTC.
  requests           BIGINT NOT NULL,
  estimated_requests BIGINT NOT NULL,
  unpriced_requests  BIGINT NOT NULL,
  input              BIGINT NOT NULL,
  output             BIGINT NOT NULL,
  cache_write_5m     BIGINT NOT NULL,
  cache_write_1h     BIGINT NOT NULL,
  cache_read         BIGINT NOT NULL,
  web_searches       BIGINT NOT NULL,
  cost               BIGINT NOT NULL,
  delivery           SMALLINT NOT NULL,
  model              TEXT     NOT NULL,
  PRIMARY KEY (key_id, day, model, delivery)
) WITH (fillfactor = 70);
CREATE TABLE usage_daily_all_models (
  key_id             BIGINT   NOT NULL,
  day                BIGINT   NOT NULL,
  refused            BIGINT NOT NULL,  -- Of the requests.
  requests           BIGINT NOT NULL,
  estimated_requests BIGINT NOT NULL,
  unpriced_requests  BIGINT NOT NULL,
  input              BIGINT NOT NULL,
  output             BIGINT NOT NULL,
  cache_write_5m     BIGINT NOT NULL,
  cache_write_1h     BIGINT NOT NULL,
  cache_read         BIGINT NOT NULL,
  web_searches       BIGINT NOT NULL,
  cost               BIGINT NOT NULL,
  PRIMARY KEY (key_id, day)
) WITH (fillfactor = 70);

-- How far each journal has been taken in.
CREATE TABLE journal_positions (
  journal  BIGINT PRIMARY KEY,
  sequence BIGINT NOT NULL
);

CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE tiers (
  name                  TEXT    COLLATE "C" PRIMARY KEY,
  requests              BIGINT  NOT NULL,  -- In a period. 0: no limit.
  period_ms             BIGINT  NOT NULL,
  tokens_per_minute     BIGINT  NOT NULL,
  count_tokens_requests BIGINT  NOT NULL,
  is_configured         BOOLEAN NOT NULL
);

CREATE TABLE admin_tokens (
  id           BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  uuid         TEXT   NOT NULL UNIQUE,
  name         TEXT   NOT NULL,
  digest       BYTEA  NOT NULL,  -- HMAC-SHA-256 under the pepper.
  created_at   BIGINT NOT NULL,
  expires_at   BIGINT,
  last_used_at BIGINT
);

-- One row for each change that an operator made, written with the change.
CREATE TABLE audit (
  id     BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  at     BIGINT NOT NULL,
  actor  TEXT   NOT NULL,
  client BYTEA  NOT NULL,
  action TEXT   NOT NULL,
  object TEXT   NOT NULL,
  name   TEXT   NOT NULL,
  before TEXT   NOT NULL,  -- JSON without secrets.
  after  TEXT   NOT NULL
);
CREATE INDEX audit_by_object ON audit (object, id);

-- Other relays on this database hear of what operators change.
CREATE FUNCTION tell_of_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('relay_station', TG_TABLE_NAME);
  RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_change();
CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON tiers
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_change();
CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON admin_tokens
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_change();
CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON settings
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_change();
