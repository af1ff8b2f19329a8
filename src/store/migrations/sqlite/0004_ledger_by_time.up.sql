-- The ledger in the order of time, without an index for each way to ask for entries: a row's id is
-- its place, the millisecond in which the exchange began and a number within it.
ALTER TABLE ledger RENAME TO ledger_before;
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
SELECT place, attempt, request, key_id,
       status | (attempts << 16) | (endpoint << 24) | (delivery << 28) | (service_tier << 32) |
       (geo << 36) | (is_stream << 40) | (is_estimated << 41) | (is_unpriced << 42) |
       (is_fast << 43),
       first_byte_ms, duration_ms, held, input, output, cache_write_5m, cache_write_1h, cache_read,
       web_searches, cost, price_version, client, model, served_model, upstream, upstream_request
FROM (SELECT id AS old_id,
             (started << 20) + row_number() OVER (PARTITION BY started ORDER BY id) - 1 AS place
      FROM ledger_before)
     CROSS JOIN ledger_before ON ledger_before.id = old_id
ORDER BY place;
DROP TABLE ledger_before;

-- An attempt is looked for among the first 64 entries of its millisecond, and here. The results of a
-- batch are all of one time, and may be 100,000.
CREATE INDEX ledger_crowded ON ledger (attempt) WHERE (id & 1048575) >= 64;

-- In which moments of 128 ms, id >> 27, there is an entry of a key, a model, a class of cost, or one
-- that did not go as usual.
CREATE TABLE ledger_by_key (
  key_id INTEGER NOT NULL,
  moment INTEGER NOT NULL,
  PRIMARY KEY (key_id, moment)
) STRICT, WITHOUT ROWID;
INSERT INTO ledger_by_key SELECT DISTINCT key_id, id >> 27 FROM ledger ORDER BY 1, 2;

CREATE TABLE ledger_by_model (
  model  TEXT    NOT NULL,  -- As served; as requested if nothing was.
  moment INTEGER NOT NULL,
  PRIMARY KEY (model, moment)
) STRICT, WITHOUT ROWID;
INSERT INTO ledger_by_model
SELECT DISTINCT CASE WHEN served_model = '' THEN model ELSE served_model END, id >> 27 FROM ledger
ORDER BY 1, 2;

CREATE TABLE ledger_by_cost (
  class  INTEGER NOT NULL,  -- How many digits a cost has, and its first two.
  moment INTEGER NOT NULL,
  PRIMARY KEY (class, moment)
) STRICT, WITHOUT ROWID;
INSERT INTO ledger_by_cost
SELECT DISTINCT CASE WHEN cost < 0 THEN 0 ELSE length(cost) * 100 + substr(cost, 1, 2) END, id >> 27
FROM ledger ORDER BY 1, 2;

CREATE TABLE ledger_unusual (
  moment INTEGER PRIMARY KEY
) STRICT;
INSERT INTO ledger_unusual
SELECT DISTINCT id >> 27 FROM ledger
WHERE delivery <> 0 OR status NOT BETWEEN 200 AND 299 OR is_estimated OR is_unpriced ORDER BY 1;

-- Clues to entries by the names of their requests, ours and the upstream's: 8 bytes each, many in a
-- row. They are looked through from end to end, which takes less than to keep them in order.
CREATE TABLE ledger_requests (
  id     INTEGER PRIMARY KEY,
  newest INTEGER NOT NULL,  -- Above all of the clues.
  clues  BLOB    NOT NULL   -- Low byte first.
) STRICT;
INSERT INTO ledger_requests (newest, clues)
SELECT (max(id) | 1048575) + 1, ledger_clues(started, request, upstream_request)
FROM (SELECT id, started, request, upstream_request, row_number() OVER (ORDER BY id) / 1000 AS part
      FROM ledger)
GROUP BY part;
