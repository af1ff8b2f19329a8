-- What is in the rows of the ledger by what can be derived from it: when a row is read, and not, as
-- with columns that are generated, also when it is written. No row is rewritten here: such columns
-- are in none.
ALTER TABLE ledger DROP COLUMN started;
ALTER TABLE ledger DROP COLUMN status;
ALTER TABLE ledger DROP COLUMN attempts;
ALTER TABLE ledger DROP COLUMN endpoint;
ALTER TABLE ledger DROP COLUMN delivery;
ALTER TABLE ledger DROP COLUMN service_tier;
ALTER TABLE ledger DROP COLUMN geo;
ALTER TABLE ledger DROP COLUMN is_stream;
ALTER TABLE ledger DROP COLUMN is_estimated;
ALTER TABLE ledger DROP COLUMN is_unpriced;
ALTER TABLE ledger DROP COLUMN is_fast;
ALTER TABLE ledger RENAME TO ledger_rows;
CREATE VIEW ledger AS
SELECT id, id >> 20 AS started, attempt, request, key_id,
       facts & 65535 AS status,
       (facts >> 16) & 255 AS attempts,
       -- 0 messages, 1 count_tokens, 2 chat_completions, 3 batches, 4 files, 5 models, 6 other,
       -- 7 advisor
       (facts >> 24) & 15 AS endpoint,
       -- 0 complete, 1 client_gone, 2 upstream_failed, 3 refused, 4 abandoned, 5 adjusted
       (facts >> 28) & 15 AS delivery,
       -- 1 standard, 2 priority, 3 batch
       (facts >> 32) & 15 AS service_tier,
       -- 1 global, 2 us, 3 other
       (facts >> 36) & 15 AS geo,
       (facts >> 40) & 1 AS is_stream,
       (facts >> 41) & 1 AS is_estimated,
       (facts >> 42) & 1 AS is_unpriced,
       (facts >> 43) & 1 AS is_fast,
       first_byte_ms, duration_ms, held, input, output, cache_write_5m, cache_write_1h, cache_read,
       web_searches, cost, price_version, client, model, served_model, upstream, upstream_request
FROM ledger_rows;

-- What comes after the first 64 entries of a millisecond, by its attempt: what the index was for, as
-- a table that costs the others nothing.
CREATE TABLE ledger_by_attempt (
  millisecond INTEGER NOT NULL,  -- The id of its first entry.
  attempt     BLOB    NOT NULL,
  PRIMARY KEY (millisecond, attempt)
) STRICT, WITHOUT ROWID;
INSERT INTO ledger_by_attempt
SELECT (id >> 20) << 20, attempt FROM ledger_rows INDEXED BY ledger_crowded
WHERE (id & 1048575) >= 64 ORDER BY 1, 2;
DROP INDEX ledger_crowded;
