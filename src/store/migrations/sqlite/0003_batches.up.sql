-- Whose a batch of messages is, and since when: what its results cost is charged to that key, in that
-- time. Kept at least as long as results can be fetched.
CREATE TABLE batches (
  id     TEXT    PRIMARY KEY,  -- The upstream's.
  key_id INTEGER NOT NULL,
  since  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX batches_by_time ON batches (since);
