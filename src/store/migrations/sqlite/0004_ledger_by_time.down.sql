DROP TABLE ledger_requests;
DROP TABLE ledger_unusual;
DROP TABLE ledger_by_cost;
DROP TABLE ledger_by_model;
DROP TABLE ledger_by_key;

ALTER TABLE ledger RENAME TO ledger_after;
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
ALTER TABLE ledger ADD COLUMN cost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN price_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN is_unpriced INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN service_tier INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN geo INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN is_fast INTEGER NOT NULL DEFAULT 0;
INSERT INTO ledger (attempt, request, key_id, endpoint, delivery, is_stream, attempts, status,
                    first_byte_ms, duration_ms, started, held, input, output, cache_write_5m,
                    cache_write_1h, cache_read, web_searches, is_estimated, model, served_model,
                    upstream, upstream_request, client, cost, price_version, is_unpriced,
                    service_tier, geo, is_fast)
SELECT attempt, request, key_id, endpoint, delivery, is_stream, attempts, status,
       first_byte_ms, duration_ms, started, held, input, output, cache_write_5m,
       cache_write_1h, cache_read, web_searches, is_estimated, model, served_model,
       upstream, upstream_request, client, cost, price_version, is_unpriced,
       service_tier, geo, is_fast
FROM ledger_after ORDER BY id;
DROP TABLE ledger_after;
CREATE INDEX ledger_by_key ON ledger (key_id, started);
CREATE INDEX ledger_by_time ON ledger (started);
CREATE INDEX ledger_by_model
    ON ledger (CASE WHEN served_model = '' THEN model ELSE served_model END, started);
CREATE INDEX ledger_by_cost ON ledger (cost);
CREATE INDEX ledger_by_request ON ledger (request);
CREATE INDEX ledger_by_upstream_request ON ledger (upstream_request) WHERE upstream_request <> '';
CREATE INDEX ledger_unusual ON ledger (started)
    WHERE delivery <> 0 OR status NOT BETWEEN 200 AND 299 OR is_estimated OR is_unpriced;
