-- Whose a batch of messages is, and since when: what its results cost is charged to that key, in that
-- time. Kept at least as long as results can be fetched.
CREATE TABLE batches (
  id     TEXT    PRIMARY KEY,  -- The upstream's.
  key_id BIGINT  NOT NULL,
  since  BIGINT  NOT NULL
);
CREATE INDEX batches_by_time ON batches (since);
