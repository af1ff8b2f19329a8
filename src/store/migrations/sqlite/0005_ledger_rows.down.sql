DROP TABLE ledger_by_attempt;
DROP VIEW ledger;
CREATE TABLE ledger (
  id               INTEGER PRIMARY KEY,
  started          INTEGER GENERATED ALWAYS AS (id >> 20) VIRTUAL,
  attempt          BLOB    NOT NULL,
  request          TEXT    NOT NULL,
  key_id           INTEGER NOT NULL,
  facts            INTEGER NOT NULL,  -- What takes a few bits each.
  status           INTEGER GENERATED ALWAYS AS (facts & 65535) VIRTUAL,
  attempts         INTEGER GENERATED ALWAYS AS ((facts >> 16) & 255) VIRTUAL,
  -- 0 messages, 1 count_tokens, 2 chat_completions, 3 batches, 4 files, 5 models, 6 other
  endpoint         INTEGER GENERATED ALWAYS AS ((facts >> 24) & 15) VIRTUAL,
  -- 0 complete, 1 client_gone, 2 upstream_failed, 3 refused, 4 abandoned, 5 adjusted
  delivery         INTEGER GENERATED ALWAYS AS ((facts >> 28) & 15) VIRTUAL,
  -- 1 standard, 2 priority, 3 batch
  service_tier     INTEGER GENERATED ALWAYS AS ((facts >> 32) & 15) VIRTUAL,
  -- 1 global, 2 us, 3 other
  geo              INTEGER GENERATED ALWAYS AS ((facts >> 36) & 15) VIRTUAL,
  is_stream        INTEGER GENERATED ALWAYS AS ((facts >> 40) & 1) VIRTUAL,
  is_estimated     INTEGER GENERATED ALWAYS AS ((facts >> 41) & 1) VIRTUAL,
  is_unpriced      INTEGER GENERATED ALWAYS AS ((facts >> 42) & 1) VIRTUAL,
  is_fast          INTEGER GENERATED ALWAYS AS ((facts >> 43) & 1) VIRTUAL,
  first_byte_ms    INTEGER NOT NULL,
  duration_ms      INTEGER NOT NULL,
  held             INTEGER NOT NULL,
  input            INTEGER NOT NULL,
  output           INTEGER NOT NULL,
  cache_write_5m   INTEGER NOT NULL,
  cache_write_1h   INTEGER NOT NULL,
  cache_read       INTEGER NOT NULL,
  web_searches     INTEGER NOT NULL,  -- Searches.
  cost             INTEGER NOT NULL,
  price_version    INTEGER NOT NULL,  -- 0: no price was known.
  client           BLOB    NOT NULL,  -- IPv6 address, 16 bytes; IPv4 in its mapped form.
  model            TEXT    NOT NULL,
  served_model     TEXT    NOT NULL,
  upstream         TEXT    NOT NULL,
  upstream_request TEXT    NOT NULL
) STRICT;
INSERT INTO ledger (id, attempt, request, key_id, facts, first_byte_ms, duration_ms, held, input,
                    output, cache_write_5m, cache_write_1h, cache_read, web_searches, cost,
                    price_version, client, model, served_model, upstream, upstream_request)
SELECT * FROM ledger_rows ORDER BY id;
DROP TABLE ledger_rows;
CREATE INDEX ledger_crowded ON ledger (attempt) WHERE (id & 1048575) >= 64;
